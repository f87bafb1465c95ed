"""Postcodes of Halifax, London WC and Shetland as ONS published them in November 2021, and two editions' headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.targets.postcode_counts import groups_with_counts
from app.targets.postcodes import find
from tests.realdata.conftest import Flask
from tests.web.site import Site

pytestmark = pytest.mark.realdata

ABOUT = ("--source", "ONS NSPL", "--as-of", "2021-11-01", "--licence", "OGL-UK-3.0")


@pytest.fixture
def import_nspl(flask: Flask, real_data: Path) -> Callable[[], str]:
    """Import the three files as one edition, with the names of its time; what the command prints."""
    folder = real_data / "postcodes"
    names = [folder / "postcodesio" / name for name in ("wards_2021-22.json", "districts.json")]

    def run() -> str:
        files = sorted((folder / "nspl_nov2021").glob("*.csv"))
        return flask("postcodes", "import", *files, "--names", names[0], "--names", names[1], *ABOUT)

    return run


def areas(site: Site, postcode: str) -> dict[str, str]:
    """The names of a postcode's areas by their kind."""
    with site.platform.sessions.read() as session:
        found = find(session, postcode)
    assert found is not None
    return {area.kind: area.name for area in found.areas}


def test_three_postcode_areas_are_loaded_and_found_by_the_names_of_their_wards(
    flask: Flask, import_nspl: Callable[[], str], site: Site
) -> None:
    flask("prepare")
    said = import_nspl()
    assert "postcodes: 15649 added, 0 changed, 0 removed, 0 unchanged, 0 rejected" in said
    assert "areas whose names nobody told; give --names FILE: 10\n" in said, "constituencies of before 2024"
    assert "cannot be understood" not in said
    assert areas(site, "HX1 1AA") == {"ward": "Town", "council": "Calderdale", "constituency": "E14000723"}
    assert areas(site, "WC1A 1AB") == {
        "ward": "Holborn and Covent Garden",
        "council": "Camden",
        "constituency": "E14000750",
    }
    assert areas(site, "ZE1 0AA")["ward"] == "Lerwick North"
    with site.platform.sessions.read() as session:
        ended = find(session, "HX1 1AB")
        live = sum(group.live for group in groups_with_counts(session))
    assert ended is not None
    assert ended.terminated
    assert live == 15_649 - 6_712 + 67, "those of the invented places too"
    before = site.everything()
    assert "postcodes: 0 added, 0 changed, 0 removed, 15649 unchanged, 0 rejected" in import_nspl()
    assert site.everything() == before


def test_both_generations_of_headers_of_the_directory_are_read(flask: Flask, real_data: Path, site: Site) -> None:
    flask("prepare")
    folder = real_data / "postcodes" / "headers"
    for year, name in (("2018", "onspd_may2018__onspd_test.csv"), ("2025", "onspd_nov2025__onspd_test.csv")):
        said = flask("postcodes", "import", folder / name, "--source-name", f"onspd-{year}", *ABOUT)
        assert "postcodes: 4 added" in said
    assert areas(site, "AL1 1AA") == {
        "ward": "E05004803",
        "division": "E58000666",
        "council": "E07000240",
        "county": "E10000015",
        "constituency": "E14000960",
    }
    assert areas(site, "AB1 0AA") == {"ward": "S13002843", "council": "S12000033", "constituency": "S14000061"}

"""`flask postcodes` and `flask areas` on small files in the form of ONS."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import Platform
from tests.cli.conftest import Run, unchanged

ABOUT = ("--source", "Invented for a test", "--as-of", "2026-11-01", "--licence", "CC0-1.0")
COUNCIL = ("--council-code", "Z09000001", "--council-name", "Zedmere")
HEADER = "pcds,doterm,lad26cd,wd26cd\n"
ROWS = "ZZ1 1AA,,Z09000001,Z05000001\nZZ1 1AB,202001,Z09000001,Z05000001\nZZ1 1AD,,L99999999,L99999999\n"
NAMES = "WD26CD,WD26NM,LAD26CD,LAD26NM\nZ05000001,Canalside,Z09000001,Zedmere\n"


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    path = tmp_path / "edition.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return path


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.csv"
    path.write_text(NAMES, encoding="utf-8")
    return path


def test_an_edition_is_loaded_looked_up_and_listed(flask: Run, edition: Path, names: Path) -> None:
    done = flask("postcodes", "import", str(edition), "--names", str(names), *ABOUT)
    assert done.exit_code == 0
    assert "format: ons" in done.output
    assert "areas: 2 added, 0 changed, 0 unchanged" in done.output
    assert "postcodes: 3 added, 0 changed, 0 removed, 0 unchanged, 0 rejected" in done.output
    assert flask("postcodes", "look-up", "zz11aa").output.splitlines() == [
        "ZZ1 1AA: in use",
        "  council: Zedmere (Z09000001)",
        "  ward: Canalside (Z05000001)",
        "  known from: ons, as of 2026-11-01",
    ]
    assert flask("postcodes", "look-up", "ZZ1", "1AB").output.startswith("ZZ1 1AB: terminated\n  council: Zedmere")
    assert "ZZ1 1AD: in use\n  in no area of ours\n" in flask("postcodes", "look-up", "ZZ1 1AD").output
    listed = flask("postcodes", "list").output
    assert "ons: 3 postcodes (1 terminated), " in listed
    assert " bytes, as of 2026-11-01; Invented for a test, CC0-1.0\n" in listed


def test_a_postcode_that_nobody_knows_and_what_is_none_end_with_a_failure(flask: Run) -> None:
    unknown, none = flask("postcodes", "look-up", "ZZ9 9ZZ"), flask("postcodes", "look-up", "nowhere")
    assert (unknown.exit_code, unknown.output) == (1, "ZZ9 9ZZ: unknown\n")
    assert none.exit_code == 1
    assert "This has not the form" in none.stderr


def test_areas_without_a_name_are_told_and_named_later(flask: Run, edition: Path, names: Path) -> None:
    done = flask("postcodes", "import", str(edition), *ABOUT)
    assert "areas whose names nobody told; give --names FILE: 2\n  Z05000001\n  Z09000001\n" in done.output
    named = flask("areas", "import", str(names))
    assert "areas: 0 added, 2 changed, 0 unchanged" in named.output
    again = flask("postcodes", "import", str(edition), *ABOUT)
    assert "areas: 0 added, 0 changed, 2 unchanged" in again.output, "a name that is known stays"
    assert "areas whose names" not in again.output


def test_names_that_cannot_be_read_are_refused(flask: Run, platform: Platform, edition: Path) -> None:
    with unchanged(platform):
        done = flask("areas", "import", str(edition))
    assert done.exit_code == 1
    assert "Error: edition.csv is no list of codes and names" in done.stderr


def test_wards_that_get_codes_and_wards_that_are_no_more_are_told(
    flask: Run, edition: Path, names: Path, tmp_path: Path
) -> None:
    wards = tmp_path / "wards.csv"
    wards.write_text("Postcode,Ward\nZZ1 1AA,Canalside\n", encoding="utf-8")
    assert "format: wards" in flask("postcodes", "import", str(wards), *COUNCIL, *ABOUT).output
    coded = flask("postcodes", "import", str(edition), "--names", str(names), *ABOUT)
    assert "  Canalside: Z09000001:canalside is Z05000001, with its 0 targets\n" in coded.output
    edition.write_text(HEADER + ROWS.replace("Z05000001", "Z05000009"), encoding="utf-8")
    anew = flask("postcodes", "import", str(edition), *ABOUT)
    assert "wards that are no more: 1\n  Canalside (Z05000001)\n" in anew.output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--format", "wards"), "Missing option '--council-code'"),
        (("--council-code", "Z09000001"), "has no council 'Z09000001': say its name with --council-name"),
    ],
)
def test_a_file_of_ward_names_needs_its_council(
    flask: Run, platform: Platform, edition: Path, arguments: tuple[str, ...], why: str
) -> None:
    with unchanged(platform):
        done = flask("postcodes", "import", str(edition), *arguments, *ABOUT)
    assert done.exit_code != 0
    assert why in done.stderr


def test_files_of_ward_names_come_one_by_one(flask: Run, edition: Path, names: Path) -> None:
    done = flask("postcodes", "import", str(edition), str(names), *COUNCIL, *ABOUT)
    assert done.exit_code == 2
    assert "one by one" in done.stderr


def test_codes_that_nobody_understands_are_told(flask: Run, edition: Path) -> None:
    edition.write_text(f"{HEADER}ZZ1 1AA,,00BL,00BLFA\n", encoding="utf-8")
    done = flask("postcodes", "import", str(edition), *ABOUT)
    assert "codes that cannot be understood, taken as no area: 2\n  00BL\n  00BLFA\n" in done.output

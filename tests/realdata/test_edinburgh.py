"""Edinburgh as published early in 2023, from the files to the letters.

The people are real holders of office: their letters are files in the test's folder and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.targets.models import Area, AreaKind, Target
from app.targets.postcode_models import PostcodeSource
from tests.realdata.conftest import Flask
from tests.web.site import Site

pytestmark = pytest.mark.realdata

COUNCIL = ("--council-code", "S12000036", "--council-name", "City of Edinburgh")
PROVENANCE = ("--source", "edinburgh-councillors", "--as-of", "2023-02-01", "--licence", "MIT")
EMAIL = "alice@supporter.example"

Import = Callable[[], tuple[str, str]]


@pytest.fixture
def import_edinburgh(flask: Flask, real_data: Path) -> Import:
    """Import the councillors and the postcodes; what the two commands print."""
    folder = real_data / "councillors" / "edinburgh"

    def run() -> tuple[str, str]:
        return (
            flask("targets", "import", folder / "councillors.json", *COUNCIL, *PROVENANCE),
            flask("postcodes", "import", folder / "postcodes.csv", *COUNCIL, *PROVENANCE),
        )

    return run


def rows(site: Site) -> dict[str, int]:
    """How much of Edinburgh is stored."""
    wards = select(Area.id).where(Area.kind == AreaKind.WARD, Area.code.startswith("S12000036"))
    with site.platform.sessions.read() as session:
        return {
            "councillors": session.scalar(select(func.count(Target.id)).where(Target.area_id.in_(wards))) or 0,
            "wards": len(session.scalars(wards).all()),
            "postcodes": session.scalar(select(func.sum(PostcodeSource.live))) or 0,
        }


def all_that_is_said(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the audit, which tells of each import, and when the source was read last."""
    everything = {table: told for table, told in site.everything().items() if table != "audit_entry"}
    place = list(Target.__table__.columns.keys()).index("fetched_at")
    return everything | {"target": [(*row[:place], *row[place + 1 :]) for row in everything["target"]]}


def test_edinburgh_is_imported_once_and_its_city_centre_can_be_written_to(
    flask: Flask, import_edinburgh: Import, site: Site
) -> None:
    flask("prepare")
    invented = rows(site)["postcodes"]
    people, codes = import_edinburgh()
    assert "councillors-s12000036: 63 added, 0 changed, 0 archived, 0 unchanged, 0 rejected" in people
    assert "postcodes: 19298 added, 0 changed, 0 removed, 0 unchanged, 0 rejected" in codes
    assert rows(site) == {
        "councillors": 63,
        "wards": 17,
        "postcodes": 19_298 + invented,
    }

    before = all_that_is_said(site)
    people, codes = import_edinburgh()
    assert "councillors-s12000036: 0 added, 0 changed, 0 archived, 63 unchanged, 0 rejected" in people
    assert "postcodes: 0 added, 0 changed, 0 removed, 19298 unchanged, 0 rejected" in codes
    assert all_that_is_said(site) == before

    alice = site.visitor()
    alice.open("/c/abolish-reporting")
    page = alice.press("Find my councillors", postcode="eh1 1ad")
    names = [item.all("strong")[0].text for item in page.by_id("recipients").parent.all("li")]
    assert len(names) == 4
    alice.press("Read it as they will", name="Alice Example", email=EMAIL, own_words="I live on the Royal Mile.")
    alice.press("E-mail me the link to send it")
    alice.open(site.delivered_link())
    alice.press("Send to 4 councillors")
    letters = [mail for mail in site.deliver() if parseaddr(mail.reply_to)[1] == EMAIL]
    assert sorted(parseaddr(letter.to)[0] for letter in letters) == sorted(names)
    for letter in letters:
        name, address = parseaddr(letter.to)
        assert address.endswith("@edinburgh.gov.uk")
        assert letter.text.startswith(f"Dear Cllr {name.split()[-1]},\n\nI live on the Royal Mile.\n\n")
        assert "I live in City Centre (City of Edinburgh)" in letter.text
        assert "EH1 1AD" in letter.text
    assert "Handed over" in alice.open(alice.address).text

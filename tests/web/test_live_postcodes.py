"""A postcode that only a service on the network knows: its visitor finds their councillors all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.targets.importers.parsed import Parsed, Place
from app.targets.models import AreaKind
from app.targets.records import Council
from tests.atlas.service import Say, Service, Silence, open_service
from tests.targets.examples import ALICE_ROW, load
from tests.web.site import Site
from tests.web.test_whom import UNKNOWN, readers
from tests.web.ways import WARD

TOWN = {"admin_ward": "E05001386", "admin_district": "E08000033"}
NAMES = {"admin_ward": "Town", "admin_district": "Calderdale"}


@pytest.fixture
def service() -> Iterator[Service]:
    with open_service() as service:
        service.answer = lambda _: Say({"status": 200, "result": [{"result": {**NAMES, "codes": TOWN}}]})
        yield service


@pytest.fixture
def site(make_site: Callable[..., Site], service: Service) -> Site:
    """A site that asks the service, with a councillor of a ward that is known by its name."""
    site = make_site(POSTCODE_LOOKUP="postcodesio", POSTCODE_LOOKUP_URL=service.url)
    row = replace(ALICE_ROW, place=Place(AreaKind.WARD, "Town"))
    council = Council("E08000033", "Calderdale")
    with site.platform.sessions.write() as session:
        load(session, site.clock(), Parsed((row,)), council=council)
    return site


def test_a_postcode_that_our_table_lacks_leads_to_its_councillors(site: Site, service: Service) -> None:
    visitor = site.visitor()
    visitor.open(f"/c/{WARD.slug}")
    visitor.press("Find my councillors", postcode="hx1 1aa")
    assert readers(visitor) == ("Alice Sample",)
    visitor.press("Read it as they will", name="Bob Verde", email="bob@supporter.example", own_words="I live here.")
    assert len(service.questions) == 1, "the later steps ask nobody"


def test_an_invented_postcode_is_told_to_nobody(site: Site, service: Service) -> None:
    visitor = site.visitor()
    visitor.open(f"/c/{WARD.slug}")
    visitor.press("Find my councillors", postcode="ZZ1 1AA")
    assert len(readers(visitor)) == 3
    assert service.questions == []


def test_a_service_that_is_down_leaves_everything_as_it_would_be_without(site: Site, service: Service) -> None:
    service.answer = lambda _: Silence(0)
    for _ in range(2):
        visitor = site.visitor()
        visitor.open(f"/c/{WARD.slug}")
        assert UNKNOWN in visitor.press("Find my councillors", postcode="hx1 1aa").text
    assert len(service.questions) == 1


def test_the_privacy_page_says_who_is_asked(site: Site, make_site: Callable[..., Site]) -> None:
    assert "we ask postcodes.io" in site.visitor().open("/privacy").text
    assert "we ask" not in make_site().visitor().open("/privacy").text

"""What a page weighs on a phone in a bad network."""

from __future__ import annotations

import re

from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import WAYS

KILOBYTE = 1000


def files_of(visitor: Visitor) -> dict[str, int]:
    """Every file that the page makes a browser fetch, and its size in bytes; what a stylesheet fetches too."""
    wanted = {e["href"] for e in visitor.page.root.all("link")} | {e["src"] for e in visitor.page.root.all("img")}
    sizes = {}
    for address in sorted(wanted):
        answer = visitor.client.get(address)
        assert answer.status_code == 200, address
        sizes[address] = len(answer.data)
        if address.partition("?")[0].endswith(".css"):
            text = answer.get_data(as_text=True)
            assert re.findall(r"url\(|@import", text) == [], "a stylesheet fetches nothing more"
    return sizes


def test_the_first_page_with_all_that_it_fetches_is_under_50_kilobytes(site: Site) -> None:
    alice = site.visitor()
    for address in ("/", "/ar/"):
        page = alice.open(address)
        sizes = files_of(alice)
        assert any("site.css" in name for name in sizes)
        assert any("colours.css" in name for name in sizes)
        assert any("favicon.svg" in name for name in sizes)
        assert len(page.html.encode()) + sum(sizes.values()) < 50 * KILOBYTE


def test_the_stylesheet_is_under_15_kilobytes(site: Site) -> None:
    assert len(site.visitor().client.get("/static/site.css").data) < 15 * KILOBYTE


def test_no_campaigns_page_is_heavier(site: Site) -> None:
    alice = site.visitor()
    for way in WAYS:
        page = alice.open(f"/c/{way.slug}")
        assert len(page.html.encode()) + sum(files_of(alice).values()) < 50 * KILOBYTE


def test_every_campaign_that_a_page_shows_has_its_colour(site: Site) -> None:
    alice = site.visitor()
    css = alice.client.get("/colours.css").get_data(as_text=True)
    page = alice.open("/")
    shown = {name for e in page.root.walk() for name in e.classes if name.startswith("campaign-")}
    assert len(shown) == 10
    assert all(f".{name}{{--campaign:#" in css for name in shown)

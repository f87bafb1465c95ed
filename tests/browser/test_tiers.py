"""A supporter where there are two tiers of council, on a small telephone: asked, told why, and never guessed at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.looks import Looker
from tests.browser.supporter import Supporter
from tests.support.browser import PHONE, ROOT, MakePage
from tests.support.site import LiveSite

pytestmark = pytest.mark.browser

SLUG = "abolish-reporting"
FOR_COUNTIES = """
tier = "county"
fallback = ["campaign-team"]

[[targets.exclude]]
key = "supportive"
who = { name = "Callum *" }
"""
REASON = """
[excluded]
supportive = "They support this already. You could thank them."
+++
##"""


@pytest.fixture(scope="module")
def county_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The product with a campaign that is for county councils, and that one councillor supports already."""
    folder = tmp_path_factory.mktemp("counties")
    content = folder / "letter_templates"
    shutil.copytree(ROOT / "letter_templates", content)
    settings, area = content / SLUG / "campaign.toml", 'area = "ward"\n'
    settings.write_text(settings.read_text(encoding="utf-8").replace(area, area + FOR_COUNTIES, 1), encoding="utf-8")
    page = content / SLUG / "page.en.md"
    page.write_text(page.read_text(encoding="utf-8").replace("\n+++\n##", REASON, 1), encoding="utf-8")
    with LiveSite(folder, CONTENT_DIR=str(content)).running() as site:
        yield site


@pytest.fixture(params=["en", "ar"])
def visit(
    request: pytest.FixtureRequest, county_site: LiveSite, make_page: MakePage, screenshots: Path
) -> tuple[Supporter, Looker]:
    page = make_page(PHONE, java_script_enabled=True)
    test = request.node.name[:40].replace("_", "-")
    email = f"alice@{request.param}-{test}.supporter.example"
    return Supporter(county_site, page, "Alice Example", email, request.param), Looker(page, screenshots, request.param)


def test_a_supporter_in_two_tiers_is_asked_where_they_live_and_writes_to_the_county(
    visit: tuple[Supporter, Looker],
) -> None:
    alice, looker = visit
    alice.open_campaign(SLUG)
    alice.give_postcode("ZZ2 9ZZ")
    looker.look("50-two-divisions")
    alice.page.get_by_label("Lower Thorn").check()
    alice.button("Find my councillors").click()
    expect(alice.page.locator(".people").first).to_contain_text("Nadia Overthorn")
    alice.sign("I live by the weir.")
    alice.read_it()
    alice.hand_in()
    alice.open_confirmation()
    alice.press_only_button()
    (letter,) = alice.site.letters_of(alice.email, 1)
    assert "I live in Lower Thorn (Thornshire)" in letter.text


def test_a_supporter_with_one_council_is_told_why_and_what_there_is(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign(SLUG)
    alice.give_postcode("ZZ1 1AA")
    alice.sees_heading("This campaign writes to county councils")
    looker.look("51-another-tier")
    alice.field("Choose an area near you").select_option(label="Lower Thorn")
    alice.button("Write for this area").click()
    expect(alice.page.locator(".people").first).to_contain_text("Nadia Overthorn")
    alice.open_campaign(SLUG)
    alice.give_postcode("ZZ1 1AA")
    alice.button("Write to them").click()
    alice.sees_heading("Write your letter")
    looker.look("52-write-to-the-fallback")


def test_a_supporter_whose_councillor_agrees_already_is_told_so(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign(SLUG)
    alice.give_postcode("ZZ2 3AA")
    alice.sees_heading("No letter is needed")
    looker.look("53-no-letter-needed")

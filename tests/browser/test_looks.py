"""Every page that a supporter can come to, on all kinds of screens. Pictures of them go to instance/screenshots/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Request

from app.bootstrap import build_platform
from app.campaigns.find import campaign_called
from app.campaigns.images import put_image, remove_image
from app.config import load_config
from tests.browser.conftest import Arrive
from tests.browser.looks import Looker
from tests.browser.pages import leave_by
from tests.browser.supporter import Supporter
from tests.support.browser import DESKTOP, PHONE, MakePage
from tests.support.pictures import photograph
from tests.support.site import LiveSite

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
LARGEST_FIRST_PAGE = 50_000  # bytes over the wire, with all that the page loads
LARGEST_PICTURE = 200_000
PICTURED = "solidarity-knows-no-borders"
OWN_WORDS = (
    "I have lived in this ward for eleven years, and my neighbours are my family.\n\n"
    "One of them must report every two weeks. Each time she says goodbye as if she would not come back."
)


@pytest.fixture
def visit(arrive: Arrive, screenshots: Path, language: str) -> tuple[Supporter, Looker]:
    """A supporter whose browser runs axe-core, and who looks closely at each page."""
    name = "Alice Example" if language == "en" else "ليلى مثال"
    somebody = arrive(name, PHONE, language, java_script_enabled=True)
    somebody.email = f"alice@{language}.supporter.example"
    return somebody, Looker(somebody.page, screenshots, language)


@LANGUAGES
def test_the_pages_on_the_way_of_a_letter(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.page.goto(alice.site.url + alice.path + "/")
    looker.look("01-home")
    alice.open_campaign("abolish-reporting")
    looker.look("02-campaign")
    alice.give_postcode("ZZ1 1AA")
    looker.look("03-write")
    alice.press("Read it as they will")
    looker.look("04-write-with-errors")
    alice.sign(OWN_WORDS)
    alice.read_it()
    looker.look("05-preview")
    alice.hand_in()
    looker.look("06-check-mail")
    alice.open_confirmation()
    looker.look("07-confirm")
    alice.press_only_button()
    alice.reload_until_handed_over(3)
    looker.look("08-own")
    leave_by(alice.page.get_by_role("link", name=alice.words("Tell us who has answered")))
    looker.look("08-own-answers")
    alice.press("Tell the campaign")
    looker.look("08-own-answers-told")
    alice.page.goto(alice.link_of_notice(1))
    looker.look("09-confirmed-before")


@LANGUAGES
def test_the_pages_of_the_other_kinds_of_campaign(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign("patients-not-passports")
    looker.look("10-choose")
    alice.press("Write my letter")
    looker.look("11-choose-with-error")
    alice.open_campaign("capita-gps-tagging")
    looker.look("12-company")
    alice.open_campaign("justice-for-omisha")
    looker.look("13-won")
    alice.open_campaign("solidarity-knows-no-borders")
    looker.look("14-pledge")
    alice.press("Sign up")
    alice.sign(OWN_WORDS)
    looker.look("15-pledge-sign-up")
    alice.read_it()
    looker.look("16-pledge-preview")


@LANGUAGES
def test_the_pages_beside_the_way(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign("abolish-reporting")
    alice.give_postcode("ZZ1 9ZZ")
    looker.look("20-two-wards")
    alice.open_campaign("bibby-stockholm")
    alice.give_postcode("somewhere", "Find my MP")
    looker.look("21-unknown-postcode")
    alice.page.goto(f"{alice.site.url}{alice.path}/privacy")
    looker.look("22-privacy")
    alice.page.goto(f"{alice.site.url}{alice.path}/c/nothing-of-this-name")
    looker.look("23-not-found")
    alice.page.goto(f"{alice.site.url}{alice.path}/targets/1/correct")
    looker.look("25-correct")
    alice.press("Tell us")
    looker.look("26-correct-with-error")
    alice.field("Something else").check()
    alice.press("Tell us")
    looker.look("27-corrected")
    alice.page.goto(f"{alice.site.url}{alice.path}/confirm/forged")
    looker.look("24-forged-link")


@LANGUAGES
def test_the_pages_of_a_mailbox_that_is_shared(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign("abolish-reporting")
    alice.give_postcode("ZZ2 2AA")
    looker.look("25-shared-mailbox")
    alice.sign(OWN_WORDS)
    alice.read_it()
    looker.look("26-shared-mailbox-preview")


@LANGUAGES
def test_the_pages_of_a_letter_with_reasons_and_no_word_of_ones_own(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign("abolish-reporting")
    alice.give_postcode("ZZ1 1AA")
    alice.sign()
    alice.page.locator("input[name=reason]").nth(1).check()
    looker.look("30-reasons")
    alice.read_it()
    looker.look("31-no-own-words")
    alice.press("Add a few words")
    assert alice.page.locator("input[name=reason]").nth(1).is_checked()


@LANGUAGES
def test_the_page_of_a_campaign_with_an_image_and_a_goal(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    with pictured(alice.site, PICTURED):
        alice.open_campaign(PICTURED)
        assert shown(alice)
        looker.look("32-image-and-goal")


def test_a_screen_of_many_pixels_gets_a_wider_image(arrive: Arrive) -> None:
    few, many = (arrive(java_script_enabled=True, device_scale_factor=scale) for scale in (1, 3))
    with pictured(few.site, PICTURED):
        few.open_campaign(PICTURED)
        many.open_campaign(PICTURED)
        assert shown(few) == few.page.locator("main img").evaluate("e => e.src")
        assert shown(many) != shown(few)


def shown(supporter: Supporter) -> str:
    """The address that the browser chose for the campaign's image, as soon as it is there."""
    image = supporter.page.locator("main img")
    image.scroll_into_view_if_needed()
    supporter.page.wait_for_function("document.querySelector('main img').naturalWidth > 0")
    return str(image.evaluate("e => e.currentSrc"))


@contextmanager
def pictured(site: LiveSite, slug: str) -> Iterator[None]:
    """Give a campaign an image and let it come half of its way; afterwards it is as it was."""
    sessions = build_platform(load_config({"INSTANCE_DIR": str(site.folder / "instance")})).sessions

    def change(picture: bytes | None, more: int) -> None:
        with sessions.write() as session:
            campaign = campaign_called(session, slug)
            campaign.confirmed_count += more
            for page in campaign.pages:
                page.image_alt = "Stripes and a circle" if picture else ""
            if picture:
                put_image(session, campaign, picture)
            else:
                remove_image(session, campaign)

    change(photograph(), 260)
    try:
        yield
    finally:
        change(None, -260)
        sessions.engine.dispose()


@LANGUAGES
def test_the_pages_of_two_letters_at_once(visit: tuple[Supporter, Looker]) -> None:
    alice, looker = visit
    alice.open_campaign("patients-not-passports")
    alice.page.get_by_label("Mossgate Children's NHS Foundation Trust").check()
    alice.page.get_by_label("Zedmere Infirmary NHS Trust").check()
    alice.press("Write my letter")
    looker.look("27-two-letters")
    alice.page.locator("#subject-childrens-hospitals").fill("")
    alice.press("Read it as they will")
    looker.look("28-two-letters-with-errors")
    alice.page.locator("#subject-childrens-hospitals").fill("For every child")
    alice.sign(OWN_WORDS)
    alice.read_it()
    looker.look("29-two-letters-preview")


def test_the_pages_of_a_campaign_at_rest_and_of_a_letter_withdrawn(arrive: Arrive, screenshots: Path) -> None:
    alice = arrive("Alice Example", java_script_enabled=True)
    looker = Looker(alice.page, screenshots)
    alice.write_to_capita(OWN_WORDS)
    alice.site.flask("campaigns", "move", "capita-gps-tagging", "paused")
    try:
        alice.open_campaign("capita-gps-tagging")
        looker.look("30-paused")
        alice.open_confirmation()
        alice.press_only_button()
        looker.look("31-own-waiting")
        alice.press("Withdraw what has not been sent")
        looker.look("32-own-withdrawn")
        alice.page.goto(alice.link_of_notice(1))
        looker.look("33-link-of-withdrawn")
    finally:
        alice.site.flask("campaigns", "move", "capita-gps-tagging", "live")


def test_the_outbox_of_a_developer(arrive: Arrive, screenshots: Path) -> None:
    alice = arrive("Alice Example", java_script_enabled=True)
    looker = Looker(alice.page, screenshots)
    alice.write_to_capita(OWN_WORDS)
    alice.site.notices_to(alice.email, 1)
    alice.page.goto(f"{alice.site.url}/outbox/")
    looker.look("40-outbox")
    leave_by(alice.page.get_by_role("link", name=alice.email))
    looker.look("41-outbox-mail")


def test_the_picture_of_the_readme(arrive: Arrive, screenshots: Path) -> None:
    alice = arrive("Alice Example", DESKTOP)
    alice.email = "alice@supporter.example"
    alice.open_campaign("abolish-reporting")
    alice.give_postcode("ZZ1 1AA")
    alice.sign(OWN_WORDS)
    alice.read_it()
    picture = screenshots / "letter.png"
    alice.page.screenshot(path=picture)
    assert picture.stat().st_size < LARGEST_PICTURE


@LANGUAGES
def test_the_first_page_is_light_and_asks_nobody_else(live_site: LiveSite, make_page: MakePage, language: str) -> None:
    page, asked = make_page(PHONE), list[Request]()

    @partial(page.on, "request")
    def keep(request: Request) -> None:
        asked.append(request)

    page.goto(live_site.url + ("/" if language == "en" else f"/{language}/"), wait_until="networkidle")
    assert [request.url for request in asked if not request.url.startswith(live_site.url + "/")] == []
    assert [request.url for request in asked if request.failure] == []
    weights = {request.url: weight(request) for request in asked}
    assert len(weights) >= 4  # the page, two stylesheets, the mark
    assert sum(weights.values()) < LARGEST_FIRST_PAGE, weights


def weight(request: Request) -> int:
    """The bytes of its answer over the wire."""
    sizes = request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]

"""A letter that somebody reads first, from its writer's phone to the desk and back; and the desk's pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.looks import Looker
from tests.browser.pages import follow, leave_by, press
from tests.browser.supporter import Supporter
from tests.support.browser import PHONE, MakePage
from tests.support.site import LiveSite, link_in

pytestmark = pytest.mark.browser

RUDE = "You are bastards, all three of you."
BETTER = "Please listen to us. My neighbours tell their story at https://neighbours.example/story."
NOTE = "Please leave the insult out: they stop reading there."


def staff(site: LiveSite, page: Page, prefix: str = "") -> Page:
    """An admin who has signed in by the demonstration's link."""
    page.goto(site.flask("staff", "demo-link").strip())
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{site.url}{prefix}/organise/letters/review")
    return page


def hand_in(alice: Supporter, own_words: str) -> None:
    alice.open_campaign("abolish-reporting")
    alice.give_postcode("ZZ1 1AA")
    alice.sign(own_words)
    alice.read_it()
    alice.hand_in()
    alice.open_confirmation()
    alice.press("Send to 3 councillors")


def newest(page: Page) -> None:
    """Open the letter that came last."""
    leave_by(page.locator(".states a").last)


def test_a_letter_is_held_sent_back_changed_released_and_arrives(
    live_site: LiveSite, arrive: Arrive, make_page: MakePage
) -> None:
    alice = arrive()
    hand_in(alice, RUDE)
    expect(alice.page.get_by_text("One of us reads your letter before it goes out.")).to_have_count(3)
    desk = staff(live_site, make_page(PHONE, java_script_enabled=False))
    newest(desk)
    expect(desk.locator("ins").filter(has_text=RUDE)).to_be_visible()
    desk.get_by_label("Your note to its writer").fill(NOTE)
    press(desk, "Send it back")

    note = live_site.notices_to(alice.email, 3)[-1]
    assert NOTE in note.text
    alice.page.goto(live_site.local(link_in(note.text)))
    expect(alice.page.get_by_text(NOTE)).to_be_visible()
    follow(alice.page, "Change your letter")
    expect(alice.field("In your own words")).to_have_value(RUDE)
    alice.field("In your own words").fill(BETTER)
    alice.press("Read it as they will")
    alice.press("Send to 3 councillors")
    # It names a page that the campaign does not give, so it waits once more.
    expect(alice.page.get_by_text("One of us reads your letter before it goes out.")).to_have_count(3)

    desk.goto(f"{live_site.url}/organise/letters/review")
    newest(desk)
    expect(desk.get_by_text("Links that the campaign does not give")).to_be_visible()
    press(desk, "Let it go")
    sent = live_site.letters_of(alice.email, 3)
    assert all("https://neighbours.example/story" in letter.text and RUDE not in letter.text for letter in sent)
    assert "The ledger holds" in live_site.flask("ledger", "check")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_the_desk(
    live_site: LiveSite, arrive: Arrive, make_page: MakePage, screenshots: Path, language: str
) -> None:
    alice = arrive(java_script_enabled=True)
    hand_in(alice, f"{RUDE} https://neighbours.example/{language}")
    prefix = "" if language == "en" else f"/{language}"
    page = staff(live_site, make_page(PHONE, base_url=live_site.url), prefix)
    looker = Looker(page, screenshots, language)
    looker.look("70-letters-to-read")
    newest(page)
    looker.look("71-letter-to-read")
    leave_by(page.locator("button[formaction*='send-back']"))
    looker.look("72-letter-to-read-with-errors")
    page.locator("textarea").fill(NOTE)
    leave_by(page.locator("button[formaction*='send-back']"))
    for number, path in enumerate(
        ("", "?state=held", "?to=a", "/lanes", "/stops", "/stop?scope=letters&subject=0", "/jobs"), 73
    ):
        page.goto(f"{prefix}/organise/letters{path}")
        looker.look(f"{number}-letters{path.partition('?')[0].replace('/', '-')}")
    page.goto(f"{prefix}/organise/letters?state=cancelled")
    leave_by(page.locator(".states a").first)
    looker.look("80-letter")
    _many_at_once(page, looker, alice, prefix)
    alice.page.goto(alice.site.local(link_in(live_site.notices_to(alice.email, 3)[-1].text)))
    looks_of_alice = Looker(alice.page, screenshots, language)
    looks_of_alice.look("83-sent-back")
    follow(alice.page, "Change your letter")
    looks_of_alice.look("84-change")


def _many_at_once(page: Page, looker: Looker, alice: Supporter, prefix: str) -> None:
    """Cancel all that is held; the page says by itself when it is done."""
    hand_in(arrived_again(alice), f"{RUDE} Again, in {looker.language}.")
    page.goto(f"{prefix}/organise/letters/all?state=held&reason=review&deed=cancel")
    looker.look("81-many")
    page.locator("input[name=why]").fill("they were written by mistake")
    leave_by(page.locator("main form button").last)
    expect(page.locator("#progress[data-open]")).to_have_count(0)
    looker.look("82-many-done")


def arrived_again(alice: Supporter) -> Supporter:
    """Somebody else at the same browser."""
    return Supporter(alice.site, alice.page, "Bob Example", alice.email.replace("alice@", "bob@"))

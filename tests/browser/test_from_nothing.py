"""The whole way, by the pages alone: a campaign is made from nothing, checked and opened, and its letters go."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Arrive
from tests.browser.handbook import SMALL_DESK, keep
from tests.browser.pages import heading, press
from tests.browser.supporter import Supporter
from tests.browser.test_building import ASK, fill
from tests.support.browser import DESKTOP, PHONE, MakePage
from tests.support.site import LiveSite, link_in
from tests.support.staff import PASSWORD

pytestmark = pytest.mark.browser

POSTCODE, COUNCILLORS = "ZZ1 1AA", 3
MIDDLE = "I live in {{ area.name }}.\n\n{{ reasons }}\n\nPlease have the damp homes of {{ council.name }} repaired."
REASON = "Children fall ill here every winter."
OUR_MAILS = {"In the mail that asks to confirm": "It takes one press.", "In the mail that thanks": "Tell a neighbour."}
OWN_WORDS = "Our bedroom wall is black with mould."


def change(site: LiveSite, statement: str) -> None:
    """Change the site's rows behind its back."""
    with closing(sqlite3.connect(site.folder / "instance" / "solidarity.sqlite3", timeout=20)) as database, database:
        database.execute(statement)


def forget_verification(site: LiveSite) -> None:
    """Nobody has looked at the addresses yet, unlike those of the demonstration."""
    change(site, "UPDATE target SET verified_at = NULL, verified_how = '', verified_by = ''")


def invited(site: LiveSite, page: Page, email: str) -> None:
    """An organiser opens the link of an invitation, and chooses a password."""
    site.flask("staff", "invite", email, "--name", "Orla Organiser", "--role", "organiser")
    page.goto(link_in(site.notices_to(email, 1)[0].text))
    page.get_by_label("Your new password").fill(PASSWORD)
    press(page, "Join")
    heading(page, "Overview")


def build(page: Page, title: str, slug: str, *, scripts: bool) -> None:
    """Everything that the six steps ask, as far as a new campaign needs it."""
    page.get_by_role("link", name="Campaigns", exact=True).first.click()
    page.get_by_role("link", name="A new campaign").click()
    page.get_by_label("What is the campaign called?").fill(title)
    expect(page.get_by_text("A copy of “").first).to_be_hidden()  # so the button stands near
    keep(page, "new-campaign", PHONE)
    press(page, "Begin")
    heading(page, title)
    _ask(page, scripts=scripts)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("Which lists?")).to_be_hidden()
    expect(page.get_by_text("Which councils?")).to_be_hidden()
    keep(page, "build-who", PHONE)
    page.get_by_role("button", name=re.compile("Save and go on")).click()
    page.get_by_role("link", name="go on without it").click()  # the check asks for them once more
    _letter(page, scripts=scripts)
    expect(page.get_by_text("This step and those after it may stay as they are.")).to_be_visible()
    fill(page, **OUR_MAILS)
    keep(page, "build-mails", PHONE)
    press(page, "Save and go on: Delivery")
    fill(page, **{"Letters an hour, at most": "3600", "Hours": "always"})
    keep(page, "build-delivery", PHONE)
    press(page, "Save and go on: Address and look")
    fill(page, Address=slug, Goal="100")
    page.get_by_label("Colour").fill("#00645c")
    keep(page, "build-look", PHONE)
    press(page, "Save and go on: Check")
    page.goto(f"/organise/campaigns/{slug}/build")
    expect(page.get_by_text("Nobody but staff sees it before it opens.")).to_be_visible()
    keep(page, "build-complete", PHONE)


def _ask(page: Page, *, scripts: bool) -> None:
    """What is missing is said beside its field; with scripts the story is shown while it is written."""
    press(page, "Save and go on: Who to write to")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_text("More, if you like").click()
    page.get_by_text("Title, summary, invitation and image").click()
    fill(page, **ASK)
    story = page.get_by_role("heading", name="Why this matters", level=2)
    if scripts:
        expect(story).to_be_visible()
    press(page, "Save and stay here")
    expect(page.get_by_role("alert")).to_be_hidden()
    if not scripts:  # on a phone it is folded
        page.get_by_text("The story as supporters read it").click()
    expect(story).to_be_visible()
    keep(page, "build-ask", SMALL_DESK)
    press(page, "Save and go on: Who to write to")


def _letter(page: Page, *, scripts: bool) -> None:
    """It has its words already. With scripts a press puts a placeholder in, and the letter is shown at once."""
    expect(page.get_by_role("article").first).to_contain_text("I ask you to have damp homes repaired")
    change = page.get_by_text("Change the letter")
    if change.is_visible():  # on a phone it is read first
        change.click()
    fill(page, Subject="Damp homes in {{ area.name }}")
    page.get_by_text("More, if you like").click()
    page.get_by_text("Reasons that supporters may tick").click()
    page.get_by_label("What is ticked").first.fill("Children fall ill")
    page.get_by_label("What the letter says then").first.fill(REASON)
    middle = page.get_by_label("Middle", exact=True)
    if scripts:
        page.get_by_text("Names and places that are filled in").click()
        middle.fill("I live in ")
        page.get_by_role("button", name="{{ area.name }}").click()
        expect(middle).to_have_value("I live in {{ area.name }}")
        page.get_by_text("Names and places that are filled in").click()
    middle.fill(MIDDLE)
    if not scripts:
        press(page, "Save and stay here")
        page.get_by_text("How it will arrive").click()  # on a phone it is folded
    expect(page.get_by_role("article").first).to_contain_text("Please have the damp homes")  # as it was typed
    keep(page, "build-letter", SMALL_DESK)
    press(page, "Save and stay here")
    page.get_by_role("link", name="Our mails").last.click()


def vouch(site: LiveSite, page: Page) -> None:
    """What the check asks for where nobody has looked at the addresses yet; it is made again by itself."""
    change(site, "UPDATE target_list SET demo = 0")  # of what is invented nobody asks how it was checked
    page.get_by_role("link", name="Look at the addresses").click()
    page.get_by_label("How was it checked?").fill("Compared all of them with the council's own pages.")
    keep(page, "vouch", PHONE)
    page.get_by_role("button", name=re.compile(r"I have checked these \d+ addresses")).click()
    expect(page.get_by_role("status").first).to_contain_text("are checked.")
    expect(page.get_by_text("The check is under way.")).to_be_hidden(timeout=20_000)
    change(site, "UPDATE target_list SET demo = 1 WHERE slug LIKE 'demo-%'")


def open_it(site: LiveSite, page: Page, pages: str, *, scripts: bool) -> None:
    """Checked as every campaign must be, what was found put right, and then opened at once."""
    page.goto(f"{pages}/check")  # it was begun at the end of the last step
    expect(page.get_by_text("letters were made and looked at")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()
    keep(page, "check", PHONE)
    vouch(site, page)
    page.get_by_role("button", name="Send myself a test").click()
    expect(page.get_by_role("status").first).to_contain_text(
        "1 sample letter was sent" if scripts else "1 sample letter is"
    )
    page.get_by_role("link", name="Open or schedule it").click()
    page.get_by_label("How many people do you expect").fill("50")
    page.get_by_label("Now").check()
    keep(page, "launch", PHONE)
    press(page, "Open or schedule it")
    expect(page.get_by_role("link", name="Close it")).to_be_visible()
    share = page.get_by_role("button", name="Send or copy the address")
    if scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        share.click()
        expect(page.get_by_text("It is copied.")).to_be_visible()
        public = page.locator("main a[href^='/c/']").first
        assert page.evaluate("navigator.clipboard.readText()") == public.inner_text()
    else:
        expect(share).to_be_hidden()


def take_part(alice: Supporter, slug: str, subject: str) -> None:
    """A supporter writes, confirms by mail, and sees their letters go; the outbox has them word for word."""
    alice.open_campaign(slug)
    alice.give_postcode(POSTCODE)
    alice.sign(OWN_WORDS)
    alice.page.get_by_label("Children fall ill").check()
    alice.read_it()
    alice.hand_in()
    assert "It takes one press." in alice.site.notices_to(alice.email, 1)[0].text
    assert alice.site.letters_of(alice.email, 0) == [], "nothing goes before it is confirmed"
    alice.open_confirmation()
    alice.press(f"Send to {COUNCILLORS} councillors")
    alice.reload_until_handed_over(COUNCILLORS)
    expect(alice.page.get_by_text("Tell a neighbour.")).to_be_visible()
    for letter in alice.site.letters_of(alice.email, COUNCILLORS):
        assert letter.subject == subject
        assert all(words in letter.text for words in (OWN_WORDS, REASON, alice.name, "Dear Cllr"))


def see_them_gone(page: Page, title: str, pages: str) -> None:
    """What the organiser sees of it: figures, letters, and no word of who wrote."""
    page.goto(f"{pages}/run")
    expect(page.get_by_text(f"Waiting: 0. Held for a person: 0. Gone: {COUNCILLORS}.")).to_be_visible()
    keep(page, "run", PHONE)
    page.goto(pages)
    expect(page.get_by_text("1 person has written.")).to_be_visible()
    page.goto("/organise/letters")
    page.get_by_label("Campaign").select_option(label=title)
    press(page, "Show")
    handed_over = page.locator(".states li").filter(has_text="Handed over")
    expect(handed_over).to_have_count(COUNCILLORS + 2)  # our own two mails are among them
    keep(page, "letters", SMALL_DESK)
    assert "Alice" not in page.content()
    page.locator(".states a").filter(has_text="Adaeze Okoro-Finch").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    keep(page, "letter-card", PHONE)
    page.goto(pages)
    page.get_by_role("link", name="Figures", exact=True).click()
    heading(page, title)
    expect(page.get_by_text("1 person").first).to_be_visible()
    keep(page, "figures", SMALL_DESK)
    page.goto("/organise")
    keep(page, "overview", PHONE)


@pytest.mark.parametrize(("viewport", "scripts"), [(PHONE, False), (DESKTOP, True)], ids=["phone", "desk"])
def test_a_campaign_is_made_from_nothing_and_its_letters_go(
    live_site: LiveSite, make_page: MakePage, arrive: Arrive, viewport: ViewportSize, *, scripts: bool
) -> None:
    page = make_page(viewport, java_script_enabled=scripts, base_url=live_site.url)
    where = "phone" if viewport is PHONE else "desk"
    title, slug = ("Homes without mould", "no-mould") if scripts else ("Warm homes by winter", "warm-homes-here")
    pages = f"/organise/campaigns/{slug}"
    forget_verification(live_site)
    invited(live_site, page, f"orla@{where}.nothing.staff.example")
    build(page, title, slug, scripts=scripts)
    open_it(live_site, page, pages, scripts=scripts)
    alice = arrive("Alice Example", viewport, java_script_enabled=scripts)
    take_part(alice, slug, "Damp homes in Canalside")
    see_them_gone(page, title, pages)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert "The ledger holds" in live_site.flask("ledger", "check")

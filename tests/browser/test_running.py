"""A campaign is checked, tested, approved, scheduled, opened, paused and won: on a phone, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.campaigns.find import campaign_called
from app.campaigns.models import CampaignState, TargetRule
from app.db import Sessions, make_engine
from app.privacy.keys import FieldKeys
from app.targets.models import Target
from tests.browser.conftest import Arrive
from tests.browser.looks import Looker
from tests.browser.pages import heading, press, submit
from tests.browser.supporter import Supporter
from tests.browser.test_staff import invite
from tests.support.browser import PHONE, MakePage
from tests.support.builders import add_campaign
from tests.support.site import LiveSite, wait_until
from tests.support.staff import PASSWORD

pytestmark = pytest.mark.browser

TITLE = "Abolish reporting"
TARGETS = 5


@contextmanager
def behind(site: LiveSite) -> Iterator[Session]:
    """A change that no page makes; it touches nothing that is encrypted."""
    engine = make_engine(f"sqlite:///{site.folder}/instance/solidarity.sqlite3", FieldKeys.random())
    with Sessions(engine).write() as session:
        yield session
    engine.dispose()


def draft(site: LiveSite, slug: str) -> str:
    """A campaign that no file owns; the address of its pages."""
    now = datetime.now(UTC)
    with behind(site) as session:
        add_campaign(
            session,
            now,
            slug=slug,
            state=CampaignState.DRAFT,
            target_rule=TargetRule.ALL,
            target_lists="demo-broadcasters",
        )
    return f"/organise/campaigns/{slug}"


def joined(site: LiveSite, make_page: MakePage, email: str, language: str = "en", *, scripts: bool = False) -> Page:
    """An admin who has joined."""
    page = make_page(PHONE, java_script_enabled=scripts, base_url=site.url)
    page.goto(invite(site, email, language))
    page.locator("input[type=password]").fill(PASSWORD)
    submit(page, "main button")
    return page


def check(page: Page, pages: str, button: str = "Check it now") -> None:
    page.goto(f"{pages}/check")
    press(page, button)

    def done() -> bool:
        page.goto(f"{pages}/check")
        under_way = page.get_by_text("The check is under way.").is_visible()
        return not under_way and page.get_by_text("letters were made and looked at").is_visible()

    wait_until(done, "the check")


def launch(page: Page, pages: str, people: str, *, later: bool) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    page.goto(f"{pages}/run/launch")
    page.get_by_label("How many people do you expect").fill(people)
    page.get_by_label("At a time" if later else "Now").check()
    if later:
        page.get_by_label("Opening day").fill(f"{tomorrow:%Y-%m-%d}")
        page.get_by_label("Opening time").fill("09:00")
    press(page, "Open or schedule it")


def write(alice: Supporter) -> None:
    """A letter to each target, from the campaign's page to their mailboxes."""
    alice.button("Write my letter").click()
    alice.sign("It matters to me.")
    alice.read_it()
    alice.hand_in()
    alice.open_confirmation()
    alice.press_only_button()
    alice.reload_until_handed_over(TARGETS)


def test_a_campaign_is_run_from_its_check_to_its_win(live_site: LiveSite, make_page: MakePage, arrive: Arrive) -> None:
    slug, ada_at, ben_at = "run-it", "ada@run.staff.example", "ben@run.staff.example"
    pages = draft(live_site, slug)
    ada, ben = (joined(live_site, make_page, email) for email in (ada_at, ben_at))
    check(ada, pages)
    ada.get_by_text("More than one letter?").click()
    ada.get_by_label("How many sample letters?").fill("2")
    press(ada, "Send myself a test")
    expect(ada.get_by_role("status")).to_contain_text("2 sample letters")
    mails = live_site.notices_to(ada_at, 3)[1:]
    assert all(mail.subject.startswith("[Test] Please oppose reporting") for mail in mails)
    ada.goto(f"{pages}/check")
    expect(ada.get_by_role("link", name="Read letter 2 now")).to_be_visible()

    launch(ada, pages, "2000", later=True)
    expect(ada.get_by_role("heading", name="Ask for approval")).to_be_visible()
    ada.get_by_label("What should they know?").fill("The union mails its members on Monday.")
    press(ada, "Ask them")
    expect(ada.get_by_text("Waits for a second person")).to_be_visible()

    ben.goto("/organise")
    ben.get_by_role("link", name=f"Approve, or say why not: {TITLE}").click()
    expect(ben.get_by_text("The union mails its members on Monday.")).to_be_visible()
    ben.get_by_label("Your note").fill("A good letter.")
    press(ben, "Approve")
    expect(ben.get_by_text("Approved")).to_be_visible()

    launch(ada, pages, "2000", later=True)
    expect(ada.get_by_text("It opens on")).to_be_visible()
    alice = arrive("Alice Example")
    alice.open_campaign(slug)
    expect(alice.page.get_by_text("You can write from")).to_be_visible()
    with behind(live_site) as session:
        campaign_called(session, slug).opens_at = datetime.now(UTC)

    def is_open() -> bool:
        alice.open_campaign(slug)
        return alice.button("Write my letter").is_visible()

    wait_until(is_open, "the worker to open it")
    write(alice)

    ada.goto(f"{pages}/run")
    press(ada, "Pause")
    alice.open_campaign(slug)
    expect(alice.page.get_by_text("Resting for now")).to_be_visible()
    press(ada, "End the pause")
    ada.get_by_role("link", name="It is won").click()
    ada.get_by_label("What was won (English)").fill("They gave in.")
    ada.get_by_label("What was won (العربية)").fill("لقد تراجعوا.")
    press(ada, "Say that it is won")
    expect(ada.get_by_text("It is shown with what was won.")).to_be_visible()
    told = live_site.notices_to(alice.email, 3)[-1]
    assert told.text.startswith(f"“{TITLE}” is won, and you were part of it. Thank you.")
    alice.open_campaign(slug)
    expect(alice.page.get_by_text("They gave in.")).to_be_visible()
    heading(ada, TITLE)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_with_scripts_a_check_begins_by_itself_and_a_test_goes_without_a_load_of_the_page(
    live_site: LiveSite, make_page: MakePage, screenshots: Path, language: str
) -> None:
    pages = draft(live_site, slug := f"at-once-{language}")
    ada_at = f"ada@{language}.at-once.staff.example"
    page = joined(live_site, make_page, ada_at, language, scripts=True)
    with behind(live_site) as session:
        session.execute(update(Target).values(verified_at=datetime.now(UTC)))
    page.goto(f"{pages}/check" if language == "en" else f"/{language}{pages}/check")
    page.evaluate("window.loadedOnce = true")
    send = page.locator(".onward button")
    expect(send).to_be_visible()
    Looker(page, screenshots, language).look("122-check-ready")
    page.set_viewport_size(PHONE)
    send.click()
    expect(page.locator(".onward a.button")).to_be_visible()
    expect(page.get_by_role("status").first).to_be_focused()
    assert page.evaluate("window.loadedOnce"), "it is still the same page"
    Looker(page, screenshots, language).look("123-check-tested")
    assert live_site.notices_to(ada_at, 2)[-1].subject.startswith("[Test] ")
    page.locator(".onward a.button").click()
    page.wait_for_url(f"**/{slug}/run/launch")
    page.goto(page.url.replace("launch", "throw-away"))
    Looker(page, screenshots, language).look("124-throw-away")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_running(live_site: LiveSite, make_page: MakePage, screenshots: Path, language: str) -> None:
    pages = draft(live_site, f"looks-of-running-{language}")
    if language != "en":
        pages = f"/{language}{pages}"
    page = joined(live_site, make_page, f"ada@{language}.running.staff.example", language, scripts=True)
    second = joined(live_site, make_page, f"ben@{language}.running.staff.example", language, scripts=True)
    looker = Looker(page, screenshots, language)
    page.goto(f"{pages}/check")
    looker.look("110-check-under-way")  # with scripts it begins by itself

    def done() -> bool:
        page.goto(f"{pages}/check")
        return bool(page.locator("article.sheet").count())

    wait_until(done, "the check")
    page.locator("#sample").click()  # its letters are folded
    looker.look("111-check")
    page.goto(f"{pages}/run/launch")
    submit(page, ".desk form button")
    looker.look("112-launch-with-errors")
    page.goto(f"{pages}/run/approval")
    page.locator("input[name=letters]").fill("5000")
    page.locator("textarea[name=note]").fill("The union mails its members.")
    looker.look("113-ask-approval")
    submit(page, ".desk form button")
    looker.look("114-run-draft")
    with behind(live_site) as session:
        campaign = campaign_called(session, f"looks-of-running-{language}")
        campaign.state, campaign.closes_at = CampaignState.LIVE, datetime.now(UTC) + timedelta(days=30)
    page.goto(f"{pages}/run")
    looker.look("115-run-live")
    page.goto(f"{pages}/run/last-day")
    page.locator("input[name=closes_day]").fill("2020-01-01")
    submit(page, ".desk form button")
    looker.look("121-last-day-with-an-error")
    page.goto(f"{pages}/run/close")
    looker.look("116-close")
    page.goto(f"{pages}/run/win")
    looker.look("117-win")
    page.locator("textarea").first.fill("They gave in.")
    page.locator("textarea").nth(1).fill("لقد تراجعوا.")
    submit(page, ".desk form button")
    looker.look("118-run-won")
    second.goto(f"{pages}/run")
    Looker(second, screenshots, language).look("119-run-approve")
    second.goto(f"{pages.removesuffix(f'/campaigns/looks-of-running-{language}')}")
    Looker(second, screenshots, language).look("120-overview")

"""Nothing happens twice, and nothing happens that was not meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.supporter import Supporter
from tests.support.site import LiveSite

pytestmark = pytest.mark.browser

CAPITA = "capita-gps-tagging"


@contextmanager
def paused(site: LiveSite, slug: str) -> Iterator[None]:
    """The organisers pause a campaign, and let it go on."""
    site.flask("campaigns", "move", slug, "paused")
    try:
        yield
    finally:
        site.flask("campaigns", "move", slug, "live")


def second_tab(supporter: Supporter) -> Page:
    """A second tab of the same browser, on the same page."""
    tab = supporter.page.context.new_page()
    tab.goto(supporter.page.url)
    return tab


def writes_and_confirms(somebody: Supporter) -> None:
    somebody.write_to_capita()
    somebody.open_confirmation()
    somebody.press_only_button()


def test_two_tabs_that_both_confirm_send_one_letter(arrive: Arrive) -> None:
    alice, bob = arrive("Alice Example"), arrive("Bob Example")
    alice.write_to_capita()
    alice.open_confirmation()
    tab = second_tab(alice)
    alice.press_only_button()
    tab.locator("main form button").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("What became of your letter")
    assert tab.url == alice.page.url
    alice.page.goto(alice.link_of_notice(1))
    alice.sees_heading("You have already sent this letter")
    expect(alice.page.get_by_role("button")).to_have_count(0)

    writes_and_confirms(bob)
    bob.site.letters_of(bob.email, 1)
    alice.site.letters_of(alice.email, 1)


def test_a_second_try_looks_the_same_and_only_the_mail_tells(arrive: Arrive) -> None:
    alice = arrive("Alice Example")
    alice.write_to_capita()
    first = alice.page.inner_text("main")
    alice.open_confirmation()
    alice.press_only_button()
    alice.site.notices_to(alice.email, 2)
    alice.write_to_capita("Once more, with more words.")
    assert alice.page.inner_text("main") == first
    told = alice.site.notices_to(alice.email, 3)[2]
    assert told.text.startswith("You have already taken part")
    alice.page.goto(alice.link_of_notice(3))
    alice.sees_heading("What became of your letter")
    alice.site.letters_of(alice.email, 1)


def test_a_letter_that_is_withdrawn_before_it_goes_is_never_sent(arrive: Arrive) -> None:
    alice, bob = arrive("Alice Example"), arrive("Bob Example")
    alice.write_to_capita()
    bob.write_to_capita()
    with paused(alice.site, CAPITA):
        alice.open_confirmation()
        alice.press_only_button()
        alice.reload_until_all_are("Waiting", 1)
        alice.site.notices_to(alice.email, 2)  # nobody is thanked once the letter is withdrawn
        alice.button("Withdraw what has not been sent").click()
        alice.reload_until_all_are("Withdrawn", 1)
        expect(alice.page.get_by_role("button")).to_have_count(0)
    bob.open_confirmation()
    bob.press_only_button()
    bob.reload_until_handed_over(1)
    assert alice.site.letters_of(alice.email, 0) == []
    alice.page.reload()
    alice.reload_until_all_are("Withdrawn", 1)
    alice.page.goto(alice.link_of_notice(2))
    alice.reload_until_all_are("Withdrawn", 1)


def test_a_cut_link_is_told_kindly(arrive: Arrive) -> None:
    alice = arrive("Alice Example")
    alice.write_to_capita()
    answer = alice.page.goto(alice.link_of_notice(1)[:-3])
    assert answer is not None
    assert answer.status == 404
    alice.sees_heading("This link does not work")

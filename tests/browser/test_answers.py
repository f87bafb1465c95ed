"""Telling who has answered, on a phone without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser


def test_a_supporter_tells_who_has_answered_and_changes_it(arrive: Arrive) -> None:
    alice = arrive()
    alice.write_to_capita("They profit from it.")
    alice.open_confirmation()
    alice.press_only_button()
    alice.reload_until_handed_over(1)
    own = alice.page.url
    alice.page.get_by_role("link", name="Tell us who has answered").click()
    alice.sees_heading("Did they answer?")
    question = alice.page.get_by_role("group", name="Has The Directors of Capita plc answered you?")
    question.get_by_label("Yes, they answered").check()
    alice.page.get_by_text("Say more (if you like)").click()
    alice.page.get_by_role("group", name="Did their answer help?").get_by_label("No", exact=True).check()
    alice.field("Anything to add?").fill("They sent a brochure.")
    alice.button("Tell the campaign").click()
    alice.sees_heading("Thank you for telling us")
    alice.page.get_by_role("link", name="Change what you told us").click()
    expect(question.get_by_label("Yes, they answered")).to_be_checked()
    expect(alice.field("Anything to add?")).to_have_value("They sent a brochure.")
    question.get_by_label("No, nothing yet").check()
    alice.button("Tell the campaign").click()
    alice.page.goto(own)
    expect(alice.page.get_by_text("You told us that they have not answered.")).to_be_visible()


def test_a_supporter_asks_not_to_be_asked_again(arrive: Arrive) -> None:
    alice = arrive()
    alice.write_to_capita()
    alice.open_confirmation()
    alice.press_only_button()
    alice.reload_until_handed_over(1)
    alice.page.get_by_role("link", name="Tell us who has answered").click()
    alice.button("Do not ask me again").click()
    alice.sees_heading("We will not ask you again")
    expect(alice.button("Do not ask me again")).to_have_count(0)

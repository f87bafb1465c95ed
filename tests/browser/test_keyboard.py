"""The whole way with the keyboard alone, seeing at each step where one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Arrive
from tests.support.browser import DESKTOP

pytestmark = pytest.mark.browser

MOST_STOPS = 40

WHERE = """() => {
    const here = document.activeElement, place = here.getBoundingClientRect();
    const ringed = e => parseFloat(getComputedStyle(e).outlineWidth) >= 2 && getComputedStyle(e).outlineStyle != "none";
    let marked = false;
    for (let e = here; e && !marked; e = e.parentElement) marked = ringed(e);
    return {
        what: here.outerHTML.slice(0, 120),
        marked,
        inside: place.width > 0 && place.top < innerHeight && place.bottom > 0 && place.left < innerWidth,
    };
}"""
"""Where the keyboard is: whether a ring is drawn around it, and whether it is on the screen."""


class Keyboard:
    """Hands that use no mouse."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def go_to(self, wanted: Locator) -> None:
        """Press Tab until the element has the keyboard. Every stop on the way must be seen."""
        for _stop in range(MOST_STOPS):
            self._page.keyboard.press("Tab")
            where = self._page.evaluate(WHERE)
            assert where["marked"], f"no mark of the focus on {where['what']}"
            assert where["inside"], f"the focus is off the screen on {where['what']}"
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{MOST_STOPS} stops, and none of them is {wanted}")

    def write(self, field: Locator, text: str) -> None:
        self.go_to(field)
        self._page.keyboard.press("ControlOrMeta+A")
        self._page.keyboard.type(text)

    def use(self, element: Locator, key: str = "Enter") -> None:
        """Use what stays on this page: a box, a link to a field, a letter to unfold."""
        self.go_to(element)
        self._page.keyboard.press(key)

    def leave_by(self, element: Locator, key: str = "Enter") -> None:
        """Use what leads to another page."""
        self.go_to(element)
        self.leave(key)

    def leave(self, key: str = "Enter") -> None:
        with self._page.expect_event("load"):
            self._page.keyboard.press(key)


def test_a_letter_is_written_and_sent_with_the_keyboard_alone(arrive: Arrive) -> None:
    alice = arrive("Alice Example", DESKTOP)
    page, keys = alice.page, Keyboard(alice.page)
    page.goto(alice.site.url)
    keys.use(page.get_by_role("link", name="Skip to the main part"))
    keys.leave_by(page.get_by_role("link", name="Abolish reporting"))
    alice.sees_heading("Abolish reporting")

    keys.leave_by(alice.button("Find my councillors"))
    keys.use(page.get_by_role("alert").get_by_role("link"))
    page.keyboard.type("ZZ1 1AA")
    keys.leave()
    alice.sees_heading("Write your letter")

    keys.leave_by(alice.button("Read it as they will"))
    keys.use(page.get_by_role("alert").get_by_role("link", name="Please write your name."))
    page.keyboard.type(alice.name)
    keys.write(alice.field("Your e-mail address"), alice.email)
    keys.write(alice.field("Subject"), "From the keys of Alice")
    keys.leave_by(alice.button("Read it as they will"), "Space")
    alice.sees_heading("Read it as they will")

    keys.use(page.locator("summary").nth(1))
    expect(page.get_by_role("article")).to_have_count(2)
    consent = page.get_by_role("checkbox")
    keys.use(consent, "Space")
    assert consent.is_checked()
    page.keyboard.press("Space")
    assert not consent.is_checked()
    keys.leave_by(alice.button("Change my letter"))
    keys.write(alice.field("In your own words"), "I cannot use a mouse.")
    keys.leave_by(alice.button("Read it as they will"))
    keys.leave_by(alice.button("E-mail me the link to send it"))
    alice.sees_heading("Now look in your e-mail")

    alice.open_confirmation()
    keys.leave_by(alice.button("Send to 3 councillors"))
    alice.sees_heading("What became of your letter")
    letters = alice.site.letters_of(alice.email, 3)
    assert {letter.subject for letter in letters} == {"From the keys of Alice"}
    assert all(",\n\nI cannot use a mouse.\n\n" in letter.text for letter in letters)


def test_radio_buttons_are_chosen_with_the_arrow_keys(arrive: Arrive) -> None:
    alice = arrive("Alice Example", DESKTOP)
    alice.open_campaign("truth-in-the-media")
    second = alice.page.locator(".choice label").nth(1).inner_text()
    Keyboard(alice.page).go_to(alice.page.get_by_role("radio").first)
    alice.page.keyboard.press("ArrowDown")
    alice.page.keyboard.press("Enter")
    alice.sees_heading("Write your letter")
    expect(alice.page.locator(".people")).to_contain_text(second)


def test_boxes_are_ticked_with_the_space_bar(arrive: Arrive) -> None:
    alice = arrive("Alice Example", DESKTOP)
    alice.open_campaign("patients-not-passports")
    keys, boxes = Keyboard(alice.page), alice.page.get_by_role("checkbox")
    keys.use(boxes.nth(0), "Space")
    keys.use(boxes.nth(2), "Space")
    assert [box.is_checked() for box in boxes.all()] == [True, False, True, False, False]
    keys.leave_by(alice.button("Write my letter"))
    alice.sees_heading("Write your letter")
    expect(alice.page.locator(".people").first.locator("li")).to_have_count(2)

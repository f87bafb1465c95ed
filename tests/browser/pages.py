"""Going from page to page: each waits for the page that answers, for who looks at once would look at the old one."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def press(page: Page, words: str) -> None:
    """Press the button that says so."""
    leave_by(page.get_by_role("button", name=words, exact=True))


def submit(page: Page, button: str) -> None:
    """Press the button that a selector finds, whatever it says."""
    leave_by(page.locator(button))


def follow(page: Page, words: str) -> None:
    """Follow the first link that says so."""
    leave_by(page.get_by_role("link", name=words, exact=True).first)


def leave_by(element: Locator) -> None:
    """Click on what leads to another page."""
    with element.page.expect_navigation():
        element.click()


def heading(page: Page, words: str) -> None:
    """This page is open."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)

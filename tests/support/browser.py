"""Fixtures for tests that drive a real Chromium (marker `browser`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.support.chromium import MISSING, find_chromium, required

PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=900)
ROOT = Path(__file__).resolve().parent.parent.parent

_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
"""No chatter of the browser's own, and no way out: a page that asks for anything from elsewhere does not get it."""

MakePage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests of the process."""
    program = find_chromium()
    if program is None:
        pytest.fail(MISSING)
    root = ("--no-sandbox",) if os.getuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_ARGUMENTS, *root])
        yield browser
        browser.close()


@pytest.fixture
def make_page(browser: Browser) -> Iterator[MakePage]:
    """Open a page in a context of its own: `make_page(PHONE, color_scheme="dark", base_url=…)`.

    The test fails when a script of a page raised an error.
    """
    errors: list[str] = []
    contexts = []

    def make(viewport: ViewportSize = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where screenshots are kept for people to look at."""
    folder = ROOT / "instance" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests by name where there is no browser and none is demanded."""
    wanting = [item for item in items if item.get_closest_marker("browser")]
    if wanting and not required() and find_chromium() is None:
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=MISSING))

"""Find a Chromium for the browser tests; `tests.support.programs` gets one where it can."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "No Chromium here: install one, or run `python -m tests.support.programs`."


def find_chromium() -> Path | None:
    """A Chromium on the PATH, else the one that Playwright downloaded, else none."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def required() -> bool:
    """Whether the browser tests must run, come what may."""
    return os.environ.get("CI", "").lower() == "true"

"""Find a Chromium for the browser tests; `python -m tests.support.chromium --install` gets one where it can.

As root on Debian and Ubuntu it is the distribution's package and a font that has Arabic letters, elsewhere
Playwright's own. Without success it says so in one line; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-core")
MISSING = "No Chromium here: install one, or run `python -m tests.support.chromium --install`."
INSTALLS_WITHIN_SECONDS = 900


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


def install() -> None:
    """Get a Chromium. Failures show in what the installer says and in `find_chromium` afterwards."""
    if os.getuid() == 0 and shutil.which("apt-get"):
        apt = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120")
        commands = [(*apt, "update"), (*apt, "install", "--no-install-recommends", *PACKAGES)]
    else:
        commands = [(sys.executable, "-m", "playwright", "install", "chromium")]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        subprocess.run(  # noqa: S603 - our own commands
            command, check=True, env=environment, timeout=INSTALLS_WITHIN_SECONDS
        )


def main() -> int:
    if "--install" in sys.argv[1:] and find_chromium() is None:
        try:
            install()
        except (OSError, subprocess.SubprocessError) as error:
            sys.stderr.write(f"Chromium could not be installed: {error}\n")
    found = find_chromium()
    sys.stdout.write(f"Chromium: {found}\n" if found else f"{MISSING} The browser tests need it.\n")
    return 1 if found is None and required() else 0


if __name__ == "__main__":
    sys.exit(main())

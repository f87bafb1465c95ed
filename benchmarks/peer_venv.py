"""The peers' own environment: what `peers.txt` pins, installed once, apart from ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PINS = Path(__file__).with_name("peers.txt")


@dataclass(frozen=True, slots=True)
class Peers:
    """The environment that the peers run in."""

    python: Path
    versions: tuple[str, ...]
    """What is installed, as `name==version`."""


def find_peers(folder: Path, say: Callable[[str], None]) -> Peers | None:
    """The peers, installed where they are not yet; none, with a word why, where they cannot be had."""
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    pins = PINS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pins:
        say("installing the peers")
        try:
            _run(sys.executable, "-m", "venv", "--clear", folder)
            _run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", PINS)
        except (OSError, subprocess.CalledProcessError) as error:
            say(f"the peers cannot be installed, so they are left out: {error}")
            return None
        stamp.write_text(pins, encoding="utf-8")
    return Peers(python, tuple(line for line in pins.splitlines() if line and not line.startswith("#")))


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own command

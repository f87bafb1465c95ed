"""The starting line of a race between processes: everybody gets ready first, and only the race itself is timed.

A runner does all that comes before (imports, settings, an open database), calls `wait_for_go`, does its work, and
calls `say_done`. The other side is in `race.py`. Nothing but the standard library is needed: peers use it too.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def wait_for_go() -> None:
    """Say that this runner is ready, and wait for the start."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        sys.exit("the race was called off")


def say_done(**found: Any) -> None:
    """Say that the work is done, with what was found on the way."""
    sys.stdout.write(f"done {json.dumps(found)}\n")
    sys.stdout.flush()

"""Where the tests keep their files: `python -m tests.support.scratch` names a folder, in memory where there is room.

The databases of the tests are written with every care and thrown away a moment later; on a disk much of a run's time is
waiting for it. Programs run from there too (see `tests/support/postgres.py`), which some machines forbid in memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest and tempfile make folders of their own in it
ENOUGH = 2**32  # bytes; far more than a run holds at once, for what passed is removed


def scratch() -> Path:
    """The folder to make temporary files in."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return Path(tempfile.gettempdir())
    room = os.statvfs(MEMORY)
    fits = room.f_bavail * room.f_frsize >= ENOUGH and not room.f_flag & os.ST_NOEXEC
    return MEMORY if fits else Path(tempfile.gettempdir())


if __name__ == "__main__":
    sys.stdout.write(f"{scratch()}\n")

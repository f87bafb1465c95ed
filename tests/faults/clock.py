"""A clock that the whole run shares: the machine's, and how far it was put forward, which stands in a small file."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_DIGITS = 20


class SharedClock:
    """Tells the time to every process that opens the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._forward()

    def put_forward(self, by: timedelta) -> None:
        """Move it on for everybody. Call it from one process only."""
        microseconds = (self._forward() + by) // timedelta(microseconds=1)
        os.pwrite(self._file, f"{microseconds:0{_DIGITS}d}".encode(), 0)

    def close(self) -> None:
        os.close(self._file)

    def _forward(self) -> timedelta:
        return timedelta(microseconds=int(os.pread(self._file, _DIGITS, 0) or 0))

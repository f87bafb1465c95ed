"""Lets questions through to a service, or not: so that a dead one costs a time-out a minute and not one per visitor."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

PAUSE_SECONDS = 60.0
"""How long nobody asks after a question has failed."""
MOST_A_MINUTE = 60
"""How many questions one process asks, so that nobody makes us ask for every postcode there can be."""


class Valve:
    """Open until a question fails, and shut for a while then; open again for one at first. Any thread may use it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic, self._lock = monotonic, Lock()
        self._shut_until = float("-inf")
        self._failing = False
        self._window, self._asked = float("-inf"), 0

    def enter(self) -> bool:
        """Return whether a question may be asked now; who may must say then how it went."""
        with self._lock:
            now = self._monotonic()
            if now < self._shut_until:
                return False
            if now >= self._window + PAUSE_SECONDS:
                self._window, self._asked = now, 0
            if self._asked >= MOST_A_MINUTE:
                return False
            self._asked += 1
            if self._failing:  # this one tries for all; the others wait for what comes of it
                self._shut_until = now + PAUSE_SECONDS
            return True

    def answered(self) -> None:
        """Take note that a question was answered."""
        with self._lock:
            self._failing, self._shut_until = False, float("-inf")

    def failed(self) -> None:
        """Take note that a question failed."""
        with self._lock:
            self._failing, self._shut_until = True, self._monotonic() + PAUSE_SECONDS

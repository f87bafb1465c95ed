"""Counting what strangers may cause at any rate, without letting them write to the database at that rate."""

from __future__ import annotations

from datetime import datetime, timedelta

EVERY = timedelta(minutes=1)
"""How often one process writes down what it has counted, at the most."""


class Gathered:
    """A count that is handed out to be written down once in a while.

    What came last waits for the next to come, and ends with its process: a figure to be warned by, not to settle with.
    """

    def __init__(self) -> None:
        self._number = 0
        self._handed_out_at: datetime | None = None

    def one_more(self, now: datetime) -> int:
        """Count one; how many are to be written down now, which is none for most of them."""
        self._number += 1
        if self._handed_out_at is not None and now - self._handed_out_at < EVERY:
            return 0
        number, self._number, self._handed_out_at = self._number, 0, now
        return number

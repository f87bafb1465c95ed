"""Rows that an import did not take: all of them counted, the first ones kept to be shown."""

from __future__ import annotations

from app.targets.records import Rejected

SHOWN = 50


class Rejections:
    """Takes rejected rows one by one, and needs little room however many there are."""

    def __init__(self) -> None:
        self.count = 0
        self.shown: list[Rejected] = []

    def add(self, place: str, reason: str) -> None:
        """Take a row: where it is, and why it was not taken."""
        self.count += 1
        if len(self.shown) < SHOWN:
            self.shown.append(Rejected(place, reason))

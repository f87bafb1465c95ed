"""What a look at letters found: how grave it is, where, and in words."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How grave a finding is; the gravest first."""

    STOP = "stop"
    """Nobody should be written to before it is put right."""
    WARN = "warn"
    """Somebody should look at it and decide."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. The same fault of two letters has the same sentence; what differs is in the quote."""

    level: Level
    sentence: str
    where: str = ""
    """The part of the letter; empty where it is none's, or the whole letter's."""
    quote: str = ""
    """The words that it was found by."""

    def __str__(self) -> str:
        return self.sentence

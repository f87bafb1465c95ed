"""What is wrong with a text that staff wrote, and on which of its lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right in a text: its line, counted from 1, and plain words."""

    line: int
    message: str


def line_at(text: str, position: int) -> int:
    """The line, counted from 1, that the character at `position` stands on."""
    return text.count("\n", 0, position) + 1

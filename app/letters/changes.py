"""What somebody changed in a text, word by word, for a person to see."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_PIECE = re.compile(r"\n+|[^\S\n]*[^\s]+")
"""A word with the space before it, or line ends: together they are the text, but for spaces at the ends of lines."""

MOST_WORDS = 600
"""Of one changed place on each side. What is longer is shown as replaced: to compare it word by word takes a time that
grows with the square of its length, and nobody can read such a patchwork."""


class Change(enum.StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row with one fate."""

    change: Change
    text: str


def changes_between(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in their order; what was removed stands before what was added in its place."""
    pieces = list(_by_paragraph(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    return _joined(pieces)


def _by_paragraph(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """Whole lines first: nearly all of them are the same, and comparing them is cheap."""
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[new_start:new_end])
        if tag == "equal":
            yield Piece(Change.SAME, old)
        else:
            yield from _by_word(old, new)


def _by_word(before: str, after: str) -> Iterator[Piece]:
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        yield from _replaced(before, after)
        return
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(Change.SAME, "".join(old[start:end]))
        else:
            yield from _replaced("".join(old[start:end]), "".join(new[new_start:new_end]))


def _replaced(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(Change.REMOVED, old)
    if new:
        yield Piece(Change.ADDED, new)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one fate are one piece."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].change is piece.change:
            joined[-1] = Piece(piece.change, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined

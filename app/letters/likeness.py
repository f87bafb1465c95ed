"""How much of one text is left in another, and when two texts say the same. Pure, and linear in the texts' length."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import pairwise

from app.letters.readability import WORD

FEWEST_PAIRS = 8
"""With fewer pairs of words a text is too short to tell how much of it is left."""

FEWEST_WORDS_ALIKE = 12
"""Short sentences are the same by chance: "Please help my neighbours." A text of as many words or more is not."""

UNCHANGED = 100
"""The sameness of a text that says what its template says, and nothing else."""


def share_kept(template: str, text: str) -> float | None:
    """Which share of the template's pairs of neighbouring words the text still has: 1 is all of them, 0 is none.

    Words that are put in between cost two pairs at most for each place, however many they are; so who adds a lot keeps
    a lot. None where the template is too short to tell.
    """
    pairs = _pairs(template)
    if pairs.total() < FEWEST_PAIRS:
        return None
    return (pairs & _pairs(text)).total() / pairs.total()


def sameness(text: str, template: str) -> int:
    """How much of a text is its template's: the share of its pairs of neighbouring words, in percent.

    `UNCHANGED` means the same words and nothing else; whatever was changed, added or left out makes it 99 at the most.
    """
    words = _words(text)
    if words == _words(template):
        return UNCHANGED
    pairs = _pairs(text)
    return min(UNCHANGED - 1, UNCHANGED * (pairs & _pairs(template)).total() // pairs.total()) if pairs else 0


def essence(*texts: str) -> str:
    """What texts say without capitals, marks and spaces, in one form; empty where that is too little to compare."""
    words = [word for text in texts for word in _words(text)]
    return " ".join(words) if len(words) >= FEWEST_WORDS_ALIKE else ""


def _pairs(text: str) -> Counter[tuple[str, str]]:
    return Counter(pairwise(_words(text)))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(unicodedata.normalize("NFKC", text))]

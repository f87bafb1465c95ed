"""How alike two texts are, by the runs of words that they share. Pure text.

Runs of three words follow a paragraph that was moved and notice a word that was changed; what it costs grows with the
length of the texts and no faster.
"""

from __future__ import annotations

import re

RUN = 3
"""Words in a run."""
UNCHANGED = 100
"""The sameness of a letter that says what its template says, and nothing else."""

_WORD = re.compile(r"\w+")


def sameness(text: str, template: str) -> int:
    """How much of a text is its template's, in percent of its runs of words.

    100 means that the words are the same and nothing else; whatever was changed, added or left out makes it 99 at the
    most. An empty text has nothing of its template, unless that is empty too.
    """
    words, origin = _words(text), _words(template)
    if words == origin:
        return UNCHANGED
    runs = _runs(words)
    shared = len(runs & _runs(origin))
    return min(UNCHANGED - 1, UNCHANGED * shared // len(runs)) if runs else 0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    """Every run of three words; a shorter text is one run."""
    if not words:
        return set()
    return {tuple(words[place : place + RUN]) for place in range(max(1, len(words) - RUN + 1))}

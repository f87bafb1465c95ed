"""Which targets a campaign means, by what is known of them. Pure: texts against texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Facts = Mapping[str, Sequence[str]]
"""What is known of a target: by key (`party`, `posts`, …) the texts that it has there."""

ANY_RUN = "*"
"""Stands in a pattern for any characters, or none."""


@dataclass(frozen=True, slots=True)
class Who:
    """A description of targets: every key must hold, and a key holds when one of its patterns fits one of the texts.

    Without a key it describes everybody.
    """

    wanted: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, wanted: Mapping[str, Iterable[str]]) -> Who:
        """The description with these patterns; the order of the keys makes no difference."""
        return cls(tuple(sorted((key, tuple(patterns)) for key, patterns in wanted.items())))

    def as_json(self) -> dict[str, Any]:
        """What `of` reads back."""
        return {key: list(patterns) for key, patterns in self.wanted}

    def of_key(self, key: str) -> tuple[str, ...]:
        """The patterns of a key, of which one must fit; none where it does not count."""
        return dict(self.wanted).get(key, ())

    def fits(self, facts: Facts) -> bool:
        """Whether a target of which this is known is meant."""
        return all(_holds(patterns, facts.get(key, ())) for key, patterns in self.wanted)

    def __str__(self) -> str:
        """The description as a report prints it."""
        return ", ".join(f"{key} {' or '.join(patterns)}" for key, patterns in self.wanted)


def fits_pattern(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern says: the same letters, small or capital, and anything where it has a `*`.

    No other character has a meaning of its own, so that a name may have brackets and question marks in it.
    """
    first, *rest = _runs(pattern)
    plain = _plain(text)
    if not rest:
        return plain == first
    *middle, last = rest
    place, end = len(first), len(plain) - len(last)
    if place > end or not plain.startswith(first) or not plain.endswith(last):
        return False
    for part in middle:
        found = plain.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _holds(patterns: Sequence[str], texts: Sequence[str]) -> bool:
    return any(fits_pattern(pattern, text) for pattern in patterns for text in texts)


@lru_cache(256)
def _runs(pattern: str) -> list[str]:
    """What stands between the `*` of a pattern: one pattern meets thousands of texts."""
    return _plain(pattern).split(ANY_RUN)


def _plain(text: str) -> str:
    if text.isascii():  # nearly all are, and none of these has another form
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

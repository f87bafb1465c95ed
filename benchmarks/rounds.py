"""Rounds in which everybody has a turn, so that a slow moment of the machine strikes all alike."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.report import Series
from benchmarks.sink import Sink, expect


class Group(enum.StrEnum):
    """Whose contestant it is."""

    OURS = "ours"
    POST_OFFICE = "django-post_office"
    POST_OFFICE_TEXT = "django-post_office, text only"
    TUTORIAL = "tutorial"
    PLAIN_CLIENT = "the sendgrid client"
    LIMIT = "limit"
    LIMIT_TEXT = "limit, text only"


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who sends letters."""

    group: Group
    name: str
    letters: int
    """How many in a round."""
    run: Callable[[], float]
    """One round: everything around it, and how many seconds the sending took."""


def interleave(
    contestants: Sequence[Contestant], rounds: int, sink: Sink, say: Callable[[str], None]
) -> list[tuple[Group, Series]]:
    """Let each contestant run once a round, each round beginning with another one.

    Raises:
        LostLettersError: the sink got more or fewer letters than a contestant had to send.
    """
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds):
        turn = number % len(contestants)
        for contestant in [*contestants[turn:], *contestants[:turn]]:
            say(f"round {number + 1} of {rounds}: {contestant.name}")
            before = sink.count()
            seconds[contestant.name].append(contestant.run())
            expect(sink, before + contestant.letters)
    return [(one.group, Series(one.name, one.letters, seconds[one.name])) for one in contestants]

"""The port that mail leaves through, and the four answers that an adapter may give.

An answer says what is known, not what went wrong: whether another try could put a second copy into somebody's hands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from app.mail.message import Message

LONGEST_NOTE = 300
_STOP = r"\s<>()\[\],;:\"'|"
_ADDRESS = re.compile(rf"\"[^\"]{{1,64}}\"@[^{_STOP}]+|(?<![^{_STOP}])[^{_STOP}@]*(?:@|%40|=40(?=[A-Za-z]))[^{_STOP}]+")
"""An address in running text, also as URLs (%40) and reports (=40) write it. Greedy: a note may lose a word."""
_SIGNS = ("@", "%40", "=40")
"""One of them stands in every such address: looking for them first is far cheaper."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The next server took the message and answers for it."""

    note: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Never handed over, or turned away for now: it is safe to try again."""

    note: str
    ours: bool = False
    """Whether the trouble lies between us and our own relay or provider (not reached, wrong login, too many requests):
    it says nothing about the mail or its receiver, and other mail would fare the same."""
    wait: timedelta | None = None
    """How long the relay or provider asked us to wait, if it said."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Turned away for good."""

    note: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Handed over, and the answer was lost: it may have arrived, and another try may make a second copy."""

    note: str


Outcome: TypeAlias = Accepted | Deferred | Refused | Uncertain
"""What became of one message. Every `note` is made by `note_of`: one line that holds no address."""


class StoppedError(Exception):
    """What was about to leave must stay: it was stopped since it was taken."""


class Watcher(Protocol):
    """Whom a transport keeps told while it works, so that a crash at any moment leaves no doubt that can be spared."""

    def leaving(self, ids: Sequence[int]) -> None:
        """The next bytes may make the next server take these messages over. What is told is durable on return.

        An adapter calls this as late as it can: before what it writes in one go, when nothing but the end of a message
        is left, or all of it. A message that never was `leaving` was never handed over. May be called from any thread.

        Raises:
            StoppedError: one of them must not leave any more. The adapter then sends no end, so that none of them is
                taken over, drops the connection, gives none of them an answer, and goes on with other messages.
        """

    def returned(self, ids: Sequence[int]) -> None:
        """These were `leaving`, and none of them was taken: the next server has said so, or has not seen their end.

        Until they are `leaving` once more they count as never handed over. May be called from any thread.
        """

    def answered(self, message: Message, outcome: Outcome) -> None:
        """This message's outcome is known. Called in the thread that called `hand_over`, as soon as can be."""


class Transport(Protocol):
    """Hands messages over to whatever brings them to people."""

    @property
    def reaches_people(self) -> bool:
        """Whether messages leave this machine. If so, only verified targets may be given to `hand_over`."""

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        """Hand over all `messages`, several at once where that is faster.

        A message is taken from `messages` (in the calling thread) only when it can be handed over right away, or right
        after the one that its connection is busy with, so that whoever feeds them can stop at any moment. Every message
        taken is answered exactly once before the call returns, unless the watcher stopped it. One message's fault never
        raises. Connections may be kept for the next call. If `messages`, the watcher or an interruption raises anything
        else, connections in the middle of something are dropped and the error goes on; what was taken and not answered
        is then for the watcher to judge by what was `leaving`.
        """

    def close(self) -> None:
        """Let go of connections that were kept. The transport may be used again."""


def note_of(*parts: object, recipient: str = "") -> str:
    """One line of at most 300 characters from the parts, with every e-mail address in it written as `<address>`.

    The part of `recipient` before the @ is hidden too: servers write "User amina.k unknown".
    """
    words = _without_addresses(" ".join(map(str, parts)))
    local = recipient.rpartition("@")[0]
    if local and local.casefold() in words.casefold():  # as above
        words = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "<address>", words, flags=re.IGNORECASE)
    line = _one_line(words)
    return line if len(line) <= LONGEST_NOTE else line[: LONGEST_NOTE - 1] + "…"


def _without_addresses(words: str) -> str:
    if not any(sign in words for sign in _SIGNS):
        return words
    return _ADDRESS.sub("<address>", words).replace("<<address>>", "<address>")


def _one_line(words: str) -> str:
    if not words.isprintable():
        words = "".join(char if char.isprintable() else " " for char in words)
    return " ".join(words.split())

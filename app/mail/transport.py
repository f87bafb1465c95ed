"""The port that mail leaves through, and the four answers that an adapter may give.

An answer says what is known, not what went wrong: whether another try could put a second copy into somebody's hands.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from app.mail.message import Message

LONGEST_NOTE = 300
_STOP = r"\s<>()\[\],;:\"'|"
_ADDRESS = re.compile(rf"\"[^\"]{{1,64}}\"@[^{_STOP}]+|(?<![^{_STOP}])[^{_STOP}@]*(?:@|%40|=40(?=[A-Za-z]))[^{_STOP}]+")
"""An address in running text, also as URLs (%40) and reports (=40) write it. Greedy: a note may lose a word."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The next server took the message and answers for it."""

    note: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Never handed over, or turned away for now: it is safe to try again."""

    note: str


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


class Transport(Protocol):
    """Hands messages over to whatever brings them to people."""

    @property
    def reaches_people(self) -> bool:
        """Whether messages leave this machine. If so, only verified targets may be given to `hand_over`."""

    def hand_over(self, messages: Iterable[Message]) -> Generator[tuple[Message, Outcome], None, None]:
        """Hand over one message after the other and tell each one's outcome as soon as it is known, in order.

        A message is taken from `messages` only when the one before it has its outcome. One message's fault never
        raises. Closing the generator early releases the connection; messages not yet taken were not handed over.
        """


def note_of(*parts: object, recipient: str = "") -> str:
    """One line of at most 300 characters from the parts, with every e-mail address in it written as `<address>`.

    The part of `recipient` before the @ is hidden too: servers write "User amina.k unknown".
    """
    words = _ADDRESS.sub("<address>", " ".join(str(part) for part in parts)).replace("<<address>>", "<address>")
    if local := recipient.rpartition("@")[0]:
        words = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "<address>", words, flags=re.IGNORECASE)
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return line if len(line) <= LONGEST_NOTE else line[: LONGEST_NOTE - 1] + "…"

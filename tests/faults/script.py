"""The script of faults: what goes wrong, when, and with whom. The same seed gives the same script.

What befalls a mail is drawn from the seed, its delivery's id and the number of its attempt, and what befalls a
connection from the seed and the connection's number: so it does not depend on who is first on a busy machine.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias


class Step(enum.StrEnum):
    """Where in a conversation something goes wrong."""

    ACCEPT = "as it opens"
    GREETING = "at the greeting"
    EHLO = "at EHLO"
    MAIL = "at MAIL"
    RCPT = "at RCPT"
    DATA = "at DATA"
    CONTENT = "in the content"
    BEFORE_END = "before the end of the content"
    END = "after the end, before the answer"
    ANSWERED = "after the answer"
    RESET = "at RSET"
    QUIT = "at QUIT"
    HEAD = "after the head of the request"
    LAST_BYTE = "before the request's last byte"
    REQUEST = "after the request, before the answer"


class Act(enum.StrEnum):
    """What goes wrong there."""

    ANSWER = "answered"
    DROP = "connection dropped"
    KILL = "worker killed"
    SILENCE = "silence"
    STALL = "stalled"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    step: Step
    act: Act
    reply: str = ""
    taken: bool = False
    """Whether the server takes the mail over all the same."""

    def __str__(self) -> str:
        """Say it in words."""
        what = f"{self.act} {self.reply}".rstrip()
        return f"{what} {self.step}{', taken' if self.taken else ''}"


Table: TypeAlias = tuple[tuple[Fault, float], ...]
"""Faults and the shares, in per cent, in which they come; the rest goes well."""

GREETING_REPLIES = ("421", "451", "554")
REPLIES = ("421", "451", "550")
BAD_REQUESTS = ("400 naming one mail", "400 naming none", "400 naming our address", "401")
NEVER_TAKEN = ("429", "503", *BAD_REQUESTS)


def _each(share: float, *faults: Fault) -> Table:
    return tuple((fault, share) for fault in faults)


SMTP_CONNECTION = (
    *_each(1.0, *(Fault(step, act) for step in (Step.GREETING, Step.EHLO) for act in (Act.DROP, Act.STALL))),
    *_each(1.0, *(Fault(step, Act.ANSWER, code) for step in (Step.GREETING, Step.EHLO) for code in GREETING_REPLIES)),
)
SMTP_MAIL = (
    *_each(0.6, *(Fault(step, Act.DROP) for step in (Step.MAIL, Step.RCPT, Step.DATA, Step.CONTENT, Step.BEFORE_END))),
    *_each(0.6, Fault(Step.END, Act.DROP), Fault(Step.END, Act.DROP, taken=True)),
    *_each(1.0, Fault(Step.ANSWERED, Act.DROP)),
    *_each(0.4, *(Fault(step, Act.ANSWER, code) for step in (Step.MAIL, Step.RCPT, Step.DATA) for code in REPLIES)),
    *_each(0.4, *(Fault(Step.END, Act.ANSWER, code) for code in REPLIES)),
    *_each(0.4, *(Fault(step, Act.STALL) for step in (Step.MAIL, Step.RCPT, Step.DATA, Step.END))),
    *_each(0.15, Fault(Step.MAIL, Act.SILENCE), Fault(Step.DATA, Act.SILENCE), Fault(Step.END, Act.SILENCE)),
    *_each(0.15, Fault(Step.END, Act.SILENCE, taken=True)),
    *_each(0.2, *(Fault(step, Act.KILL) for step in (Step.MAIL, Step.CONTENT, Step.BEFORE_END, Step.END))),
    *_each(0.2, Fault(Step.END, Act.KILL, taken=True)),
    *_each(0.4, Fault(Step.ANSWERED, Act.KILL)),  # between the hand-over and the settlement
)
SMTP_RESET = (
    *_each(3.0, Fault(Step.RESET, Act.DROP)),
    *_each(3.0, *(Fault(Step.RESET, Act.ANSWER, code) for code in REPLIES)),
)
SMTP_QUIT = _each(60.0, Fault(Step.QUIT, Act.DROP))
HTTP_CONNECTION = _each(2.0, Fault(Step.ACCEPT, Act.DROP), Fault(Step.HEAD, Act.ANSWER, "503"))
HTTP_REQUEST = (
    *_each(0.8, Fault(Step.LAST_BYTE, Act.DROP)),
    *_each(0.8, *(Fault(Step.REQUEST, Act.DROP, taken=taken) for taken in (False, True))),
    *_each(0.8, *(Fault(Step.REQUEST, Act.ANSWER, "500", taken=taken) for taken in (False, True))),
    *_each(0.7, *(Fault(Step.REQUEST, Act.ANSWER, reply) for reply in NEVER_TAKEN)),
    *_each(0.5, Fault(Step.REQUEST, Act.ANSWER, "202, the last of its limit", taken=True)),
    *_each(0.4, *(Fault(Step.REQUEST, Act.SILENCE, taken=taken) for taken in (False, True))),
    *_each(0.8, Fault(Step.REQUEST, Act.STALL, taken=True)),
    *_each(0.8, Fault(Step.ANSWERED, Act.DROP, taken=True)),
    *_each(0.4, Fault(Step.LAST_BYTE, Act.KILL)),
    *_each(0.4, *(Fault(Step.REQUEST, Act.KILL, taken=taken) for taken in (False, True))),
    *_each(0.8, Fault(Step.ANSWERED, Act.KILL, taken=True)),
)


class What(enum.StrEnum):
    """What happens to the house itself while letters are confirmed."""

    KILL = "a worker is killed at a random moment"
    STOP = "a worker is asked to stop"
    REDIS_STOPS = "Redis stops"
    REDIS_STARTS = "Redis starts"
    POSTGRESQL_CRASHES = "PostgreSQL crashes and starts again"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens as soon as so many letters have been confirmed."""

    letters: int
    what: What
    worker: int = 0
    after: float = 0.0
    """Seconds to wait first, so that it does not always hit the same moment."""


@dataclass
class Script:
    """All that goes wrong in one run."""

    seed: int
    letters: int
    workers: int = 2
    going: threading.Event = field(default_factory=threading.Event)
    """Set while things go wrong."""

    def random(self, *about: object) -> Random:
        """A source of chance for one subject."""
        return Random(":".join(map(str, (self.seed, *about))))  # noqa: S311 - chance, not secrecy

    def draw(self, table: Table, *about: object) -> Fault | None:
        """What befalls this subject; nothing, mostly, and nothing at all when the faults are over."""
        if not self.going.is_set():
            return None
        left = self.random(table[0][0], *about).uniform(0, 100)
        for fault, share in table:
            left -= share
            if left < 0:
                return fault
        return None

    def happenings(self, *, postgresql: bool) -> list[Happening]:
        """What happens to the house, in its order."""
        chance = self.random("happenings")

        def some(what: What, number: int, first: float = 0.0) -> Iterable[Happening]:
            for turn in range(number):
                share = first + (turn + chance.random()) * (1 - first) / number
                yield Happening(int(self.letters * share), what, chance.randrange(self.workers), chance.random() / 5)

        often = max(2, min(8, self.letters // 200))
        happenings = [*some(What.KILL, often), *some(What.STOP, max(1, often // 2))]
        for start in (0.1, 0.5):
            happenings.append(Happening(int(self.letters * (start + chance.random() / 10)), What.REDIS_STOPS))
            happenings.append(Happening(int(self.letters * (start + 0.15 + chance.random() / 10)), What.REDIS_STARTS))
        if postgresql:
            happenings += some(What.POSTGRESQL_CRASHES, max(1, min(6, self.letters // 300)), first=0.1)
        return sorted(happenings, key=lambda happening: happening.letters)


def kinds_of(*tables: Table) -> list[str]:
    """Every kind of fault that these tables hold."""
    return [str(fault) for table in tables for fault, _ in table]

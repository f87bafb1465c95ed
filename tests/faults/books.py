"""What the receiving server knows: of which mails it saw a beginning, and which it took over."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has taken over."""

    delivery_id: int
    writer: str
    """Whom an answer would go to; nobody for our own mails to supporters."""
    recipient: str
    bounce_address: str = ""
    """The envelope's sender, where there is an envelope."""


Tell = Callable[[Sequence[Taken]], None]
"""Is told of mails that were taken over together."""


def tell_nobody(_taken: Sequence[Taken]) -> None:
    """For books that nobody reads before the end."""


@dataclass
class Books:
    """The server's own books, kept apart from whatever the house believes. Safe to use from any thread."""

    tell: Tell = tell_nobody
    begun: set[int] = field(default_factory=set)
    """Mails of whose content, or of whose request, something arrived."""
    taken: list[Taken] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """What should not have come at all."""
    faults: Counter[str] = field(default_factory=Counter)
    """What went wrong, and how often."""
    _attempts: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self, delivery_id: int) -> int:
        """Which attempt to hand this mail over begins now, counted from 1."""
        with self._lock:
            self._attempts[delivery_id] += 1
            return self._attempts[delivery_id]

    def begin(self, delivery_ids: Collection[int]) -> None:
        """Their hand-over has begun: the server has let their content come, or has seen a part of their request."""
        with self._lock:
            self.begun.update(delivery_ids)

    def take(self, *taken: Taken) -> None:
        """They are taken over; from now on the server answers for them."""
        with self._lock:
            self.taken.extend(taken)
        self.tell(taken)

    def wonder(self, what: str) -> None:
        """Note what should not have come."""
        with self._lock:
            self.strange.append(what)

    def note_fault(self, fault: object) -> None:
        """Note that something went wrong."""
        with self._lock:
            self.faults[str(fault)] += 1

    def copies(self) -> dict[int, list[Taken]]:
        """Each mail that was taken over, with all its copies."""
        copies: dict[int, list[Taken]] = defaultdict(list)
        with self._lock:
            for taken in self.taken:
                copies[taken.delivery_id].append(taken)
        return copies

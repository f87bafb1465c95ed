"""A watcher that remembers what a transport told it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.mail.message import Message
from app.mail.transport import Outcome, StoppedError, Transport


@dataclass(slots=True)
class RecordingWatcher:
    """Keeps what was leaving, what came back and what was answered, in order."""

    left: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    stopped: frozenset[int] = frozenset()
    """What must not leave any more."""
    answers: list[tuple[Message, Outcome]] = field(default_factory=list)

    def leaving(self, ids: Sequence[int]) -> None:
        if self.stopped.intersection(ids):
            raise StoppedError
        self.left.extend(ids)

    def returned(self, ids: Sequence[int]) -> None:
        self.back.extend(ids)

    def answered(self, message: Message, outcome: Outcome) -> None:
        self.answers.append((message, outcome))


def hand_over(transport: Transport, messages: Iterable[Message]) -> list[tuple[Message, Outcome]]:
    """Hand the messages over, close the transport, and give each one's outcome in the order of the answers."""
    watcher = RecordingWatcher()
    try:
        transport.hand_over(iter(messages), watcher)
    finally:
        transport.close()
    return watcher.answers

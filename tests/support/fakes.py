"""What stands in for four ports, mail transport, doorbell, outlet and printer, and a clock that tests turn by hand.

Nothing else is faked anywhere: databases, Redis, SMTP and browser are real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.hooks.outlet import Answer, NoAnswerError, Post
from app.mail.message import Message
from app.mail.transport import Accepted, Outcome, StoppedError, Watcher


def accept(_message: Message) -> Outcome:
    """The answer of a server that takes everything."""
    return Accepted("250 2.0.0 Accepted")


@dataclass(slots=True)
class FakeTransport:
    """Keeps every message it is given and asks `answer` for its outcome; what `answer` raises, the transport raises."""

    answer: Callable[[Message], Outcome] = accept
    reaches_people: bool = False
    messages: list[Message] = field(default_factory=list)

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        for message in messages:
            with suppress(StoppedError):
                watcher.leaving([message.id])
                self.messages.append(message)
                watcher.answered(message, self.answer(message))

    def close(self) -> None:
        """Nothing is kept open."""

    def to(self, address: str) -> list[Message]:
        """The messages to one address, in order."""
        return [message for message in self.messages if message.to_address == address]


@dataclass(slots=True)
class FakeDoorbell:
    """Remembers for which deliveries it was rung."""

    rings: list[int] = field(default_factory=list)

    def ring(self, delivery_id: int) -> None:
        self.rings.append(delivery_id)


@dataclass(slots=True)
class FakeOutlet:
    """Keeps every post and answers each as `answer` says: with a status, or why there is no answer."""

    answer: Callable[[Post], Answer | str] = lambda _post: Answer(204)
    posts: list[Post] = field(default_factory=list)

    def post(self, post: Post) -> Answer:
        self.posts.append(post)
        answer = self.answer(post)
        if isinstance(answer, str):
            raise NoAnswerError(answer)
        return answer

    def ids(self) -> list[str]:
        """The ids of the messages that came, in order."""
        return [post.headers["webhook-id"] for post in self.posts]


@dataclass(frozen=True, slots=True)
class NoPrinter:
    """A machine without Pango."""

    ready: bool = False

    def one_sheet(self, drafts: Iterable[Callable[[], str]]) -> bytes:
        raise AssertionError(f"{drafts} are asked for where nothing can be printed")


class Steady(Random):
    """Chance without surprises: every factor is 1, where it may be."""

    def uniform(self, a: float, b: float) -> float:
        return min(max(1.0, a), b)


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until it is moved on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        self.now += by
        return self.now

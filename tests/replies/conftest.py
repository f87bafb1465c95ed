"""A house whose campaign protects replies: letters that have gone, and the mails that come to their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from app.campaigns.models import Replies
from app.columns import Base
from app.db import Sessions
from app.delivery.dispatch import Dispatcher
from app.delivery.lateness import Lateness
from app.delivery.ledger import differences as ledger_differences
from app.delivery.prepared import Address
from app.delivery.render import Renderer
from app.mail.message import Message
from app.mail.transport import Outcome
from app.queue.states import DeliveryState, Purpose
from app.replies.inbox import Inbox, Sorted
from app.replies.mails import PREPARES
from app.replies.models import Answer, ReplyCount
from app.replies.relay import Taken
from app.replies.standing import differences
from tests.delivery.conftest import LINKS, MAIL_FROM, UNPACED
from tests.support.builders import ALICE, Scene, make_scene
from tests.support.fakes import FakeClock, FakeTransport, Steady, accept

REPLIES_TO = "answers@solidarity-post.example"
BOB, CARLA = "bob.sample@zedmere.example", "carla.verde@zedmere.example"
SAID = "Dear Alice,\n\nthank you for writing. I will vote against it.\n\nBob Sample"


@dataclass(frozen=True, slots=True)
class House:
    """Everything that takes part in an answer."""

    scene: Scene
    transport: FakeTransport
    clock: FakeClock
    journals: Path
    replies_to: str = REPLIES_TO

    @property
    def sender(self) -> Address:
        return Address(LINKS, MAIL_FROM, MAIL_FROM, reaches_people=False, replies_to=self.replies_to)

    @property
    def inbox(self) -> Inbox:
        return Inbox(LINKS, [MAIL_FROM, REPLIES_TO], Steady())

    def deliver(self, outcome: Outcome | None = None) -> int:
        """Deliver what is due, as the worker does."""
        self.transport.answer = accept if outcome is None else lambda _message: outcome
        return Dispatcher(
            sessions=self.scene.sessions,
            transport=self.transport,
            renderer=Renderer(self.sender, "Solidarity Post", PREPARES),
            clock=self.clock,
            rules=UNPACED,
            lateness=Lateness(timedelta(days=1000)),
            journals=self.journals,
            random=Steady(),
        ).sweep()

    def write(self, email: str = ALICE, **told: object) -> int:
        """A supporter's letters go; the id of the action."""
        action_id = self.scene.confirmed(email, **told)
        self.deliver()
        return action_id

    def letter_to(self, address: str) -> Message:
        """The letter that went to an address."""
        return next(mail for mail in reversed(self.transport.messages) if mail.to_address == address)

    def address_of(self, address: str = BOB) -> str:
        """Where answers to the letter to an address go."""
        reply_to = self.letter_to(address).reply_to
        assert reply_to is not None
        return reply_to

    def take_in(self, raw: bytes, recipient: str = "") -> Taken | Sorted:
        with self.scene.sessions.write() as session:
            return self.inbox.take_in(session, raw, recipient, self.clock.now)

    def answers(self, said: str = SAID, *, by: str = BOB, **headers: str) -> Taken | Sorted:
        """Somebody answers the letter that went to them."""
        return self.take_in(answer(self.address_of(by), said, by=by, **headers))

    def counts(self) -> dict[tuple[str, Answer], int]:
        """The counters, by the target's key; all of them are what the rows add up to."""
        with self.scene.sessions.read() as session:
            assert [*differences(session), *ledger_differences(session)] == []
            rows = session.scalars(select(ReplyCount).where(ReplyCount.count != 0)).all()
        names = {self.scene.target_id(name): name for name in ("bob-sample", "carla-verde")}
        return {(names[row.target_id], row.answer): row.count for row in rows}

    def rows(self, model: type[Base]) -> list[Base]:
        with self.scene.sessions.read() as session:
            return list(session.scalars(select(model)))

    def states(self, purpose: Purpose) -> list[DeliveryState]:
        return self.scene.states(purpose)

    def mails_to_alice(self) -> list[Message]:
        return self.transport.to(ALICE)


def answer(to: str, said: str = SAID, *, by: str = BOB, html: str = "", **headers: str) -> bytes:
    """An answer as a mail program writes it; in the names of further headers `_` stands for `-`."""
    mail = EmailMessage()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    own = {
        "From": f"Cllr Bob Sample <{by}>",
        "To": to,
        "Subject": "Re: Please oppose reporting",
        "Message-ID": f"<{abs(hash((said, by, html)))}@zedmere.example>",
    }
    for name, value in (own | named).items():
        mail[name] = value
    mail.set_content(said)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def _house(sessions: Sessions, now: datetime, folder: Path) -> House:
    scene = make_scene(sessions, now, replies=Replies.PROTECTED)
    return House(scene, FakeTransport(), FakeClock(now), folder / "journal")


@pytest.fixture
def house(sessions: Sessions, now: datetime, tmp_path: Path) -> House:
    """A house on each kind of database in turn."""
    return _house(sessions, now, tmp_path)


@pytest.fixture
def sqlite_house(sqlite_sessions: Sessions, now: datetime, tmp_path: Path) -> House:
    """The same, for what does not depend on the kind of database."""
    return _house(sqlite_sessions, now, tmp_path)

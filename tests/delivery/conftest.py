"""A post office: a scene, a scripted transport, a clock that is turned by hand, and the dispatcher between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.actions.links import Links
from app.db import Sessions, make_engine
from app.delivery.dispatch import Dispatcher
from app.delivery.lateness import Lateness
from app.delivery.prepared import Address
from app.delivery.render import Renderer
from app.hours import Hours
from app.privacy.keys import FieldKeys
from app.queue.lanes import LaneRules
from app.queue.models import Delivery
from app.queue.states import Purpose
from tests.conftest import SECRET_KEY
from tests.support.builders import Scene, make_scene
from tests.support.fakes import FakeClock, FakeTransport, Steady

LINKS = Links("https://letters.example.org", SECRET_KEY)
MAIL_FROM = "letters@solidarity-post.example"
UNPACED = LaneRules(0, Hours())
MAX_LATENESS = timedelta(days=1000)


def renderer(*, reaches_people: bool = False) -> Renderer:
    """What the platform renders with."""
    return Renderer(Address(LINKS, MAIL_FROM, MAIL_FROM, reaches_people), "Solidarity Post")


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that takes part in a delivery."""

    scene: Scene
    transport: FakeTransport
    clock: FakeClock
    journals: Path

    @property
    def dispatcher(self) -> Dispatcher:
        """A worker of its own."""
        return self.worker()

    def worker(self, rules: LaneRules = UNPACED, lateness: timedelta = MAX_LATENESS) -> Dispatcher:
        return Dispatcher(
            sessions=self.scene.sessions,
            transport=self.transport,
            renderer=renderer(reaches_people=self.transport.reaches_people),
            clock=self.clock,
            rules=rules,
            lateness=Lateness(lateness),
            journals=self.journals,
            random=Steady(),
        )

    def deliver(self, *, after: timedelta = timedelta()) -> int:
        """Deliver what is due, some time later."""
        self.clock.advance(after)
        return self.dispatcher.deliver_due()

    def sweep(self, *, after: timedelta = timedelta()) -> int:
        """Sweep, some time later."""
        self.clock.advance(after)
        return self.dispatcher.sweep()

    def letter(self) -> int:
        """A letter to Bob Sample alone that waits to be delivered, after the notices around it; its delivery's id."""
        self.scene.change_target("carla-verde", email="")
        self.scene.confirmed()
        return self.only(Purpose.LETTER).id

    def only(self, purpose: Purpose) -> Delivery:
        """The one delivery of a purpose."""
        [delivery] = self.scene.deliveries(purpose)
        return delivery

    def get(self, delivery_id: int) -> Delivery:
        with self.scene.sessions.read() as session:
            return session.get_one(Delivery, delivery_id)


def _office(sessions: Sessions, now: datetime, folder: Path) -> Office:
    return Office(make_scene(sessions, now), FakeTransport(), FakeClock(now), folder / "journal")


@pytest.fixture
def office(sessions: Sessions, now: datetime, tmp_path: Path) -> Office:
    """A post office on each kind of database in turn."""
    return _office(sessions, now, tmp_path)


@pytest.fixture
def sqlite_office(sqlite_sessions: Sessions, now: datetime, tmp_path: Path) -> Office:
    """The same, for what does not depend on the kind of database."""
    return _office(sqlite_sessions, now, tmp_path)


@pytest.fixture
def postgresql_office(postgresql_url: str, keys: FieldKeys, now: datetime, tmp_path: Path) -> Iterator[Office]:
    """The same, for what only several writers at once can show."""
    engine = make_engine(postgresql_url, keys)
    yield _office(Sessions(engine), now, tmp_path)
    engine.dispose()

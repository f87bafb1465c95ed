"""A post office: a scene, a scripted transport, a clock that is turned by hand, and the dispatcher between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from app.actions.links import Links
from app.db import Sessions
from app.delivery.dispatch import Dispatcher
from app.delivery.render import Renderer
from app.queue.models import Delivery
from app.queue.states import Purpose
from tests.conftest import SECRET_KEY
from tests.support.builders import Scene, make_scene
from tests.support.fakes import FakeClock, FakeTransport

LINKS = Links("https://letters.example.org", SECRET_KEY)
RENDERER = Renderer(LINKS, "letters@solidarity-post.example", "Solidarity Post")


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that takes part in a delivery."""

    scene: Scene
    transport: FakeTransport
    clock: FakeClock

    @property
    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.scene.sessions, self.transport, RENDERER, self.clock)

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


def _office(sessions: Sessions, now: datetime) -> Office:
    return Office(make_scene(sessions, now), FakeTransport(), FakeClock(now))


@pytest.fixture
def office(sessions: Sessions, now: datetime) -> Office:
    """A post office on each kind of database in turn."""
    return _office(sessions, now)


@pytest.fixture
def sqlite_office(sqlite_sessions: Sessions, now: datetime) -> Office:
    """The same, for what does not depend on the kind of database."""
    return _office(sqlite_sessions, now)

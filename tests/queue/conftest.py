"""Deliveries of one action to move about, on each database or on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from app.db import Sessions, make_engine
from app.privacy.keys import FieldKeys
from app.queue.models import Delivery
from app.queue.rows import Parcel, put
from app.queue.states import DeliveryState, Purpose
from tests.support.builders import Scene, make_scene


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of a scene in which one pending action owns every delivery; its own confirmation is the first."""

    scene: Scene
    action_id: int

    @property
    def sessions(self) -> Sessions:
        return self.scene.sessions

    @property
    def now(self) -> datetime:
        return self.scene.now

    def put(
        self, *purposes: Purpose, state: DeliveryState = DeliveryState.QUEUED, due_in: timedelta = timedelta()
    ) -> list[int]:
        """Queue deliveries; they may be put into any state at once, which no function of the platform does."""
        with self.sessions.write() as session:
            parcels = [Parcel(purpose, self.scene.campaign_id, self.action_id) for purpose in purposes]
            ids = put(session, parcels, self.now)
            for delivery_id in ids:
                delivery = session.get_one(Delivery, delivery_id)
                delivery.state, delivery.due_at = state, self.now + due_in
        return ids

    def get(self, delivery_id: int) -> Delivery:
        with self.sessions.read() as session:
            return session.get_one(Delivery, delivery_id)

    def state(self, delivery_id: int) -> DeliveryState:
        return self.get(delivery_id).state


def _queue(sessions: Sessions, now: datetime) -> Queue:
    scene = make_scene(sessions, now)
    action_id = scene.pending()
    with sessions.write() as session:
        session.get_one(Delivery, scene.deliveries()[0].id).state = DeliveryState.SENT
    return Queue(scene, action_id)


@pytest.fixture
def queue(sessions: Sessions, now: datetime) -> Queue:
    """A queue with nothing due; the test runs on each kind of database."""
    return _queue(sessions, now)


@pytest.fixture
def sqlite_queue(sqlite_sessions: Sessions, now: datetime) -> Queue:
    """The same, for what does not depend on the kind of database."""
    return _queue(sqlite_sessions, now)


@pytest.fixture
def postgresql_queue(postgresql_url: str, keys: FieldKeys, now: datetime) -> Iterator[Queue]:
    """The same, for what SQLite with its one writer cannot show."""
    engine = make_engine(postgresql_url, keys)
    yield _queue(Sessions(engine), now)
    engine.dispose()

"""Deliveries of one action to move about, on each database or on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions, make_engine
from app.hours import Hours
from app.privacy.keys import FieldKeys
from app.queue.claim import Claim, claim_due
from app.queue.counters import Place, Stand, count_moves
from app.queue.lanes import NOTICES, LaneRules, lanes_of
from app.queue.models import Delivery
from app.queue.rows import Parcel, put
from app.queue.states import DeliveryState, Purpose
from tests.support.builders import Scene, make_scene
from tests.support.fakes import Steady

LETTERS = "bob.sample@zedmere.example"
"""Whom the letters of these tests are to."""
UNPACED = LaneRules(0, Hours())


def force(session: Session, delivery_id: int, state: DeliveryState, *, due_at: datetime | None = None) -> None:
    """Put a delivery into any state, whatever the table of moves says, and keep the counters true."""
    delivery = session.get_one(Delivery, delivery_id)
    stand = Stand(Place(delivery.lane_id, delivery.campaign_id), delivery.target_id)
    count_moves(session, [stand], delivery.state, state, delivery.changed_at)
    delivery.state, delivery.due_at = state, due_at or delivery.due_at


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
            lanes = lanes_of(session, [NOTICES, LETTERS])
            parcels = [
                Parcel(
                    purpose,
                    self.scene.campaign_id,
                    self.action_id,
                    lanes[LETTERS if purpose is Purpose.LETTER else NOTICES],
                )
                for purpose in purposes
            ]
            ids = put(session, parcels, self.now)
            for delivery_id in ids:
                force(session, delivery_id, state, due_at=self.now + due_in)
        return ids

    def claim(self, limit: int = 100, *, now: datetime | None = None, rules: LaneRules = UNPACED) -> Claim:
        """Claim what is due, as a worker of its own."""
        with self.sessions.write() as session:
            return claim_due(session, now or self.now, limit, rules, token=token_hex(8), random=Steady())

    def get(self, delivery_id: int) -> Delivery:
        with self.sessions.read() as session:
            return session.get_one(Delivery, delivery_id)

    def state(self, delivery_id: int) -> DeliveryState:
        return self.get(delivery_id).state


def _queue(sessions: Sessions, now: datetime) -> Queue:
    scene = make_scene(sessions, now)
    action_id = scene.pending()
    with sessions.write() as session:
        force(session, scene.deliveries()[0].id, DeliveryState.SENT)
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

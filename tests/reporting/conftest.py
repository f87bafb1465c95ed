"""A campaign with letters in every state, and what was counted of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from app.actions.activity import Step, count_step
from app.actions.recipients import Wish
from app.campaigns.models import Campaign
from app.db import Sessions
from app.queue.models import Delivery
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.reporting.publication import PublicationRound
from app.reporting.scope import Scope
from tests.support.builders import CANALSIDE, STATION_ROAD, Scene, make_scene

S = DeliveryState
PATHS: dict[DeliveryState, Sequence[DeliveryState]] = {
    S.QUEUED: (),
    S.SENDING: (S.SENDING,),
    S.SENT: (S.SENDING, S.SENT),
    S.DELIVERED: (S.SENDING, S.SENT, S.DELIVERED),
    S.BOUNCED: (S.SENDING, S.SENT, S.BOUNCED),
    S.COMPLAINED: (S.SENDING, S.SENT, S.DELIVERED, S.COMPLAINED),
    S.HELD: (S.HELD,),
    S.SUPPRESSED: (S.SUPPRESSED,),
    S.CANCELLED: (S.CANCELLED,),
    S.FAILED: (S.SENDING, S.FAILED),
    S.UNCERTAIN: (S.SENDING, S.UNCERTAIN),
}
"""A way to every state, by moves that the table has."""


def bring(scene: Scene, delivery_id: int, to: DeliveryState, now: datetime | None = None) -> None:
    """Move a queued delivery to a state as the platform would."""
    with scene.sessions.write() as session:
        origin = S.QUEUED
        for step in PATHS[to]:
            assert move(session, [delivery_id], Move(origin, step, EventSource.SYSTEM), now or scene.now)
            origin = step


def letters_of(scene: Scene) -> list[Delivery]:
    """The deliveries of letters, in their order."""
    return list(scene.deliveries(Purpose.LETTER))


def scope_of(scene: Scene) -> Scope:
    with scene.sessions.read() as session:
        return Scope([session.get_one(Campaign, scene.campaign_id)])


def fill(scene: Scene, wards: tuple[str, str] = (CANALSIDE, STATION_ROAD)) -> Scene:
    """Sixteen people in two wards, letters in every state, three who did not confirm, and pages that were seen."""
    for number in range(16):
        ward = wards[number >= 12]
        at = scene.now + timedelta(hours=number)
        scene.confirmed(
            f"supporter{number}@supporter.example",
            now=at,
            wish=Wish(postcode=ward),
            language="ar" if number % 4 == 3 else "en",
            own_words="My own story, told for once." if number % 2 else "",
        )
    for number in range(3):
        scene.pending(f"late{number}@supporter.example", wish=Wish(postcode=wards[0]))
    waiting = letters_of(scene)
    states = [*S, S.SENT, S.SENT, S.DELIVERED]
    for place, delivery in enumerate(waiting):
        bring(scene, delivery.id, states[place % len(states)], scene.now + timedelta(days=1))
    with scene.sessions.write() as session:
        for step, number in ((Step.VIEWED, 90), (Step.STARTED, 40)):
            count_step(session, scene.campaign_id, step, scene.now, source="share", language="en", number=number)
    publish_all(scene)
    return scene


def publish_all(scene: Scene, now: datetime | None = None) -> None:
    """Let a worker publish what is due."""
    PublicationRound(scene.sessions).turn(now or scene.now)


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """The campaign on each kind of database in turn."""
    return fill(make_scene(sessions, now))


@pytest.fixture
def sqlite_scene(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """The same, for what does not depend on the kind of database."""
    return fill(make_scene(sqlite_sessions, now))

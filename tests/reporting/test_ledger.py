"""Whatever happens to letters, in whatever order, the counters of the reports are what the rows say."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db import Sessions
from app.delivery.ledger import differences
from app.queue.lanes import lanes_of
from app.queue.rows import Move, change_lane, move
from app.queue.states import TRANSITIONS, DeliveryState, EventSource, Purpose
from tests.support.builders import BOB, CANALSIDE, STATION_ROAD, Scene, Wish, make_scene

MOVES = sorted((origin, to) for origin, ways in TRANSITIONS.items() for to in ways)


class RolledBackError(Exception):
    """The transaction of a test breaks off."""


def break_off() -> None:
    raise RolledBackError


@pytest.fixture
def plain_scene(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """Two supporters' letters to three councillors, all of them waiting, and what was withdrawn."""
    scene = make_scene(sqlite_sessions, now)
    scene.confirmed(wish=Wish(postcode=CANALSIDE))
    scene.confirmed(BOB, wish=Wish(postcode=STATION_ROAD))
    scene.withdraw(scene.confirmed("carol@supporter.example", wish=Wish(postcode=CANALSIDE)))
    return scene


steps = st.lists(
    st.tuples(st.sampled_from(MOVES), st.lists(st.integers(0, 4), max_size=5), st.booleans(), st.booleans()),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_counters_follow_whatever_happens(
    plain_scene: Scene, steps: list[tuple[tuple[DeliveryState, DeliveryState], list[int], bool, bool]]
) -> None:
    scene = plain_scene
    ids = [delivery.id for delivery in scene.deliveries(Purpose.LETTER)]
    for hours, ((origin, to), chosen, moves_lane, breaks_off) in enumerate(steps):
        some = {ids[number % len(ids)] for number in chosen}
        with suppress(RolledBackError), scene.sessions.write() as session:
            change = Move(origin, to, EventSource.SYSTEM)
            move(session, some, change, scene.now + timedelta(hours=hours))
            if moves_lane:
                change_lane(session, some, lanes_of(session, ["x@elsewhere.example"])["x@elsewhere.example"])
            if breaks_off:
                break_off()
    with scene.sessions.read() as session:
        assert list(differences(session)) == []

"""Lanes: whose letters leave by which, how fast, and when not."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import func, select

from app.queue.lanes import (
    NOTICES,
    RESTS,
    TRIPS_AFTER,
    WATCHED,
    after_taking,
    lanes_of,
    note_block,
    note_success,
    note_trouble,
    slots,
)
from app.queue.models import Lane
from app.queue.pace import BURST
from tests.queue.conftest import Queue
from tests.support.fakes import Steady
from tests.support.threads import together

STEADY = Steady()


def lane(**columns: object) -> Lane:
    own: dict[str, object] = {"key": "zedmere.example", "trouble": 0, "trips": 0, "reported": False, "said": ""}
    return Lane(**own | columns)


def test_addresses_of_one_domain_share_a_lane_whatever_their_case(queue: Queue) -> None:
    with queue.sessions.write() as session:
        lanes = lanes_of(session, ["a@Zedmere.example", "b@zedmere.EXAMPLE", "c@other.example"])
    assert lanes["a@Zedmere.example"] == lanes["b@zedmere.EXAMPLE"] != lanes["c@other.example"]


def test_a_mailbox_that_was_set_apart_goes_before_its_domain(queue: Queue) -> None:
    with queue.sessions.write() as session:
        session.add(Lane(key="members@zedmere.example"))
        session.flush()
        lanes = lanes_of(session, ["Members@zedmere.example", "bob@zedmere.example", NOTICES])
    assert len(set(lanes.values())) == 3


def test_a_lane_that_two_ask_for_at_one_moment_is_made_once(queue: Queue) -> None:
    def ask() -> int:
        with queue.sessions.write() as session:
            return lanes_of(session, ["x@new.example"])["x@new.example"]

    assert len(set(together(ask, ask, ask))) == 1
    with queue.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Lane).where(Lane.key == "new.example")) == 1


@pytest.mark.parametrize("pace", [12, 30, 120, 1000, 6000])
def test_over_a_day_a_lane_keeps_its_pace_and_never_bursts(now: datetime, pace: int) -> None:
    one, random, taken = lane(), Random(7), []  # noqa: S311 - a simulation
    for second in range(0, 24 * 3600, 15):
        moment = now + timedelta(seconds=second)
        number = slots(one, pace, moment, 500)
        after_taking(one, pace, number, moment, random)
        taken.append(number)
    burst = max(BURST, -(-pace // 60))
    assert max(taken) <= burst
    assert 0.9 * pace * 24 <= sum(taken) <= pace * 24 * 1.1 + burst


def test_pauses_between_letters_differ(now: datetime) -> None:
    one, random, moments = lane(next_at=now), Random(7), []  # noqa: S311 - as above
    for _ in range(50):
        assert one.next_at is not None
        after_taking(one, 60, 1, one.next_at, random)
        moments.append(one.next_at)
    waits = {later - earlier for earlier, later in pairwise(moments)}
    assert len(waits) > 40
    assert all(timedelta(seconds=30) <= wait <= timedelta(seconds=90) for wait in waits)


def test_a_lane_without_a_pace_takes_all(now: datetime) -> None:
    one = lane()
    assert slots(one, 0, now, 500) == 500
    after_taking(one, 0, 500, now, STEADY)
    assert one.next_at is None


def troubled(now: datetime, times: int = TRIPS_AFTER) -> Lane:
    one = lane()
    for _ in range(times):
        note_trouble(one, "450 Busy", now, STEADY)
    return one


def test_a_run_of_trouble_makes_a_lane_rest_and_a_success_ends_the_run(now: datetime) -> None:
    one = troubled(now, TRIPS_AFTER - 1)
    assert slots(one, 0, now, 10) == 10
    note_success(one, now)
    assert not note_trouble(one, "450 Busy", now, STEADY)
    one = troubled(now)
    assert (slots(one, 0, now, 10), one.said, one.troubled_since) == (0, "450 Busy", now)


def test_after_its_rest_a_lane_tries_with_one_letter_and_rests_longer_each_time(now: datetime) -> None:
    one, moment = troubled(now), now
    for number, rest in enumerate([*RESTS, RESTS[-1]], 1):
        assert one.trips == number
        assert one.rests_until == moment + rest
        assert slots(one, 0, moment + rest - timedelta(seconds=1), 10) == 0
        moment += rest
        assert slots(one, 0, moment, 10) == 1
        note_trouble(one, "450 Still busy", moment, STEADY)
    assert one.troubled_since == now


def test_one_letter_taken_opens_a_lane_that_was_refused_to_our_face(now: datetime) -> None:
    one = troubled(now)
    note_success(one, now + RESTS[0])
    assert (slots(one, 0, now + RESTS[0], 10), one.trips, one.troubled_since) == (10, 0, None)


def test_a_lane_closed_by_a_report_opens_after_two_letters_and_no_further_report(now: datetime) -> None:
    one = lane()
    note_block(one, "550 5.7.1 Blocked", now, STEADY)
    first = now + RESTS[0]
    assert slots(one, 0, first, 10) == 1
    note_success(one, first)
    assert slots(one, 0, first + WATCHED - timedelta(seconds=1), 10) == 0, "a report may still come"
    second = first + WATCHED
    assert slots(one, 0, second, 10) == 1
    note_success(one, second)
    assert slots(one, 0, second, 10) == 10


def test_a_report_while_the_lane_is_watched_makes_it_rest_longer(now: datetime) -> None:
    one = lane()
    note_block(one, "550 5.7.1 Blocked", now, STEADY)
    note_success(one, now + RESTS[0])
    note_block(one, "550 5.7.1 Still blocked", now + RESTS[0] + timedelta(minutes=1), STEADY)
    assert (one.trips, one.said) == (2, "550 5.7.1 Still blocked")


def test_many_reports_of_one_block_count_once(now: datetime) -> None:
    one = lane()
    for _ in range(40):
        note_block(one, "550 5.7.1 Blocked", now, STEADY)
    assert (one.trips, one.rests_until) == (1, now + RESTS[0])

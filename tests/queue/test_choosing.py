"""What goes next: each lane its share, and no cost for what waits behind."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.campaigns.models import Campaign
from app.hours import Hours
from app.queue.brakes import put_on, take_off
from app.queue.choose import next_ids
from app.queue.lanes import LaneRules, lanes_of
from app.queue.models import BrakeScope, Delivery, Lane
from app.queue.pace import BURST
from app.queue.rows import Parcel, put
from app.queue.states import Purpose
from tests.queue.conftest import UNPACED, Queue
from tests.support.builders import add_campaign
from tests.support.costs import statements
from tests.support.threads import together

LETTER = Purpose.LETTER


def fill(queue: Queue, number: int, domain: str = "zedmere.example", *, campaign_id: int | None = None) -> list[int]:
    """Queue letters in a lane."""
    with queue.sessions.write() as session:
        lane_id = lanes_of(session, [f"x@{domain}"])[f"x@{domain}"]
        parcel = Parcel(LETTER, campaign_id or queue.scene.campaign_id, queue.action_id, lane_id)
        return put(session, [parcel] * number, queue.now)


def lane_of(queue: Queue, domain: str = "zedmere.example") -> int:
    with queue.sessions.read() as session:
        return session.scalars(select(Lane.id).where(Lane.key == domain)).one()


def shares(queue: Queue, ids: list[int]) -> Counter[str]:
    with queue.sessions.read() as session:
        wanted = select(Lane.key).join(Delivery, Delivery.lane_id == Lane.id).where(Delivery.id.in_(ids))
        return Counter(session.scalars(wanted))


def test_a_lane_with_very_many_leaves_the_others_their_share(queue: Queue) -> None:
    fill(queue, 1000)
    for number in range(9):
        fill(queue, 20, f"council{number}.example")
    taken = shares(queue, queue.claim(100).ids)
    assert taken == Counter({"zedmere.example": 10} | {f"council{number}.example": 10 for number in range(9)})


def test_what_the_others_leave_over_goes_to_those_that_have_more(queue: Queue) -> None:
    fill(queue, 1000)
    fill(queue, 2, "small.example")
    assert shares(queue, queue.claim(100).ids) == Counter({"zedmere.example": 98, "small.example": 2})


@pytest.mark.parametrize(("lanes", "limit"), [(7, 10), (3, 100), (9, 4), (4, 61)])
def test_a_batch_is_full_as_long_as_enough_waits(queue: Queue, lanes: int, limit: int) -> None:
    fill(queue, 70)
    for number in range(1, lanes):
        fill(queue, 20, f"council{number}.example")
    taken = shares(queue, queue.claim(limit).ids)
    waiting = 70 + 20 * (lanes - 1)
    assert taken.total() == min(limit, waiting)
    equal = limit / lanes
    assert all(number >= min(20, int(equal)) for number in taken.values())


def test_campaigns_of_one_lane_take_turns_by_their_due_time(queue: Queue) -> None:
    with queue.sessions.write() as session:
        other = add_campaign(session, queue.now, slug="other").id
    first = fill(queue, 2)
    second = fill(queue, 2, campaign_id=other)
    with queue.sessions.write() as session:
        session.execute(update(Delivery).where(Delivery.id.in_(second)).values(due_at=queue.now - timedelta(hours=1)))
    assert [queue.claim(1).ids for _ in range(4)] == [[number] for number in [*second, *first]]


@pytest.mark.parametrize("more", ["waiting", "resting", "paused"])
def test_choosing_costs_the_same_however_many_wait(sqlite_queue: Queue, more: str) -> None:
    queue = sqlite_queue
    costs = []
    for number in (20, 2000):
        fill(queue, number)
        fill(queue, number, "behind.example")
        with queue.sessions.write() as session:
            if more == "resting":
                resting = update(Lane).where(Lane.key == "behind.example")
                session.execute(resting.values(rests_until=queue.now + timedelta(hours=1)))
            elif more == "paused":
                put_on(session, BrakeScope.LANE, lane_of(queue, "behind.example"), "a test", queue.now)
        with statements(queue.sessions.engine) as told:
            queue.claim(10)
        costs.append(len(told))
    assert costs[0] == costs[1]


def test_a_look_at_what_is_next_foretells_the_claim_and_changes_nothing(queue: Queue) -> None:
    fill(queue, 30)
    fill(queue, 30, "other.example")
    with queue.sessions.read() as session:
        foretold = next_ids(session, queue.now, 25, UNPACED)
        assert next_ids(session, queue.now, 25, UNPACED) == foretold
    assert sorted(foretold) == queue.claim(25).ids


def test_a_paced_lane_gives_a_burst_and_then_one_by_one(queue: Queue) -> None:
    fill(queue, 50)
    rules = LaneRules(60, Hours())
    assert len(queue.claim(rules=rules).ids) == BURST
    assert queue.claim(rules=rules).ids == []
    assert len(queue.claim(now=queue.now + timedelta(minutes=1), rules=rules).ids) == 1
    assert len(queue.claim(now=queue.now + timedelta(hours=1), rules=rules).ids) == BURST


def test_workers_at_one_moment_keep_the_pace_together(queue: Queue) -> None:
    fill(queue, 200)
    rules = LaneRules(60, Hours())

    def work() -> int:
        return sum(len(queue.claim(rules=rules).ids) for _ in range(5))

    assert sum(together(work, work, work)) == BURST


def test_a_closed_lane_waits_for_its_hours_by_the_campaigns_clock(queue: Queue) -> None:
    fill(queue, 1)
    hour = queue.now.hour  # London's winter clock shows UTC
    rules = LaneRules(0, Hours.parse(f"{hour:02}:00-{hour + 1:02}:00"))
    with queue.sessions.write() as session:
        session.get_one(Campaign, queue.scene.campaign_id).time_zone = "America/New_York"
    assert queue.claim(rules=rules).ids == []
    assert len(queue.claim(now=queue.now + timedelta(hours=5), rules=rules).ids) == 1


def test_notices_keep_no_hours_and_no_pace(queue: Queue) -> None:
    ids = queue.put(*[Purpose.CONFIRMATION] * 20)
    closed = LaneRules(1, Hours.parse("03:00-03:01"))
    assert queue.claim(rules=closed).ids == ids


@pytest.mark.parametrize(
    ("scope", "notices_wait"),
    [
        (BrakeScope.EVERYTHING, True),
        (BrakeScope.LETTERS, False),
        (BrakeScope.CAMPAIGN, False),
        (BrakeScope.LANE, False),
    ],
)
def test_a_brake_stops_what_it_names(queue: Queue, scope: BrakeScope, notices_wait: bool) -> None:  # noqa: FBT001 - an example
    letters, notices = fill(queue, 2), queue.put(Purpose.CONFIRMATION)
    other = fill(queue, 1, "other.example") if scope is BrakeScope.LANE else []
    subject = {BrakeScope.CAMPAIGN: queue.scene.campaign_id, BrakeScope.LANE: lane_of(queue)}.get(scope, 0)
    with queue.sessions.write() as session:
        assert put_on(session, scope, subject, "a test", queue.now)
        assert not put_on(session, scope, subject, "twice", queue.now)
    assert queue.claim().ids == sorted([*([] if notices_wait else notices), *other])
    with queue.sessions.write() as session:
        assert take_off(session, scope, subject)
        assert not take_off(session, scope, subject)
    assert queue.claim().ids == sorted([*letters, *(notices if notices_wait else [])])


def give(queue: Queue, **columns: object) -> None:
    """Set columns of the campaign."""
    with queue.sessions.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, queue.scene.campaign_id), name, value)


def test_a_paced_campaign_gives_a_burst_over_all_its_lanes_and_then_one_by_one(queue: Queue) -> None:
    give(queue, pace=60)
    fill(queue, 10)
    fill(queue, 10, "other.example")
    assert len(queue.claim().ids) == BURST
    assert queue.claim().ids == []
    assert len(queue.claim(now=queue.now + timedelta(minutes=1)).ids) == 1
    assert len(queue.claim(now=queue.now + timedelta(hours=1)).ids) == BURST


def test_a_campaigns_pace_holds_no_other_campaign_and_no_notice_back(queue: Queue) -> None:
    give(queue, pace=1)
    with queue.sessions.write() as session:
        other = add_campaign(session, queue.now, slug="other").id
    fill(queue, 20)
    free = fill(queue, 20, campaign_id=other)
    notices = queue.put(*[Purpose.CONFIRMATION] * 20)
    first, second = queue.claim(1000).ids, queue.claim(1000).ids
    assert set(first) >= {*free, *notices}
    assert (len(first), second) == (40 + BURST, [])


def test_of_a_paced_campaign_a_slow_lane_keeps_no_letters_to_others_back(queue: Queue) -> None:
    give(queue, pace=60)
    slow = fill(queue, 100)
    with queue.sessions.write() as session:
        lane = session.get_one(Lane, lane_of(queue))
        lane.trips = 1  # it lets single letters through
        old = update(Delivery).where(Delivery.id.in_(slow)).values(due_at=queue.now - timedelta(hours=1))
        session.execute(old)
    fill(queue, 100, "other.example")
    assert shares(queue, queue.claim().ids) == Counter({"zedmere.example": 1, "other.example": BURST - 1})


def test_workers_at_one_moment_keep_a_campaigns_pace_together(queue: Queue) -> None:
    give(queue, pace=60)
    for number in range(20):
        fill(queue, 5, f"council{number}.example")

    def work() -> int:
        return sum(len(queue.claim().ids) for _ in range(5))

    assert sum(together(work, work, work)) == BURST


def test_a_look_at_a_paced_campaign_foretells_the_claim_and_changes_nothing(queue: Queue) -> None:
    give(queue, pace=60)
    fill(queue, 30)
    with queue.sessions.read() as session:
        foretold = next_ids(session, queue.now, 25, UNPACED)
        assert next_ids(session, queue.now, 25, UNPACED) == foretold
    assert foretold == queue.claim(25).ids
    with queue.sessions.read() as session:
        assert next_ids(session, queue.now, 25, UNPACED) == []


def test_choosing_for_a_paced_campaign_costs_the_same_however_many_wait(sqlite_queue: Queue) -> None:
    queue, costs = sqlite_queue, []
    give(queue, pace=60)
    for hour, number in enumerate((20, 20, 2000)):
        fill(queue, number)
        fill(queue, number, "behind.example")
        with statements(queue.sessions.engine) as told:
            assert len(queue.claim(now=queue.now + timedelta(hours=hour)).ids) == BURST
        costs.append(len(told))
    assert costs[1] == costs[2], "but for the first time, which makes the campaign's row"


@pytest.mark.parametrize(
    ("house", "own", "waits"),
    [("always", "{0}-{1}", False), ("always", "{1}-{2}", True), ("{1}-{2}", "always", True), ("{0}-{1}", None, False)],
)
def test_letters_wait_for_the_hours_of_their_campaign_and_of_their_lane(
    queue: Queue,
    house: str,
    own: str | None,
    waits: bool,  # noqa: FBT001 - an example
) -> None:
    clock = [f"{queue.now.hour + more:02}:00" for more in range(3)]  # London's winter clock shows UTC
    give(queue, hours=own and own.format(*clock))
    fill(queue, 1)
    notices = queue.put(Purpose.CONFIRMATION)
    ids = queue.claim(rules=LaneRules(0, Hours.parse(house.format(*clock)))).ids
    assert ids == notices if waits else len(ids) == 2

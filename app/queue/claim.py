"""Choosing what goes next, claiming it for a worker, and what becomes of a claim whose worker is gone.

The counters say which lanes and campaigns have something waiting; each of these streams is then asked for its next few
by an index. So choosing costs the number of streams, whatever the number of letters that wait in them.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.db import among
from app.queue.brakes import Brakes, brakes_on
from app.queue.counters import Place, count_moves
from app.queue.lanes import NOTICES, LaneRules, after_taking, slots
from app.queue.models import BrakeScope, Delivery, Lane, StateCount
from app.queue.rows import Fact, Move, move, record
from app.queue.states import DeliveryState, EventSource, Purpose

LEASE = timedelta(minutes=30)
"""How long a worker may keep a claim. Far longer than a batch takes: a lease that runs out means a lost machine."""

SENDING_CAMPAIGNS = (CampaignState.LIVE, CampaignState.CLOSED)
"""Campaigns whose letters go out. Letters confirmed before the closing are still owed; a pause keeps them waiting."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that belongs to one worker until `until`."""

    lease: str
    until: datetime
    ids: list[int]


@dataclass(slots=True)
class _Stream:
    """The deliveries of one campaign that wait in one lane."""

    campaign_id: int
    due: Sequence[Row[datetime, int]] = ()


@dataclass(slots=True)
class _OpenLane:
    """A lane from which something may be taken now."""

    lane: Lane
    pace: int
    slots: int
    streams: list[_Stream]

    def next_ids(self, most: int) -> list[int]:
        """Its oldest due deliveries."""
        merged = heapq.merge(*(stream.due for stream in self.streams))
        return [row.id for row, _ in zip(merged, range(min(most, self.slots)), strict=False)]


_DUE = (
    select(Delivery.due_at, Delivery.id)
    .where(
        Delivery.lane_id == bindparam("lane_id"),
        Delivery.campaign_id == bindparam("campaign_id"),
        Delivery.state == DeliveryState.QUEUED,
        Delivery.due_at <= bindparam("now"),
    )
    .order_by(Delivery.due_at, Delivery.id)
    .limit(bindparam("most"))
)


def next_ids(session: Session, now: datetime, limit: int, rules: LaneRules) -> list[int]:
    """What would be claimed now, lane after lane; nothing is changed."""
    lanes = _open_lanes(session, now, limit, rules, lock=False)
    return [delivery_id for _, ids in _share_out(session, lanes, now, limit, lock=False) for delivery_id in ids]


def claim_due(session: Session, now: datetime, limit: int, rules: LaneRules, *, lease: str, random: Random) -> Claim:
    """Take up to `limit` due deliveries by compare-and-swap, notices first, lanes in turn, oldest first in each.

    The rows are marked SENDING under `lease` before anything is handed over: a second worker, or the same job run
    again, finds nothing. PostgreSQL passes over lanes and rows that another worker is claiming; SQLite writes one at a
    time.
    """
    until = now + LEASE
    lanes = _open_lanes(session, now, limit, rules, lock=True)
    chosen: list[int] = []
    for open_lane, ids in _share_out(session, lanes, now, limit, lock=True):
        chosen += ids
        after_taking(open_lane.lane, open_lane.pace, len(ids), now, random)
        if open_lane.lane.trips and ids:
            open_lane.lane.tries_until = until  # one letter tries the way; nobody else does until its answer is known
    return Claim(lease, until, _take(session, chosen, lease, until, now) if chosen else [])


def _take(session: Session, ids: list[int], lease: str, until: datetime, now: datetime) -> list[int]:
    statement = (
        update(Delivery)
        .where(among(session, Delivery.id, ids), Delivery.state == DeliveryState.QUEUED)
        .values(
            state=DeliveryState.SENDING,
            reason="",
            lease=lease,
            lease_until=until,
            attempts=Delivery.attempts + 1,
            changed_at=now,
        )
        .returning(Delivery.id, Delivery.lane_id, Delivery.campaign_id)
        .execution_options(synchronize_session=False)
    )
    taken = session.execute(statement).all()
    places = [Place(row.lane_id, row.campaign_id) for row in taken]
    count_moves(session, places, DeliveryState.QUEUED, DeliveryState.SENDING)
    done = sorted(row.id for row in taken)
    record(session, dict.fromkeys(done, ""), Fact(EventSource.WORKER, DeliveryState.QUEUED, DeliveryState.SENDING), now)
    return done


def _open_lanes(session: Session, now: datetime, limit: int, rules: LaneRules, *, lock: bool) -> list[_OpenLane]:
    """The lanes from which something may be taken: notices first, then whichever has waited longest for its turn."""
    brakes = brakes_on(session)
    streams = _streams(session, now, rules, brakes)
    found = _lanes(session, streams, rules, lock=lock)
    opened = []
    for lane in found:
        pace = rules.pace_of(lane)
        if room := slots(lane, pace, now, limit):
            opened.append(_OpenLane(lane, pace, room, streams[lane.id]))
    return opened


def _streams(session: Session, now: datetime, rules: LaneRules, brakes: Brakes) -> dict[int, list[_Stream]]:
    """What waits in lanes that do not rest, of campaigns that are sending and within their hours, by lane."""
    waiting = (
        select(Lane, StateCount.campaign_id, Campaign.time_zone)
        .join(StateCount, StateCount.lane_id == Lane.id)
        .join(Campaign, Campaign.id == StateCount.campaign_id)
        .where(
            StateCount.state == DeliveryState.QUEUED,
            StateCount.count > 0,
            or_(Lane.rests_until.is_(None), Lane.rests_until <= now),
            or_(Lane.tries_until.is_(None), Lane.tries_until <= now),
            or_(Lane.key == NOTICES, Campaign.state.in_(SENDING_CAMPAIGNS)),
        )
    )
    by_lane: dict[int, list[_Stream]] = defaultdict(list)
    for lane, campaign_id, time_zone in session.execute(waiting):
        if not _braked(brakes, lane, campaign_id) and rules.hours_of(lane).open_at(now, ZoneInfo(time_zone)):
            by_lane[lane.id].append(_Stream(campaign_id))
    return by_lane


def _braked(brakes: Brakes, lane: Lane, campaign_id: int) -> bool:
    letter = lane.key != NOTICES
    return (
        brakes.stops_all(letter=letter)
        or brakes.stops(BrakeScope.LANE, lane.id)
        or (letter and brakes.stops(BrakeScope.CAMPAIGN, campaign_id))
    )


def _lanes(session: Session, streams: Iterable[int], rules: LaneRules, *, lock: bool) -> list[Lane]:
    """The lanes in their turn. Those whose row a claim changes (paced, or trying their way) are locked, if asked."""
    lanes = list(session.scalars(select(Lane).where(among(session, Lane.id, list(streams)))))
    changing = [lane.id for lane in lanes if lane.trips or rules.pace_of(lane)]
    if lock and changing:
        fresh = select(Lane).where(among(session, Lane.id, changing)).with_for_update(skip_locked=True)
        held = {lane.id for lane in session.scalars(fresh.execution_options(populate_existing=True))}
        lanes = [lane for lane in lanes if lane.id in held or lane.id not in changing]
    return sorted(lanes, key=_turn)


def _turn(lane: Lane) -> tuple[bool, float, int]:
    return (lane.key != NOTICES, lane.next_at.timestamp() if lane.next_at else 0.0, lane.id)


def _share_out(
    session: Session, lanes: list[_OpenLane], now: datetime, limit: int, *, lock: bool
) -> list[tuple[_OpenLane, list[int]]]:
    """Give each lane its share of a batch; what the others leave over goes to those that have more."""
    share = max(1, limit // max(1, len(lanes)))
    shared: list[tuple[_OpenLane, list[int]]] = []
    left = limit
    for open_lane in lanes:
        if left <= 0:
            break
        _look(session, open_lane, now, min(open_lane.slots, share, left), lock=lock)
        shared.append((open_lane, open_lane.next_ids(min(share, left))))
        left -= len(shared[-1][1])
    for number, (open_lane, ids) in enumerate(shared):
        if left <= 0:
            break
        if len(ids) == share < open_lane.slots:
            _look(session, open_lane, now, min(open_lane.slots, len(ids) + left), lock=lock)
            more = open_lane.next_ids(len(ids) + left)
            left -= len(more) - len(ids)
            shared[number] = (open_lane, more)
    return shared


def _look(session: Session, open_lane: _OpenLane, now: datetime, most: int, *, lock: bool) -> None:
    statement = _DUE.with_for_update(skip_locked=True) if lock else _DUE
    for stream in open_lane.streams:
        values = {"lane_id": open_lane.lane.id, "campaign_id": stream.campaign_id, "now": now, "most": most}
        stream.due = session.execute(statement, values).all()


def open_streams(session: Session, now: datetime, rules: LaneRules) -> Iterator[tuple[Lane, int]]:
    """Each lane from which something may be taken now, with each campaign that has something waiting in it."""
    for open_lane in _open_lanes(session, now, 1, rules, lock=False):
        for stream in open_lane.streams:
            yield open_lane.lane, stream.campaign_id


def resting_lanes(session: Session, now: datetime) -> set[int]:
    """The lanes whose breaker lets nothing through now."""
    return set(session.scalars(select(Lane.id).where(Lane.rests_until > now)))


def release_expired(session: Session, now: datetime) -> int:
    """Settle claims whose lease ran out, of workers on machines that are gone: nobody can know how far they came.

    A letter becomes UNCERTAIN (it may have left), anything else is sent again.

    Returns:
        How many deliveries were moved.
    """
    expired = select(Delivery.id).where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now)
    letters = session.scalars(expired.where(Delivery.purpose == Purpose.LETTER)).all()
    others = session.scalars(expired.where(Delivery.purpose != Purpose.LETTER)).all()
    sending = DeliveryState.SENDING
    lost = Move(sending, DeliveryState.UNCERTAIN, EventSource.SYSTEM, reason="lease_expired")
    again = Move(sending, DeliveryState.QUEUED, EventSource.SYSTEM, reason="lease_expired", due_at=now)
    return len(move(session, letters, lost, now)) + len(move(session, others, again, now))

"""Choosing what goes next: the lanes from which something may leave now, and the oldest due deliveries of each.

The counters say which lanes and campaigns have something waiting; each of these streams is then asked for its next few
by an index, all in one statement. So choosing costs the number of streams, whatever the number of letters that wait. A
campaign with a pace of its own is allowed a few of its oldest letters, from each lane no more than that may take.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, bindparam, literal_column, select, true
from sqlalchemy.orm import Session

from app.queue.brakes import brakes_on
from app.queue.lanes import NOTICES, AnyLane, LaneLook, LaneRules, slots
from app.queue.models import Delivery, Lane
from app.queue.states import DeliveryState
from app.queue.streams import Stream, moving_streams
from app.queue.turns import Allowance, allowances_of
from app.ready import GivenTable, Ready
from app.statements import among


@dataclass(slots=True)
class Share:
    """What a lane may hand over now: `ids`, its oldest due deliveries, never more than its `slots`."""

    lane: AnyLane
    """Its row, where a claim would change it and it is kept for this transaction."""
    pace: int
    slots: int
    streams: Sequence[Stream]
    ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes next: of each lane its share, and of campaigns with a pace of their own what was allowed."""

    shares: Sequence[Share]
    allowances: Mapping[Stream, Allowance]
    """By the streams of letters that it is for; a campaign's streams have one together."""

    @property
    def paced(self) -> Iterable[Allowance]:
        """What was allowed, of each campaign once."""
        return {stream.campaign_id: allowance for stream, allowance in self.allowances.items()}.values()

    @property
    def ids(self) -> list[int]:
        """All of it, lane after lane."""
        return [delivery_id for share in self.shares for delivery_id in share.ids]


def next_ids(session: Session, now: datetime, limit: int, rules: LaneRules) -> list[int]:
    """What would be claimed now, lane after lane; nothing is changed."""
    return choose(session, now, limit, rules).ids


def choose(session: Session, now: datetime, limit: int, rules: LaneRules, *, lock: bool = False) -> Choice:
    """Up to `limit` due deliveries: notices first, lanes in turn, oldest first in each.

    Each lane gets an equal share; what some leave over goes to those that have more. If asked to `lock`, PostgreSQL
    passes over lanes and rows that another worker is claiming, and keeps what it finds for this transaction.
    """
    opened = _open_lanes(session, now, limit, rules, lock=lock)
    choice = replace(opened, shares=opened.shares[:limit])
    _allow(session, choice, now)
    shares = choice.shares
    hungry, each, left = shares, 0, limit
    while left > 0 and hungry:
        each += math.ceil(left / len(hungry))
        for room, alike in _by_room(hungry, each).items():
            _look(session, alike, room, now, choice.allowances, lock=lock)
        left = limit - sum(len(share.ids) for share in shares)
        hungry = [share for share in hungry if len(share.ids) == each < share.slots]
    _take_back((share for share in reversed(shares) if len(share.ids) == each), -left)
    return choice


def _take_back(full: Iterable[Share], number: int) -> None:
    """What rounding up gave too much comes back from those that got most, one from each."""
    for share in islice(full, max(0, number)):
        share.ids.pop()


def open_streams(session: Session, now: datetime, rules: LaneRules) -> Iterator[tuple[AnyLane, int, datetime | None]]:
    """Each lane from which something may be taken now, with each campaign that has something waiting in it, and when
    that had its next turn if it has a pace of its own.
    """
    choice = _open_lanes(session, now, 1, rules, lock=False)
    for share in choice.shares:
        for stream in share.streams:
            allowance = choice.allowances.get(stream)
            yield share.lane, stream.campaign_id, allowance.turn.next_at if allowance else None


def _by_room(shares: Iterable[Share], each: int) -> dict[int, list[Share]]:
    """Shares by how many they may hold, `each` at the most."""
    by_room: dict[int, list[Share]] = defaultdict(list)
    for share in shares:
        by_room[min(each, share.slots)].append(share)
    return by_room


def _open_lanes(session: Session, now: datetime, limit: int, rules: LaneRules, *, lock: bool) -> Choice:
    """The lanes from which something may be taken: notices first, then whichever has waited longest for its turn.

    Nothing has been taken yet.
    """
    streams, paces = moving_streams(session, now, rules, brakes_on(session))
    by_campaign = allowances_of(
        session, {stream.campaign_id: pace for stream, pace in paces.items()}, now, limit, lock=lock
    )
    allowances = {one: by_campaign[one.campaign_id] for one in paces if one.campaign_id in by_campaign}
    by_id = {
        lane.id: [one for one in waiting if one not in paces or one in allowances] for lane, waiting in streams.items()
    }
    moving = [lane for lane in streams if by_id[lane.id]]
    lanes = _kept(session, moving, rules) if lock else moving
    opened = []
    for lane in sorted(lanes, key=_turn):
        pace = rules.pace_of(lane)
        if room := slots(lane, pace, now, limit):
            opened.append(Share(lane, pace, room, by_id[lane.id]))
    return Choice(opened, allowances)


def _allow(session: Session, choice: Choice, now: datetime) -> None:
    """Fill the allowances with the oldest that are due, from each lane no more than it may take: what waits for one
    slow receiver keeps no letters to others back.
    """
    slots_of = {stream: share.slots for share in choice.shares for stream in share.streams}
    streams = [stream for stream in slots_of if stream in choice.allowances]
    if not streams:
        return
    most = max(choice.allowances[stream].slots for stream in streams)
    taken: Counter[Stream] = Counter()
    for number, lane_id, campaign_id in _oldest(session, streams, most, now, lock=False):
        stream = Stream(lane_id, campaign_id)
        allowance = choice.allowances[stream]
        if len(allowance.ids) < allowance.slots and taken[stream] < slots_of[stream]:
            allowance.ids.add(number)
            taken[stream] += 1


def _kept(session: Session, lanes: Sequence[LaneLook], rules: LaneRules) -> Sequence[AnyLane]:
    """The lanes but those that another worker changes now: a claim changes those that are paced or try their way, and
    keeps their rows.
    """
    changing = {lane.id for lane in lanes if lane.trips or rules.pace_of(lane)}
    if not changing:
        return lanes
    fresh = select(Lane).where(among(session, Lane.id, changing)).with_for_update(skip_locked=True, key_share=True)
    kept = session.scalars(fresh.execution_options(populate_existing=True))
    return [*(lane for lane in lanes if lane.id not in changing), *kept]


def _turn(lane: AnyLane) -> tuple[bool, float, int]:
    return (lane.key != NOTICES, lane.next_at.timestamp() if lane.next_at else 0.0, lane.id)


def _look(
    session: Session,
    shares: Sequence[Share],
    most: int,
    now: datetime,
    allowances: Mapping[Stream, Allowance],
    *,
    lock: bool,
) -> None:
    """Fill shares with the oldest `most` of what is due in each, of a paced campaign only what is allowed."""
    streams = [stream for share in shares for stream in share.streams]
    by_lane: dict[int, list[int]] = defaultdict(list)
    for number, lane_id, campaign_id in _oldest(session, streams, most, now, lock=lock):
        allowance = allowances.get(Stream(lane_id, campaign_id))
        if allowance is None or number in allowance.ids:
            by_lane[lane_id].append(number)
    for share in shares:
        share.ids = by_lane[share.lane.id][:most]


def _oldest(
    session: Session, streams: Sequence[Stream], most: int, now: datetime, *, lock: bool
) -> Iterable[tuple[int, int, int]]:
    """The oldest `most` that are due in each stream, oldest first, with lane and campaign."""
    asked = _LOCKING if lock else _LOOKING
    return asked.run(session, most=most, now=now, **_STREAMS.values(session, streams)).all()


_STREAMS = GivenTable({"lane_id": BigInteger(), "campaign_id": BigInteger()})


def _of_each(dialect: str, *, lock: bool) -> Select[int, int, int]:
    """One statement that walks the index once for each stream."""
    turn, each, most = (Delivery.due_at, Delivery.id), _STREAMS.build(dialect), bindparam("most", type_=Integer())
    due = _due(each.c.lane_id, each.c.campaign_id, bindparam("now", type_=Delivery.__table__.c.due_at.type))
    if dialect == "sqlite":
        ids = select(Delivery.id).where(due).order_by(*turn).limit(most).correlate(each)
        found = select(Delivery.id, Delivery.lane_id, Delivery.campaign_id)
        return found.join_from(each, Delivery, Delivery.id.in_(ids)).order_by(*turn)
    oldest = (
        select(Delivery.id, Delivery.lane_id, Delivery.campaign_id, Delivery.due_at)
        .where(due)
        .order_by(*turn)
        .limit(most)
        .correlate(each)
    )
    if lock:
        oldest = oldest.with_for_update(skip_locked=True)
    rows = oldest.lateral("oldest")
    found = select(rows.c.id, rows.c.lane_id, rows.c.campaign_id).select_from(each.join(rows, true()))
    return found.order_by(rows.c.due_at, rows.c.id)


_LOOKING, _LOCKING = (Ready(partial(_of_each, lock=lock)) for lock in (False, True))


def _due(
    lane_id: ColumnElement[int], campaign_id: ColumnElement[int], now: ColumnElement[datetime]
) -> ColumnElement[bool]:
    return and_(
        Delivery.lane_id == lane_id,
        Delivery.campaign_id == campaign_id,
        Delivery.state == literal_column(f"'{DeliveryState.QUEUED}'"),  # word for word as the index has it
        Delivery.due_at <= now,
    )

"""Choosing what goes next: the lanes from which something may leave now, and the oldest due deliveries of each.

The counters say which lanes and campaigns have something waiting; each of these streams is then asked for its next few
by an index, all in one statement. So choosing costs the number of streams, whatever the number of letters that wait.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal_column, not_, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.db import among
from app.queue.brakes import Brakes, brakes_on
from app.queue.lanes import NOTICES, LaneRules, slots
from app.queue.models import BrakeScope, Delivery, Lane, StateCount
from app.queue.states import DeliveryState

SENDS = or_(
    Campaign.state == CampaignState.LIVE,
    and_(Campaign.state == CampaignState.CLOSED, Campaign.keeps_sending.is_not(False)),
    and_(Campaign.state == CampaignState.WON, Campaign.keeps_sending.is_(True)),
)
"""Whether a campaign's letters go out. Those confirmed before its end are still owed, unless staff have said that they
are not; after a win they are not, unless staff have said that they are. A pause keeps them waiting."""


class _Stream(NamedTuple):
    """The deliveries of one campaign that wait in one lane."""

    lane_id: int
    campaign_id: int


@dataclass(slots=True)
class Share:
    """What a lane may hand over now: `ids`, its oldest due deliveries, never more than its `slots`."""

    lane: Lane
    pace: int
    slots: int
    streams: Sequence[_Stream]
    ids: list[int] = field(default_factory=list)


def next_ids(session: Session, now: datetime, limit: int, rules: LaneRules) -> list[int]:
    """What would be claimed now, lane after lane; nothing is changed."""
    return [delivery_id for share in choose(session, now, limit, rules) for delivery_id in share.ids]


def choose(session: Session, now: datetime, limit: int, rules: LaneRules, *, lock: bool = False) -> list[Share]:
    """Up to `limit` due deliveries: notices first, lanes in turn, oldest first in each.

    Each lane gets an equal share; what some leave over goes to those that have more. If asked to `lock`, PostgreSQL
    passes over lanes and rows that another worker is claiming, and keeps what it finds for this transaction.
    """
    shares = _open_lanes(session, now, limit, rules, lock=lock)[:limit]
    hungry, each, left = shares, 0, limit
    while left > 0 and hungry:
        each += math.ceil(left / len(hungry))
        for room, alike in _by_room(hungry, each).items():
            _look(session, alike, room, now, lock=lock)
        left = limit - sum(len(share.ids) for share in shares)
        hungry = [share for share in hungry if len(share.ids) == each < share.slots]
    _take_back((share for share in reversed(shares) if len(share.ids) == each), -left)
    return shares


def _take_back(full: Iterable[Share], number: int) -> None:
    """What rounding up gave too much comes back from those that got most, one from each."""
    for share in islice(full, max(0, number)):
        share.ids.pop()


def open_streams(session: Session, now: datetime, rules: LaneRules) -> Iterator[tuple[Lane, int]]:
    """Each lane from which something may be taken now, with each campaign that has something waiting in it."""
    for share in _open_lanes(session, now, 1, rules, lock=False):
        for stream in share.streams:
            yield share.lane, stream.campaign_id


def _by_room(shares: Iterable[Share], each: int) -> dict[int, list[Share]]:
    """Shares by how many they may hold, `each` at the most."""
    by_room: dict[int, list[Share]] = defaultdict(list)
    for share in shares:
        by_room[min(each, share.slots)].append(share)
    return by_room


def _open_lanes(session: Session, now: datetime, limit: int, rules: LaneRules, *, lock: bool) -> list[Share]:
    """The lanes from which something may be taken: notices first, then whichever has waited longest for its turn."""
    streams = _streams(session, now, rules, brakes_on(session))
    lanes = _locked(session, list(streams), rules) if lock else list(streams)
    opened = []
    for lane in sorted(lanes, key=_turn):
        pace = rules.pace_of(lane)
        if room := slots(lane, pace, now, limit):
            opened.append(Share(lane, pace, room, streams[lane]))
    return opened


def _streams(session: Session, now: datetime, rules: LaneRules, brakes: Brakes) -> dict[Lane, list[_Stream]]:
    """What waits in lanes that do not rest, of campaigns that are sending and within their hours, by lane."""
    waiting = (
        select(Lane, StateCount.campaign_id, Campaign.time_zone)
        .join(StateCount, StateCount.lane_id == Lane.id)
        .outerjoin(Campaign, Campaign.id == StateCount.campaign_id)  # mail to staff is of none
        .where(
            StateCount.state == DeliveryState.QUEUED,
            StateCount.count > 0,
            or_(Lane.rests_until.is_(None), Lane.rests_until <= now),
            or_(Lane.tries_until.is_(None), Lane.tries_until <= now),
            or_(Lane.key == NOTICES, SENDS),
        )
    )
    by_lane: dict[Lane, list[_Stream]] = defaultdict(list)
    for lane, campaign_id, time_zone in session.execute(waiting):
        if not _braked(brakes, lane, campaign_id) and rules.hours_of(lane).open_at(now, ZoneInfo(time_zone or "UTC")):
            by_lane[lane].append(_Stream(lane.id, campaign_id))
    return by_lane


def _braked(brakes: Brakes, lane: Lane, campaign_id: int) -> bool:
    letter = lane.key != NOTICES
    return (
        brakes.stops_all(letter=letter)
        or brakes.stops(BrakeScope.LANE, lane.id)
        or (letter and brakes.stops(BrakeScope.CAMPAIGN, campaign_id))
    )


def _locked(session: Session, lanes: Sequence[Lane], rules: LaneRules) -> list[Lane]:
    """The lanes but those that another worker changes now: a claim changes those that are paced or try their way."""
    changing = [lane.id for lane in lanes if lane.trips or rules.pace_of(lane)]
    if not changing:
        return list(lanes)
    fresh = select(Lane).where(among(session, Lane.id, changing)).with_for_update(skip_locked=True)
    held = {lane.id for lane in session.scalars(fresh.execution_options(populate_existing=True))}
    return [lane for lane in lanes if lane.id in held or lane.id not in changing]


def _turn(lane: Lane) -> tuple[bool, float, int]:
    return (lane.key != NOTICES, lane.next_at.timestamp() if lane.next_at else 0.0, lane.id)


def _look(session: Session, shares: Sequence[Share], most: int, now: datetime, *, lock: bool) -> None:
    """Fill shares with the oldest `most` of what is due in each."""
    streams = [stream for share in shares for stream in share.streams]
    found = session.execute(_oldest(session, streams, most, now, lock=lock)).all()
    by_lane: dict[int, list[int]] = defaultdict(list)
    for row in sorted(found, key=lambda row: (row.due_at, row.id)):
        by_lane[row.lane_id].append(row.id)
    for share in shares:
        share.ids = by_lane[share.lane.id][:most]


def _oldest(
    session: Session, streams: Sequence[_Stream], most: int, now: datetime, *, lock: bool
) -> Select[int, datetime, int]:
    """The oldest `most` that are due in each stream, in one statement that walks the index once for each of them."""
    turn = (Delivery.due_at, Delivery.id)
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(streams)).table_valued("value")
        due = _due(func.json_extract(each.c.value, "$[0]"), func.json_extract(each.c.value, "$[1]"), now)
        ids = select(Delivery.id).where(due).order_by(*turn).limit(most).correlate(each)
        return select(Delivery.lane_id, *turn).join_from(each, Delivery, Delivery.id.in_(ids))
    lanes, campaigns = (cast(list(ids), ARRAY(BigInteger)) for ids in zip(*streams, strict=True))
    each = func.unnest(lanes, campaigns).table_valued("lane_id", "campaign_id", name="each").render_derived()
    oldest = select(Delivery.lane_id, *turn).where(_due(each.c.lane_id, each.c.campaign_id, now)).order_by(*turn)
    if lock:
        oldest = oldest.with_for_update(skip_locked=True)
    rows = oldest.limit(most).correlate(each).lateral("oldest")
    return select(rows.c.lane_id, rows.c.due_at, rows.c.id).select_from(each.join(rows, true()))


def _due(lane_id: ColumnElement[int], campaign_id: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    return and_(
        Delivery.lane_id == lane_id,
        Delivery.campaign_id == campaign_id,
        Delivery.state == literal_column(f"'{DeliveryState.QUEUED}'"),  # word for word as the index has it
        Delivery.due_at <= now,
    )


def resting_campaigns(session: Session) -> set[int]:
    """The campaigns whose letters do not go out in the state that they are in."""
    return set(session.scalars(select(Campaign.id).where(not_(SENDS))))

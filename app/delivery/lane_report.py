"""How each lane stands: what waits there, whether it is open, and what its receiver said."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.hours import ALWAYS, HOUSE_ZONE
from app.queue.brakes import Brakes, brakes_on
from app.queue.lanes import NOTICES, LaneRules
from app.queue.models import BrakeScope, Lane, StateCount
from app.queue.states import DeliveryState


class LaneStanding(enum.StrEnum):
    """What a lane lets through now."""

    PAUSED = "paused"
    RESTS = "rests"
    """Its breaker has tripped: nothing leaves for a while."""
    CLOSED = "closed"
    """It is outside its hours."""
    TRIES = "tries"
    """Single letters try whether the receiver takes mail again."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class LaneReport:
    """One lane as staff see it."""

    id: int
    key: str
    waiting: int
    held: int
    pace: int
    hours: str
    standing: LaneStanding
    paused: bool
    """Whether the lane itself is paused, not all letters."""
    rests_until: datetime | None
    troubled_since: datetime | None
    said: str


def lane_reports(session: Session, rules: LaneRules, default_hours: str, now: datetime) -> Iterator[LaneReport]:
    """Every lane, by its key; `default_hours` are the rules' in words."""
    counts = counts_by_lane(session)
    brakes = brakes_on(session)
    for lane in session.scalars(select(Lane).order_by(Lane.key)):
        yield LaneReport(
            id=lane.id,
            key=lane.key,
            waiting=counts[lane.id][DeliveryState.QUEUED],
            held=counts[lane.id][DeliveryState.HELD],
            pace=rules.pace_of(lane),
            hours=ALWAYS if lane.key == NOTICES else lane.hours or default_hours,
            standing=_standing(lane, brakes, rules, now),
            paused=brakes.stops(BrakeScope.LANE, lane.id),
            rests_until=lane.rests_until,
            troubled_since=lane.troubled_since,
            said=lane.said,
        )


def counts_by_lane(session: Session) -> dict[int, Counter[DeliveryState]]:
    """How many deliveries of each lane are in each state, as the ledger's counters say."""
    counts: dict[int, Counter[DeliveryState]] = defaultdict(Counter)
    for row in session.execute(
        select(StateCount.lane_id, StateCount.state, func.sum(StateCount.count).label("number")).group_by(
            StateCount.lane_id, StateCount.state
        )
    ):
        counts[row.lane_id][row.state] = int(row.number)
    return counts


def _standing(lane: Lane, brakes: Brakes, rules: LaneRules, now: datetime) -> LaneStanding:
    if brakes.stops_all(letter=lane.key != NOTICES) or brakes.stops(BrakeScope.LANE, lane.id):
        return LaneStanding.PAUSED
    if lane.rests_until is not None and lane.rests_until > now:
        return LaneStanding.RESTS
    if not rules.hours_of(lane).open_at(now, HOUSE_ZONE):
        return LaneStanding.CLOSED
    return LaneStanding.TRIES if lane.trips else LaneStanding.OPEN

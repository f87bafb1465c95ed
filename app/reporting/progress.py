"""How far a running send is, and when it will end if nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.hours import Hours
from app.queue.lanes import LaneRules
from app.queue.models import Lane
from app.queue.states import DeliveryState
from app.reporting.lanes import LaneStand, Way, campaign_rests
from app.reporting.scope import Scope

S = DeliveryState
STEP = timedelta(minutes=15)
FURTHEST = timedelta(days=90)
"""How far ahead is looked; what takes longer has no end that is worth telling."""
GOING = (Way.OPEN, Way.CLOSED)
"""Lanes that take letters, now or when their hours come."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `total` is `done` + `waiting` + `stuck`."""

    total: int
    done: int
    """Letters that have left, or never will."""
    waiting: int
    """Letters that go when it is their turn."""
    stuck: int
    """Letters that something keeps from going: a receiver that refuses, a pause, a check by a person."""
    ends_at: datetime | None
    """When the last of those that wait will have left; none where nothing waits, or it cannot be told."""


def progress_of(
    session: Session, scope: Scope, stands: Sequence[LaneStand], rules: LaneRules, now: datetime
) -> Progress:
    """How far one campaign's letters are."""
    waiting = {one.lane: one.waiting for one in stands if one.way in GOING and one.waiting}
    if campaign_rests(session, scope):
        waiting = {}
    here = sum(one.waiting + one.states[S.HELD] for one in stands)
    going, total = sum(waiting.values()), scope.letters
    return Progress(
        total=total,
        done=total - here,
        waiting=going,
        stuck=here - going,
        ends_at=expected_end(waiting, rules, scope.zone, now) if going else None,
    )


def expected_end(waiting: Mapping[Lane, int], rules: LaneRules, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the slowest lane will be empty, each at its pace and within its hours; none if that is too far off.

    It reckons with these letters alone: where those of other campaigns go by the same lane they take turns.
    """
    longest: dict[Hours, timedelta] = defaultdict(timedelta)
    for lane, number in waiting.items():
        pace, hours = rules.pace_of(lane), rules.hours_of(lane)
        needed = timedelta(hours=number / pace) if pace else timedelta()
        longest[hours] = max(longest[hours], needed)
    ends = [_after(needed, hours, zone, now) for hours, needed in longest.items()]
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def _after(needed: timedelta, hours: Hours, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When a lane will have been open for so long."""
    moment = now
    while moment - now < FURTHEST:
        if hours.open_at(moment, zone):
            if needed <= STEP:
                return moment + needed
            needed -= STEP
        moment += STEP
    return None

"""How each lane stands: what waits there, whether it is open, and what its receiver said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actions.models import Letter
from app.hours import Hours
from app.queue.brakes import brakes_on
from app.queue.lanes import LaneRules, key_of, lanes_of
from app.queue.models import BrakeScope, Delivery, Lane, StateCount
from app.queue.rows import change_lane
from app.queue.states import DeliveryState
from app.targets.models import Target

HOUSE_ZONE = ZoneInfo("Europe/London")
"""Whose clock the list of lanes goes by; letters go by their campaign's."""

AT_ONCE = 1000


class UnknownLaneError(Exception):
    """There is no lane of this key; the text says so."""


@dataclass(frozen=True, slots=True)
class LaneReport:
    """One lane as staff see it."""

    key: str
    waiting: int
    held: int
    pace: int
    hours: str
    standing: str
    """In words: open, resting until when, paused, closed until its hours."""
    troubled_since: datetime | None
    said: str


def lane_reports(session: Session, rules: LaneRules, default_hours: str, now: datetime) -> Iterator[LaneReport]:
    """Every lane, by its key."""
    counts = _counts(session)
    brakes = brakes_on(session)
    for lane in session.scalars(select(Lane).order_by(Lane.key)):
        paused = brakes.stops(BrakeScope.LANE, lane.id)
        yield LaneReport(
            key=lane.key,
            waiting=counts[lane.id][DeliveryState.QUEUED],
            held=counts[lane.id][DeliveryState.HELD],
            pace=rules.pace_of(lane),
            hours=lane.hours or default_hours,
            standing="paused" if paused else _standing(lane, rules, now),
            troubled_since=lane.troubled_since,
            said=lane.said,
        )


def _counts(session: Session) -> dict[int, Counter[DeliveryState]]:
    counts: dict[int, Counter[DeliveryState]] = defaultdict(Counter)
    for row in session.execute(
        select(StateCount.lane_id, StateCount.state, func.sum(StateCount.count).label("number")).group_by(
            StateCount.lane_id, StateCount.state
        )
    ):
        counts[row.lane_id][row.state] = int(row.number)
    return counts


def _standing(lane: Lane, rules: LaneRules, now: datetime) -> str:
    if lane.rests_until is not None and lane.rests_until > now:
        return f"rests until {lane.rests_until:%Y-%m-%d %H:%M} UTC"
    if lane.trips:
        return "tries with single letters"
    return "open" if rules.hours_of(lane).open_at(now, HOUSE_ZONE) else "closed at this hour"


def set_rules(session: Session, key: str, pace: int | None, hours: str | None) -> None:
    """Give a lane its own pace and hours; none is the house's.

    Raises:
        HoursFormatError: the hours have another form.
        UnknownLaneError: there is no such lane.
    """
    if hours is not None:
        Hours.parse(hours)
    lane = _lane(session, key)
    lane.pace, lane.hours = pace, hours


def let_try(session: Session, key: str) -> None:
    """Let a resting lane try with one letter now.

    Raises:
        UnknownLaneError: there is no such lane.
    """
    lane = _lane(session, key)
    lane.rests_until = lane.tries_until = None


def split(session: Session, address: str) -> int:
    """Set one mailbox apart as a lane of its own; its rules are its domain's. Returns the new lane's id.

    What waits for it is moved by `move_waiting`, some at a time.
    """
    mailbox = address.lower()
    domain = session.get_one(Lane, lanes_of(session, [key_of(mailbox)])[key_of(mailbox)])
    known = session.scalars(select(Lane).where(Lane.key == mailbox)).one_or_none()
    lane = known or Lane(key=mailbox, pace=domain.pace, hours=domain.hours)
    session.add(lane)
    session.flush()
    return lane.id


def move_waiting(session: Session, address: str, lane_id: int) -> int:
    """Let some of what waits for a mailbox leave by its own lane; returns how many, 0 when all do."""
    ids = _waiting_for(session, address, lane_id)
    change_lane(session, ids, lane_id)
    return len(ids)


def _waiting_for(session: Session, address: str, lane_id: int) -> Sequence[int]:
    return session.scalars(
        select(Delivery.id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .join(Target, Target.id == Letter.target_id)
        .where(
            func.lower(Target.email) == address.lower(),
            Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.HELD)),
            Delivery.lane_id != lane_id,
        )
        .limit(AT_ONCE)
    ).all()


def _lane(session: Session, key: str) -> Lane:
    lane = session.scalars(select(Lane).where(Lane.key == key.lower()).with_for_update()).one_or_none()
    if lane is None:
        raise UnknownLaneError(f"There is no lane {key}.")
    return lane


def forget_troubles(session: Session, key: str) -> None:
    """Take a lane for sound again.

    Raises:
        UnknownLaneError: there is no such lane.
    """
    lane = _lane(session, key)
    cleared = {"trouble": 0, "trips": 0, "reported": False, "rests_until": None, "troubled_since": None}
    session.execute(update(Lane).where(Lane.id == lane.id).values(cleared | {"tries_until": None, "probed_at": None}))

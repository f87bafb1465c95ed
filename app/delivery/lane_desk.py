"""What a person decides about lanes: their pace and hours, a mailbox of its own, trying a blocked way again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.models import Letter
from app.db import Sessions
from app.delivery.desk import AT_ONCE
from app.hours import Hours
from app.queue.brakes import put_on
from app.queue.lanes import key_of, lanes_of
from app.queue.models import Brake, BrakeScope, Delivery, Lane
from app.queue.rows import change_lane
from app.queue.states import WITHDRAWABLE
from app.targets.models import Target

_INHERITED = ("pace", "hours", "next_at", "trips", "rests_until", "troubled_since", "troubled_at", "reported", "said")
"""What a mailbox that is set apart takes over: one server stands behind both, and its block must not be got round."""


class UnknownLaneError(LookupError):
    """There is no lane of this key."""


class UnknownMailboxError(LookupError):
    """No target has this address: it may be a person's, and would be shown as a lane's key."""


def set_pace(session: Session, key: str, pace: int | None) -> None:
    """Give a lane its own pace, in letters an hour; 0 is as fast as can be, none is the house's.

    Raises:
        UnknownLaneError: there is no such lane.
    """
    _lane(session, key).pace = pace


def set_hours(session: Session, key: str, hours: str | None) -> None:
    """Give a lane its own hours, as `app.hours` reads them; none is the house's.

    Raises:
        HoursFormatError: the hours have another form.
        UnknownLaneError: there is no such lane.
    """
    if hours is not None:
        Hours.parse(hours)
    _lane(session, key).hours = hours


def let_try(session: Session, key: str) -> None:
    """Let a resting lane try with one letter now.

    Raises:
        UnknownLaneError: there is no such lane.
    """
    lane = _lane(session, key)
    lane.rests_until = lane.tries_until = None


def forget_troubles(session: Session, key: str) -> None:
    """Take a lane for sound again.

    Raises:
        UnknownLaneError: there is no such lane.
    """
    lane = _lane(session, key)
    lane.trouble, lane.trips, lane.reported = 0, 0, False
    lane.rests_until = lane.tries_until = lane.troubled_since = lane.probed_at = None


def split(sessions: Sessions, address: str, *, at_once: int = AT_ONCE) -> int:
    """Set a target's mailbox apart as a lane of its own, and let what waits leave by it.

    It begins with its domain's rules, its troubles, and its brake.

    Returns:
        How many deliveries that were, moved `at_once` in each transaction.

    Raises:
        UnknownMailboxError: no target has this address.
    """
    with sessions.write() as session:
        lane_id = _set_apart(session, address)
    moved = 0
    while True:
        with sessions.write() as session:
            ids = _waiting_for(session, address, lane_id, at_once)
            change_lane(session, ids, lane_id)
        moved += len(ids)
        if len(ids) < at_once:
            return moved


def _set_apart(session: Session, address: str) -> int:
    mailbox = address.lower()
    if session.scalar(select(Target.id).where(func.lower(Target.email) == mailbox).limit(1)) is None:
        raise UnknownMailboxError("No target has this address.")
    known = session.scalar(select(Lane.id).where(Lane.key == mailbox))
    if known is not None:
        return known
    domain = session.get_one(Lane, lanes_of(session, [key_of(mailbox)])[key_of(mailbox)])
    lane = Lane(key=mailbox, **{name: getattr(domain, name) for name in _INHERITED})
    session.add(lane)
    session.flush()
    for brake in session.scalars(select(Brake).where(Brake.scope == BrakeScope.LANE, Brake.subject_id == domain.id)):
        put_on(session, BrakeScope.LANE, lane.id, brake.why, brake.at)
    return lane.id


def _waiting_for(session: Session, address: str, lane_id: int, limit: int) -> Sequence[int]:
    return session.scalars(
        select(Delivery.id)
        .join(Letter, Letter.id == Delivery.id)
        .join(Target, Target.id == Letter.target_id)
        .where(
            func.lower(Target.email) == address.lower(),
            Delivery.state.in_(WITHDRAWABLE),
            Delivery.lane_id != lane_id,
        )
        .limit(limit)
    ).all()


def _lane(session: Session, key: str) -> Lane:
    lane = session.scalars(select(Lane).where(Lane.key == key.lower()).with_for_update(key_share=True)).one_or_none()
    if lane is None:
        raise UnknownLaneError(f"There is no lane {key}.")
    return lane

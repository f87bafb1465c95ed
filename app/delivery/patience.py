"""Giving up on letters that waited in a blocked lane for as long as letters are tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.settle import GIVE_UP_AFTER
from app.delivery.unreached import tell_unreached
from app.queue.models import Delivery, Lane
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource

AT_ONCE = 1000


def give_up_blocked(session: Session, now: datetime) -> int:
    """Fail letters that were due seven days ago, in lanes blocked for seven days, and tell their writers.

    Returns:
        How many letters were given up, at most `AT_ONCE`; the next sweep goes on.
    """
    limit = now - GIVE_UP_AFTER
    lanes = session.scalars(select(Lane.id).where(Lane.troubled_since < limit)).all()
    if not lanes:
        return 0
    waiting = select(Delivery.id).where(
        Delivery.lane_id.in_(lanes), Delivery.state == DeliveryState.QUEUED, Delivery.due_at < limit
    )
    ids = session.scalars(waiting.order_by(Delivery.due_at).limit(AT_ONCE)).all()
    change = Move(
        DeliveryState.QUEUED,
        DeliveryState.FAILED,
        EventSource.SYSTEM,
        reason="gave_up",
        detail="their mail server has taken nothing from us for seven days",
    )
    moved = move(session, ids, change, now)
    tell_unreached(session, moved, now)
    return len(moved)

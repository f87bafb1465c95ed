"""Letting held letters go, when what held them is settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.actions.models import Letter, letters_to
from app.db import Sessions
from app.delivery.desk import AT_ONCE
from app.queue.models import Delivery
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource
from app.targets.freshness import day_of
from app.targets.models import Target


def release_verified(session: Session, target_id: int, now: datetime) -> list[int]:
    """Queue the letters that were held because nobody had verified this target's address.

    Returns:
        The deliveries that wait again, for the doorbell.
    """
    ids = session.scalars(
        select(Delivery.id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .where(letters_to(target_id), Delivery.reason == "unverified_target")
    ).all()
    release = Move(DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF, reason="verified", due_at=now)
    return move(session, ids, release, now)


def release_fresh(sessions: Sessions, now: datetime, *, at_once: int = AT_ONCE) -> list[int]:
    """Queue the letters that were held because what we had of their targets' councils was stale, and is not any more.

    To be called after newer data, an election or an acceptance has been committed; `at_once` go in each transaction.

    Returns:
        The deliveries that wait again, for the doorbell.
    """
    release = Move(DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF, reason="fresh", due_at=now)
    released: list[int] = []
    last = 0
    while True:
        with sessions.write() as session:
            ids = _held_but_fresh(session, day_of(now), after=last, limit=at_once)
            released += move(session, ids, release, now)
        if len(ids) < at_once:
            return released
        last = ids[-1]


def _held_but_fresh(session: Session, today: date, *, after: int, limit: int) -> Sequence[int]:
    fresh = or_(Target.stale_from.is_(None), Target.stale_from > today)
    return session.scalars(
        select(Delivery.id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .join(Target, Target.id == Letter.target_id)
        .where(Delivery.state == DeliveryState.HELD, Delivery.reason == "stale_target", Delivery.id > after, fresh)
        .order_by(Delivery.id)
        .limit(limit)
    ).all()

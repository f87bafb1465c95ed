"""Letting held letters go, when what held them is settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from app.actions.models import Letter, LetterAddressee, letters_to
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
        .join(Letter, Letter.id == Delivery.id)
        .where(letters_to(target_id), Delivery.reason == "unverified_target")
    ).all()
    release = Move(DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF, reason="verified", due_at=now)
    return move(session, ids, release, now)


def release_all_verified(sessions: Sessions, now: datetime, *, at_once: int = AT_ONCE) -> list[int]:
    """The same for all letters whose target's address is verified now, or that of another behind its mailbox.

    To be called after whole lists were verified and committed; `at_once` go in each transaction.
    """
    another = aliased(Target)
    behind = (
        select(LetterAddressee.letter_id)
        .join(another, another.id == LetterAddressee.target_id)
        .where(LetterAddressee.letter_id == Letter.id, another.verified_at.is_not(None))
    )
    verified = or_(Target.verified_at.is_not(None), behind.exists())
    return _release(sessions, now, "unverified_target", "verified", verified, at_once)


def release_fresh(sessions: Sessions, now: datetime, *, at_once: int = AT_ONCE) -> list[int]:
    """Queue the letters that were held because what we had of their targets' councils was stale, and is not any more.

    To be called after newer data, an election or an acceptance has been committed; `at_once` go in each transaction.

    Returns:
        The deliveries that wait again, for the doorbell.
    """
    fresh = or_(Target.stale_from.is_(None), Target.stale_from > day_of(now))
    return _release(sessions, now, "stale_target", "fresh", fresh, at_once)


def _release(  # noqa: PLR0917 - both callers name the reasons in this order
    sessions: Sessions, now: datetime, held_for: str, why: str, settled: ColumnElement[bool], at_once: int
) -> list[int]:
    release = Move(DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF, reason=why, due_at=now)
    released: list[int] = []
    last = 0
    while True:
        with sessions.write() as session:
            ids = _held(session, held_for, settled, after=last, limit=at_once)
            released += move(session, ids, release, now)
        if len(ids) < at_once:
            return released
        last = ids[-1]


def _held(session: Session, reason: str, settled: ColumnElement[bool], *, after: int, limit: int) -> Sequence[int]:
    return session.scalars(
        select(Delivery.id)
        .join(Letter, Letter.id == Delivery.id)
        .join(Target, Target.id == Letter.target_id)
        .where(Delivery.state == DeliveryState.HELD, Delivery.reason == reason, Delivery.id > after, settled)
        .order_by(Delivery.id)
        .limit(limit)
    ).all()

"""Letting held letters go, when what held them is settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.models import Letter, letters_to
from app.queue.models import Delivery
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource


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

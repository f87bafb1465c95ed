"""Forgetting: what was answered, as soon as it is passed on; what supporters wrote about it, after a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.batches import erase_some
from app.queue.models import Delivery
from app.queue.states import DeliveryState
from app.replies.models import RelayedMail, Reply

KEPT_AT_MOST = timedelta(days=30)
"""How long an answer waits to be handed over; a supporter's server that is away for longer is gone."""
NOTES_KEPT = timedelta(days=365)
BATCH = 500

_WAITS = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.UNCERTAIN)


def passed_on(session: Session, now: datetime) -> Sequence[int]:
    """Up to `BATCH` answers whose mail has been handed over, or never will be."""
    done = or_(Delivery.state.not_in(_WAITS), RelayedMail.received_at <= now - KEPT_AT_MOST)
    kept = select(RelayedMail.id).join(Delivery, Delivery.id == RelayedMail.delivery_id)
    return session.scalars(kept.where(done).order_by(RelayedMail.id).limit(BATCH)).all()


def forget_answers(session: Session, ids: Sequence[int]) -> None:
    """Delete what these answers said. That they came is still known."""
    session.execute(delete(RelayedMail).where(RelayedMail.id.in_(ids)))


def forget_notes(session: Session, now: datetime) -> int:
    """Erase some of what supporters wrote about replies a year ago; how many."""
    return erase_some(session, Reply, Reply.note.is_not(None), Reply.at <= now - NOTES_KEPT, values={"note": None})

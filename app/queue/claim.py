"""Claiming deliveries for a worker, and what becomes of a claim whose worker is gone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.queue.models import Delivery
from app.queue.rows import Move, move, record_claim
from app.queue.states import DeliveryState, EventSource, Purpose

LEASE = timedelta(minutes=15)
"""How long a worker may keep a claim. Far longer than a batch takes: a lease that runs out means a dead worker."""

SENDING_CAMPAIGNS = (CampaignState.LIVE, CampaignState.CLOSED)
"""Campaigns whose letters go out. Letters confirmed before the closing are still owed; a pause keeps them waiting."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that belongs to one worker until `until`."""

    lease: str
    until: datetime
    ids: list[int]


def due(now: datetime) -> ColumnElement[bool]:
    """What may be handed over now: its time has come, and a letter's campaign is sending."""
    return and_(
        Delivery.state == DeliveryState.QUEUED,
        Delivery.due_at <= now,
        or_(Delivery.purpose != Purpose.LETTER, Campaign.state.in_(SENDING_CAMPAIGNS)),
    )


def claim_due(session: Session, now: datetime, limit: int) -> Claim:
    """Take up to `limit` due deliveries, oldest first, by compare-and-swap.

    The rows are marked SENDING under a fresh lease before anything is handed over: a second worker, or the same job run
    again, finds nothing. PostgreSQL passes over rows that another worker is claiming; SQLite writes one at a time.
    """
    lease, until = secrets.token_hex(8), now + LEASE
    candidates = (
        select(Delivery.id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(due(now))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    taken = (
        update(Delivery)
        .where(Delivery.id.in_(session.scalars(candidates).all()), Delivery.state == DeliveryState.QUEUED)
        .values(
            state=DeliveryState.SENDING,
            reason="",
            lease=lease,
            lease_until=until,
            attempts=Delivery.attempts + 1,
            changed_at=now,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    ids = sorted(session.scalars(taken))
    record_claim(session, ids, now)
    return Claim(lease, until, ids)


def release_expired(session: Session, now: datetime) -> int:
    """Settle claims whose lease ran out: a letter becomes UNCERTAIN (it may have left), anything else is sent again.

    Returns:
        How many deliveries were moved.
    """
    expired = select(Delivery.id).where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now)
    letters = session.scalars(expired.where(Delivery.purpose == Purpose.LETTER)).all()
    others = session.scalars(expired.where(Delivery.purpose != Purpose.LETTER)).all()
    sending = DeliveryState.SENDING
    lost = Move(sending, DeliveryState.UNCERTAIN, EventSource.SYSTEM, reason="lease_expired")
    again = Move(sending, DeliveryState.QUEUED, EventSource.SYSTEM, reason="lease_expired", due_at=now)
    return len(move(session, letters, lost, now)) + len(move(session, others, again, now))

"""What happened to one delivery, put together from where it is kept: its row, its leases, its events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queue.models import Delivery, DeliveryEvent, Lease
from app.queue.states import DeliveryState, EventSource


class Change(NamedTuple):
    """One change of a delivery's state."""

    at: datetime
    source: EventSource
    from_state: DeliveryState | None
    """None for its beginning."""
    to_state: DeliveryState
    detail: str = ""
    """As of an event."""


def story_of(session: Session, delivery: Delivery) -> list[Change]:
    """Everything that happened to a delivery, oldest first."""
    return [*_told(session, delivery)]


def _told(session: Session, delivery: Delivery) -> Iterator[Change]:
    yield Change(delivery.created_at, EventSource.SYSTEM, None, DeliveryState.QUEUED)
    events = select(DeliveryEvent, Lease.taken_at).outerjoin(Lease, Lease.id == DeliveryEvent.lease_id)
    own = events.where(DeliveryEvent.delivery_id == delivery.id).order_by(DeliveryEvent.id)
    last = DeliveryState.QUEUED
    for event, taken_at in session.execute(own):
        if event.lease_id is not None:
            yield _claimed(taken_at)
        yield Change(event.at, event.source, event.from_state, event.to_state, event.detail)
        last = event.to_state
    being_sent = delivery.state is DeliveryState.SENDING and last is DeliveryState.QUEUED
    if being_sent and delivery.lease_id is not None:
        yield _claimed(session.get_one(Lease, delivery.lease_id).taken_at)


def _claimed(at: datetime) -> Change:
    return Change(at, EventSource.WORKER, DeliveryState.QUEUED, DeliveryState.SENDING)

"""Putting deliveries on the queue, and the one function that moves them from state to state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.queue.models import Delivery, DeliveryEvent
from app.queue.states import TRANSITIONS, DeliveryState, EventSource, Purpose

LONGEST_DETAIL = 300
CHUNK = 1000


class IllegalMoveError(Exception):
    """The transition table has no such move."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a new delivery belongs to."""

    purpose: Purpose
    campaign_id: int
    action_id: int
    letter_id: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state, the same for every delivery that it is applied to."""

    origin: DeliveryState
    to: DeliveryState
    source: EventSource
    reason: str = ""
    """A short code that the row keeps."""
    detail: str = ""
    """What was said, for the event; without addresses."""
    due_at: datetime | None = None
    """When to try (again), for a move to QUEUED."""
    refund: bool = False
    """Whether the attempt is given back, because nothing was handed over."""

    def __post_init__(self) -> None:
        if self.to not in TRANSITIONS[self.origin]:
            raise IllegalMoveError(f"{self.origin} → {self.to}")


def put(session: Session, parcels: Collection[Parcel], now: datetime) -> list[int]:
    """Queue one delivery for each parcel, due at once; returns their ids in the parcels' order."""
    if not parcels:
        return []
    rows = [
        {
            "purpose": parcel.purpose,
            "campaign_id": parcel.campaign_id,
            "action_id": parcel.action_id,
            "letter_id": parcel.letter_id,
            "state": DeliveryState.QUEUED,
            "due_at": now,
            "created_at": now,
            "changed_at": now,
        }
        for parcel in parcels
    ]
    ids = list(session.scalars(insert(Delivery).returning(Delivery.id, sort_by_parameter_order=True), rows))
    _record(session, ids, Fact(EventSource.SYSTEM, None, DeliveryState.QUEUED), now)
    return ids


def move(session: Session, ids: Collection[int], change: Move, now: datetime, *, lease: str | None = None) -> list[int]:
    """Apply one move to those of `ids` that are still in its origin (and under `lease`, if given), and record it.

    A row that somebody else has moved meanwhile is left alone, so a repeated call does nothing twice.

    Returns:
        The ids that this call moved.
    """
    moved: list[int] = []
    for chunk in _chunks(ids):
        moved += session.scalars(_moving(chunk, change, now, lease))
    _record(session, moved, Fact(change.source, change.origin, change.to, change.detail), now)
    return moved


def _chunks(ids: Collection[int]) -> Iterator[Sequence[int]]:
    """The ids in parts that one statement can name: a database takes only so many parameters."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _moving(ids: Sequence[int], change: Move, now: datetime, lease: str | None) -> ReturningUpdate[int]:
    statement = (
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == change.origin)
        .values(state=change.to, reason=change.reason, changed_at=now, lease_until=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    if lease is not None:
        statement = statement.where(Delivery.lease == lease)
    if change.due_at is not None:
        statement = statement.values(due_at=change.due_at)
    if change.refund:
        statement = statement.values(attempts=Delivery.attempts - 1)
    return statement


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event says; see `DeliveryEvent`."""

    source: EventSource
    from_state: DeliveryState | None
    to_state: DeliveryState
    detail: str = ""


def _record(session: Session, ids: Iterable[int], fact: Fact, now: datetime) -> None:
    rows = [
        {
            "delivery_id": delivery_id,
            "at": now,
            "source": fact.source,
            "from_state": fact.from_state,
            "to_state": fact.to_state,
            "detail": fact.detail[:LONGEST_DETAIL],
        }
        for delivery_id in ids
    ]
    if rows:
        session.execute(insert(DeliveryEvent), rows)


def record_claim(session: Session, ids: Iterable[int], now: datetime) -> None:
    """Record that a worker has claimed `ids` for sending; `app.queue.claim` made the move."""
    _record(session, ids, Fact(EventSource.WORKER, DeliveryState.QUEUED, DeliveryState.SENDING), now)

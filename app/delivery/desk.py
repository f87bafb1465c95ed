"""What a person decides about single deliveries: settle a doubt, let go what is held, cancel what waits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.actions.models import Letter
from app.campaigns.models import Campaign
from app.db import among
from app.delivery.unreached import tell_unreached
from app.queue.models import Delivery, DeliveryEvent, Lane
from app.queue.rows import Move, move
from app.queue.states import WITHDRAWABLE, DeliveryState, EventSource

AT_ONCE = 1000
"""Deliveries that one transaction moves: letters must be written down meanwhile."""

NOT_BY_HAND = {
    "text_changed": "the stored letter is not the one that was confirmed, and would be held again: cancel it",
    "unverified_target": "check the target's address and say so with `flask targets verify`",
}
"""Reasons for which a letter is held and which no release can mend."""

SETTLED_AS = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.QUEUED})
"""What a person may say of an uncertain letter."""


class NotToBeReleasedError(Exception):
    """Releasing would not let the letter go. The text says what would."""


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery, as staff may see it: nothing of its supporter."""

    id: int
    purpose: str
    state: DeliveryState
    reason: str
    campaign: str
    lane: str
    recipient: str
    """The target's public name; empty for a notice."""
    due_at: datetime
    changed_at: datetime
    said: str = ""
    """The last event's words."""


def lines(session: Session, ids: Sequence[int]) -> list[Line]:
    """These deliveries, in the order of the ids."""
    rows = session.execute(_lines().where(among(session, Delivery.id, ids))).all()
    found = {row[0].id: _line(session, row) for row in rows}
    return [found[delivery_id] for delivery_id in ids if delivery_id in found]


def in_state(session: Session, state: DeliveryState, reason: str | None = None, limit: int = 200) -> list[Line]:
    """Deliveries that wait for a person, longest first."""
    wanted = _lines().where(Delivery.state == state).order_by(Delivery.changed_at, Delivery.id).limit(limit)
    if reason is not None:
        wanted = wanted.where(Delivery.reason == reason)
    return [_line(session, row) for row in session.execute(wanted).all()]


def _lines() -> Select[Delivery, str, str, str | None]:
    return (
        select(Delivery, Campaign.slug, Lane.key, Letter.target_name)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Lane, Lane.id == Delivery.lane_id)
        .outerjoin(Letter, Letter.id == Delivery.letter_id)
    )


def settle(session: Session, ids: Collection[int], to: DeliveryState, why: str, now: datetime) -> list[int]:
    """Say what became of uncertain letters. Queued again, one may arrive twice: the person takes that upon themselves.

    Returns:
        Those that were uncertain until now.
    """
    due_at = now if to is DeliveryState.QUEUED else None
    change = Move(DeliveryState.UNCERTAIN, to, EventSource.STAFF, reason="settled", detail=why, due_at=due_at)
    moved = move(session, ids, change, now)
    if to is DeliveryState.BOUNCED:
        tell_unreached(session, moved, now)
    return moved


def release(session: Session, ids: Collection[int], why: str, now: datetime) -> list[int]:
    """Queue held deliveries again.

    Raises:
        NotToBeReleasedError: one of them is held for what no release mends.
    """
    wanted = select(Delivery.id, Delivery.reason).where(
        among(session, Delivery.id, ids), Delivery.state == DeliveryState.HELD, Delivery.reason.in_(NOT_BY_HAND)
    )
    for delivery_id, reason in session.execute(wanted.limit(1)):
        raise NotToBeReleasedError(f"{delivery_id} is held as {reason}: {NOT_BY_HAND[reason]}.")
    change = Move(
        DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF, reason="released", detail=why, due_at=now
    )
    return move(session, ids, change, now)


def held_for(session: Session, reason: str, *, target_id: int | None = None, limit: int = AT_ONCE) -> Sequence[int]:
    """Some deliveries that are held for a reason (and to one target); call again until none is left."""
    wanted = select(Delivery.id).where(Delivery.state == DeliveryState.HELD, Delivery.reason == reason)
    if target_id is not None:
        wanted = wanted.join(Letter, Letter.id == Delivery.letter_id).where(Letter.target_id == target_id)
    return session.scalars(wanted.order_by(Delivery.id).limit(limit)).all()


def cancel(session: Session, ids: Collection[int], why: str, now: datetime) -> list[int]:
    """Cancel deliveries of which nothing has left; what is on its way is left alone."""
    cancelled: list[int] = []
    for state in sorted(WITHDRAWABLE):
        change = Move(state, DeliveryState.CANCELLED, EventSource.STAFF, reason="cancelled", detail=why)
        cancelled += move(session, ids, change, now)
    return sorted(cancelled)


def story(session: Session, delivery_id: int) -> Iterator[DeliveryEvent]:
    """Everything that happened to a delivery, oldest first."""
    events = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery_id).order_by(DeliveryEvent.id)
    yield from session.scalars(events)


def _line(session: Session, row: Row[Delivery, str, str, str | None]) -> Line:
    delivery, campaign, lane, recipient = row
    last = select(DeliveryEvent.detail).where(DeliveryEvent.delivery_id == delivery.id)
    return Line(
        delivery.id,
        delivery.purpose.value,
        delivery.state,
        delivery.reason,
        campaign,
        lane,
        recipient or "",
        delivery.due_at,
        delivery.changed_at,
        session.scalar(last.order_by(DeliveryEvent.id.desc()).limit(1)) or "",
    )

"""What a person decides about single deliveries: settle a doubt, let go what is held, cancel what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.actions.models import FrozenRecipient, Letter, letters_to
from app.campaigns.models import Campaign
from app.db import Sessions
from app.delivery.unreached import tell_unreached
from app.queue.models import Delivery, DeliveryEvent, Lane, Lease
from app.queue.rows import Move, move
from app.queue.states import WITHDRAWABLE, DeliveryState, EventSource, Purpose
from app.statements import among

AT_ONCE = 1000
"""Deliveries that one transaction moves: letters must be written down meanwhile."""

SHOWN = 200
"""Deliveries that a list names; how many more there are, `reasons` tells."""

NOT_BY_HAND = {
    "review": "a person has to read it first: decide at /organise/letters/review",
    "text_changed": "the stored letter is not the one that was confirmed, and would be held again: cancel it",
    "unverified_target": "check the target's address and say so with `flask targets verify`",
    "stale_target": "import newer data of their council, or say `flask councils accept` if what is there is good",
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
    purpose: Purpose
    state: DeliveryState
    reason: str
    campaign_id: int
    """`NO_CAMPAIGN` for mail to staff."""
    campaign: str
    """Its slug; empty for mail to staff."""
    lane: str
    recipient: str
    """The target's public name; empty for a notice."""
    due_at: datetime
    claimed_at: datetime | None
    """When a worker took it last."""
    said: str
    """The last event's words; none while it is being sent."""


def lines(session: Session, ids: Sequence[int]) -> list[Line]:
    """These deliveries, in the order of the ids."""
    rows = session.execute(_LINES.where(among(session, Delivery.id, ids))).all()
    found = {line.id: line for line in (Line(*row) for row in rows)}
    return [found[delivery_id] for delivery_id in ids if delivery_id in found]


def in_state(session: Session, state: DeliveryState, reason: str | None = None, limit: int = SHOWN) -> list[Line]:
    """Some deliveries in a state (for a reason), those that are there longest first."""
    wanted = select(Delivery.id).where(Delivery.state == state).order_by(Delivery.changed_at, Delivery.id).limit(limit)
    if reason is not None:
        wanted = wanted.where(Delivery.reason == reason)
    return lines(session, session.scalars(wanted).all())


def reasons(session: Session, state: DeliveryState) -> dict[str, int]:
    """How many deliveries are in a state for which reason, the most first."""
    number = func.count()
    wanted = select(Delivery.reason, number).where(Delivery.state == state).group_by(Delivery.reason)
    return dict(session.execute(wanted.order_by(number.desc(), Delivery.reason)).all())


_LAST_WORDS = (
    select(DeliveryEvent.detail)
    .where(DeliveryEvent.delivery_id == Delivery.id)
    .order_by(DeliveryEvent.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LINES = (
    select(
        Delivery.id,
        Delivery.purpose,
        Delivery.state,
        Delivery.reason,
        Delivery.campaign_id,
        func.coalesce(Campaign.slug, ""),
        Lane.key,
        func.coalesce(FrozenRecipient.name, ""),
        Delivery.due_at,
        Lease.taken_at,
        case((Delivery.state == DeliveryState.SENDING, ""), else_=func.coalesce(_LAST_WORDS, "")),
    )
    .outerjoin(Campaign, Campaign.id == Delivery.campaign_id)
    .join(Lane, Lane.id == Delivery.lane_id)
    .outerjoin(Letter, Letter.id == Delivery.id)
    .outerjoin(FrozenRecipient, FrozenRecipient.id == Letter.recipient_id)
    .outerjoin(Lease, Lease.id == Delivery.lease_id)
)
"""The columns of a `Line`, in their order."""


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

    Returns:
        Those that were held until now.

    Raises:
        NotToBeReleasedError: one of them is held for what no release mends.
    """
    wanted = select(Delivery.id, Delivery.reason).where(
        among(session, Delivery.id, ids), Delivery.state == DeliveryState.HELD, Delivery.reason.in_(NOT_BY_HAND)
    )
    for delivery_id, reason in session.execute(wanted.order_by(Delivery.id).limit(1)):
        raise NotToBeReleasedError(f"{delivery_id} is held as {reason}: {NOT_BY_HAND[reason]}.")
    change = Move(
        DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF, reason="released", detail=why, due_at=now
    )
    return move(session, ids, change, now)


def held_for(
    session: Session, reason: str, *, target_id: int | None = None, after: int = 0, limit: int
) -> Sequence[int]:
    """Some deliveries that are held for a reason (and to one target), in ascending order, beginning after an id.

    Whoever releases them goes on after the last one: where the reason still stands, a worker holds them again.
    """
    wanted = select(Delivery.id).where(
        Delivery.state == DeliveryState.HELD, Delivery.reason == reason, Delivery.id > after
    )
    if target_id is not None:
        wanted = wanted.join(Letter, Letter.id == Delivery.id).where(letters_to(target_id))
    return session.scalars(wanted.order_by(Delivery.id).limit(limit)).all()


def release_all(
    sessions: Sessions, reason: str, why: str, now: datetime, *, target_id: int | None = None, at_once: int = AT_ONCE
) -> int:
    """Queue again all that are held for a reason (and to one target), `at_once` in each transaction.

    Returns:
        How many that were.

    Raises:
        NotToBeReleasedError: no release mends that reason.
    """
    if reason in NOT_BY_HAND:
        raise NotToBeReleasedError(f"What is held as {reason} is not released: {NOT_BY_HAND[reason]}.")
    released, last = 0, 0
    while True:
        with sessions.write() as session:
            ids = held_for(session, reason, target_id=target_id, after=last, limit=at_once)
            released += len(release(session, ids, why, now))
        if len(ids) < at_once:
            return released
        last = ids[-1]


def cancel(session: Session, ids: Collection[int], why: str, now: datetime) -> list[int]:
    """Cancel deliveries of which nothing has left; what is on its way is left alone."""
    cancelled: list[int] = []
    for state in sorted(WITHDRAWABLE):
        change = Move(state, DeliveryState.CANCELLED, EventSource.STAFF, reason="cancelled", detail=why)
        cancelled += move(session, ids, change, now)
    return sorted(cancelled)

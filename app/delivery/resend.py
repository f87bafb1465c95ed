"""Letters that their receiver blocked, and sending them once more (docs/adr/0012-blocked-letters.md).

Whoever blocks says that it has not taken the letter, so another try makes no second copy. A person decides on it, for
behind an address that forwards one mailbox may have the letter although another turned it away.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.delivery.desk import AT_ONCE
from app.mail.reports import ReportKind
from app.queue.models import Delivery, DeliveryEvent, Lane
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.statements import among

_ARRIVED = exists().where(DeliveryEvent.delivery_id == Delivery.id, DeliveryEvent.to_state == DeliveryState.DELIVERED)
_BLOCKED = select(Delivery.id).where(
    Delivery.state == DeliveryState.BOUNCED,
    Delivery.reason == ReportKind.BLOCKED.value,
    Delivery.purpose == Purpose.LETTER,
    ~_ARRIVED,
)
"""A letter of which anybody ever reported that it had arrived is none of them."""


def blocked(lane: str | None = None) -> Select[int]:
    """The letters that were blocked and may be sent again (by this lane), those that are there longest first."""
    wanted = _BLOCKED.order_by(Delivery.changed_at, Delivery.id)
    return wanted if lane is None else wanted.join(Lane, Lane.id == Delivery.lane_id).where(Lane.key == lane.lower())


def resend(session: Session, ids: Collection[int], why: str, now: datetime) -> list[int]:
    """Queue blocked letters once more; each waits until its lane is open.

    Returns:
        Those that were blocked until now.
    """
    change = Move(
        DeliveryState.BOUNCED, DeliveryState.QUEUED, EventSource.STAFF, reason="resent", detail=why, due_at=now
    )
    return move(session, session.scalars(_BLOCKED.where(among(session, Delivery.id, ids))).all(), change, now)


def resend_all(sessions: Sessions, lane: str, why: str, now: datetime, *, at_once: int = AT_ONCE) -> int:
    """Queue once more all that were blocked by a lane, `at_once` in each transaction; returns how many that were."""
    queued = 0
    while True:
        with sessions.write() as session:
            ids = session.scalars(blocked(lane).limit(at_once)).all()
            queued += len(resend(session, ids, why, now))
        if len(ids) < at_once:
            return queued


def queued_again_since(session: Session, delivery_id: int, moment: datetime) -> bool:
    """Whether a person had a letter sent once more after that moment: what happened before is of an earlier copy."""
    again = exists().where(
        DeliveryEvent.delivery_id == delivery_id,
        DeliveryEvent.from_state.in_((DeliveryState.BOUNCED, DeliveryState.UNCERTAIN)),
        DeliveryEvent.to_state == DeliveryState.QUEUED,
        DeliveryEvent.at > moment,
    )
    return bool(session.scalar(select(again)))

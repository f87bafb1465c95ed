"""Telling supporters whom their letters could not reach."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.queue.lanes import notices_lane
from app.queue.models import Delivery, is_notice
from app.queue.rows import Parcel, put
from app.queue.states import DeliveryState, Purpose
from app.statements import among

GATHER = timedelta(minutes=10)
"""How long the notice waits, so that letters which fail together are told of together."""


def tell_unreached(session: Session, ids: Collection[int], now: datetime) -> list[int]:
    """Queue one notice for each supporter among whose letters these deliveries are, unless one waits already.

    Returns:
        The notices that were queued.
    """
    if not ids:
        return []
    waiting = aliased(Delivery)
    told = exists().where(
        waiting.action_id == Delivery.action_id,
        is_notice(waiting),
        waiting.purpose == Purpose.UNREACHABLE,
        waiting.state == DeliveryState.QUEUED,
    )
    letters = among(session, Delivery.id, ids) & (Delivery.purpose == Purpose.LETTER)
    wanted = select(Delivery.action_id, Delivery.campaign_id).where(letters, ~told).distinct()
    rows = session.execute(wanted.order_by(Delivery.action_id)).all()
    if not rows:
        return []
    lane = notices_lane(session)
    parcels = [Parcel(Purpose.UNREACHABLE, row.campaign_id, row.action_id, lane, after=GATHER) for row in rows]
    return put(session, parcels, now)

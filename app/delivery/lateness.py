"""The maximum lateness: letters that waited while no worker ran are not sent as if nothing had happened.

A snapshot restored in the afternoon once sent the morning's campaign a second time (listmonk #1801). Workers leave a
heartbeat in the database; one that finds the last beat too long ago puts a brake on all letters and says so. Staff look
what the queue holds (`flask deliveries waiting`) and take the brake off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.queue.brakes import put_on
from app.queue.lanes import NOTICES
from app.queue.models import BrakeScope, Heartbeat, Lane, StateCount
from app.queue.states import DeliveryState
from app.statements import insert_or

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late letters may be sent without a person's word; none where nobody is reached anyway."""

    most: timedelta | None

    def note_sweep(self, session: Session, now: datetime) -> None:
        """Leave a heartbeat; where the last one is too old and letters wait, put a brake on all letters first."""
        last = session.scalar(select(Heartbeat.at).where(Heartbeat.id == 1).with_for_update())
        if last is not None and self.most is not None and now - last > self.most and _letters_wait(session):
            why = f"no worker ran between {last:%Y-%m-%d %H:%M} and {now:%Y-%m-%d %H:%M} UTC"
            put_on(session, BrakeScope.LETTERS, 0, why, now)
            _log.warning("letters are paused", why=why)
        beat = insert_or(session, Heartbeat).values(id=1, at=now)
        session.execute(beat.on_conflict_do_update(index_elements=["id"], set_={"at": beat.excluded.at}))


def _letters_wait(session: Session) -> bool:
    waiting = (
        select(func.sum(StateCount.count))
        .join(Lane, Lane.id == StateCount.lane_id)
        .where(Lane.key != NOTICES, StateCount.state == DeliveryState.QUEUED)
    )
    return bool(session.scalar(waiting))

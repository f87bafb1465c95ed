"""Putting the clock forward where everybody only waits: for a retry, a lane's rest, the end of a trial.

No step is longer than what a lease has to spare, and none is made while something is being sent: a worker that lives
never loses a lease by it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.bootstrap import Platform
from app.delivery.models import ReceivedReport, Standing
from app.queue.claim import LEASE
from app.queue.models import Delivery, DeliveryEvent, Lane, Lease
from app.queue.states import DeliveryState, EventSource
from tests.faults.clock import SharedClock

STEP = timedelta(minutes=10)
RESTING_SECONDS = 0.35
"""After so long without anybody taking what is due, all workers rest."""
STUCK_SECONDS = 25.0
"""After so long without an answer what is being sent has nobody who sends it: no answer is waited for longer."""


class Look(NamedTuple):
    """The queue at one moment."""

    sending: bool
    due: datetime | None
    """When the next mail may leave; none where none waits."""
    newest: tuple[int, int]
    """The workers' newest event, and the newest lease."""
    reports: int
    """Reports that wait for their delivery."""


class Timekeeper:
    """Watches the queue and moves the clock."""

    def __init__(self, platform: Platform, clock: SharedClock) -> None:
        self._platform, self._clock = platform, clock
        self._newest, self._since = (-1, -1), time.monotonic()
        self.all_done = False
        """Whether nothing waited and nothing was being sent at the last look."""
        self.leases_run_out = 0
        """How often something stayed in nobody's hands until its lease ran out."""

    def look(self) -> None:
        """Look once, and put the clock forward if that makes something happen sooner."""
        try:
            with self._platform.sessions.read() as session:
                seen = _look(session)
        except DBAPIError:
            self.all_done = False
            return
        self.all_done = not seen.sending and seen.due is None and not seen.reports
        if seen.newest != self._newest:
            self._newest, self._since = seen.newest, time.monotonic()
        quiet = time.monotonic() - self._since
        if seen.sending:
            if quiet > STUCK_SECONDS:
                self.leases_run_out += 1
                self._move(LEASE)
        elif seen.due is not None:
            self._towards(seen.due, quiet)

    def _towards(self, due: datetime, quiet: float) -> None:
        wait = due - self._clock()
        if wait > timedelta(0):
            self._move(min(wait, STEP))
        elif quiet > RESTING_SECONDS:
            self._move(STEP)

    def _move(self, by: timedelta) -> None:
        self._clock.put_forward(by)
        self._since = time.monotonic()
        self._platform.doorbell.ring(0)


def _look(session: Session) -> Look:
    sending = session.scalar(select(Delivery.id).where(Delivery.state == DeliveryState.SENDING).limit(1))
    waiting = session.execute(
        select(func.min(Delivery.due_at), Lane.rests_until, Lane.tries_until)
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(Delivery.state == DeliveryState.QUEUED)
        .group_by(Lane.id)
    )
    due = [max(moment for moment in row if moment is not None) for row in waiting]
    by_worker = select(DeliveryEvent.id).where(DeliveryEvent.source == EventSource.WORKER)
    newest = session.scalar(by_worker.order_by(DeliveryEvent.id.desc()).limit(1))
    reports = session.scalar(select(func.count()).where(ReceivedReport.standing == Standing.WAITING))
    lease = session.scalar(select(func.max(Lease.id)))
    return Look(sending is not None, min(due, default=None), (newest or 0, lease or 0), reports or 0)

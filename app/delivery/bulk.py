"""Carrying out decisions about tens of thousands of deliveries, bit by bit, so that letters go out meanwhile.

Each batch is looked up without a lock, and moved by compare-and-swap in one short transaction that also says how far
the job has come. So a worker may die at any moment, and several may try: a batch counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Sessions
from app.delivery.bulk_models import BulkDeed, BulkJob, JobState
from app.delivery.desk import NOT_BY_HAND, cancel, release, settle
from app.delivery.find import Sought, newest, next_batch, number
from app.delivery.resend import resend
from app.mail.reports import ReportKind
from app.queue.models import Delivery
from app.queue.states import DeliveryState
from app.staff.audit import Deed, record
from app.statements import among

BATCH = 500
"""Deliveries that one transaction moves; that takes some hundredths of a second."""

Act = Callable[[Session, Sequence[int], str, datetime], Sequence[int]]

ORIGINS: Mapping[BulkDeed, frozenset[DeliveryState]] = {
    BulkDeed.RELEASE: frozenset({DeliveryState.HELD}),
    BulkDeed.CANCEL: frozenset({DeliveryState.QUEUED, DeliveryState.HELD}),
    BulkDeed.SETTLE_SENT: frozenset({DeliveryState.UNCERTAIN}),
    BulkDeed.SETTLE_DELIVERED: frozenset({DeliveryState.UNCERTAIN}),
    BulkDeed.SETTLE_BOUNCED: frozenset({DeliveryState.UNCERTAIN}),
    BulkDeed.SETTLE_QUEUED: frozenset({DeliveryState.UNCERTAIN}),
    BulkDeed.RESEND: frozenset({DeliveryState.BOUNCED}),
}
"""The states of deliveries that a deed fits."""

QUEUES = frozenset({BulkDeed.RELEASE, BulkDeed.SETTLE_QUEUED, BulkDeed.RESEND})
"""Deeds after which something waits to be sent."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class DeedDoesNotFitError(ValueError):
    """What the filter finds cannot be dealt with so."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job would do."""

    deed: BulkDeed
    sought: Sought
    total: int


def deeds_for(sought: Sought) -> list[BulkDeed]:
    """What may be done to all that a filter finds."""
    return [deed for deed in BulkDeed if _fits(deed, sought)]


def plan(session: Session, deed: BulkDeed, sought: Sought) -> Plan:
    """What carrying out a deed on all that is sought would come to now.

    Raises:
        DeedDoesNotFitError: the deed does not fit what is sought.
    """
    if not _fits(deed, sought):
        raise DeedDoesNotFitError
    return Plan(deed, sought, number(session, sought))


def begin(session: Session, wanted: Plan, why: str, member_id: int | None, now: datetime) -> BulkJob:
    """Put a job down for the worker, with the decision in the audit."""
    sought = wanted.sought
    assert sought.state is not None  # noqa: S101 - no deed fits all states
    job = BulkJob(
        deed=wanted.deed,
        origin=sought.state,
        reason=sought.reason,
        campaign_id=sought.campaign_id,
        lane_id=sought.lane_id,
        target_id=sought.target_id,
        last_id=newest(session),
        total=wanted.total,
        why=why,
        member_id=member_id,
        created_at=now,
        changed_at=now,
    )
    session.add(job)
    session.flush()
    said = {name: value for name, value in asdict(sought).items() if value is not None}
    record(
        session, member_id, Deed(f"bulk.{wanted.deed}", job.id, after={**said, "total": wanted.total}, note=why), now
    )
    return job


def stop(session: Session, job_id: int, member_id: int | None, now: datetime) -> bool:
    """Cancel what a job has not done yet; returns false where it has ended."""
    stopped = session.scalars(
        update(BulkJob)
        .where(BulkJob.id == job_id, BulkJob.state == JobState.OPEN)
        .values(state=JobState.CANCELLED, changed_at=now)
        .returning(BulkJob.id)
        .execution_options(synchronize_session=False)
    ).all()
    if stopped:
        record(session, member_id, Deed("bulk.stopped", job_id), now)
    return bool(stopped)


def jobs(session: Session, limit: int) -> Sequence[BulkJob]:
    """The newest jobs."""
    return session.scalars(select(BulkJob).order_by(BulkJob.id.desc()).limit(limit)).all()


def open_jobs(session: Session) -> Sequence[int]:
    """The jobs that are not done, the oldest first."""
    return session.scalars(select(BulkJob.id).where(BulkJob.state == JobState.OPEN).order_by(BulkJob.id)).all()


def sought_by(job: BulkJob) -> Sought:
    """Which deliveries a job means."""
    return Sought(job.origin, job.reason, job.campaign_id, job.lane_id, job.target_id)


def carry_on(sessions: Sessions, job_id: int, now: datetime, *, at_once: int = BATCH) -> BulkJob:
    """Do the next batch of a job; its row says what became of it.

    Where a batch raises, each of its deliveries is tried alone, so that one that cannot be moved stops no other.
    """
    with sessions.read() as session:
        job = session.get_one(BulkJob, job_id)
        ids, reached = next_batch(session, sought_by(job), after=job.reached_id, last=job.last_id, limit=at_once)
    if job.state is not JobState.OPEN:
        return job
    try:
        with sessions.write() as session:
            return _do(session, job, ids, reached, now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must not wait for it
        _log.warning("batch failed", job=job_id, kind=type(error).__name__)
        return _one_by_one(sessions, job, ids, reached, now)


def _do(
    session: Session, seen: BulkJob, ids: Sequence[int], reached: int, now: datetime, *, failed: int = 0
) -> BulkJob:
    """Move a batch, and the job with it, unless somebody has been faster or has stopped it."""
    job = session.get_one(BulkJob, seen.id, with_for_update=True, populate_existing=True)
    if job.state is not JobState.OPEN or job.reached_id != seen.reached_id:
        return job
    moved = _ACTS[job.deed](session, ids, job.why, now)
    job.done += len(moved)
    job.failed += failed
    job.skipped += len(ids) - len(moved)
    job.reached_id, job.changed_at = reached, now
    if reached >= job.last_id:
        job.state = JobState.FINISHED
        figures = {"done": job.done, "skipped": job.skipped, "failed": job.failed}
        record(session, job.member_id, Deed("bulk.finished", job.id, after=figures), now)
    return job


def _one_by_one(sessions: Sessions, seen: BulkJob, ids: Sequence[int], reached: int, now: datetime) -> BulkJob:
    good = [delivery_id for delivery_id in ids if _goes_alone(sessions, seen, delivery_id, now)]
    with sessions.write() as session:
        return _do(session, seen, good, reached, now, failed=len(ids) - len(good))


def _goes_alone(sessions: Sessions, job: BulkJob, delivery_id: int, now: datetime) -> bool:
    """Whether the deed can be done to one delivery: it is tried, for the batch does it again."""
    try:
        with sessions.trial() as session:
            _ACTS[job.deed](session, [delivery_id], job.why, now)
    except Exception as error:  # noqa: BLE001 - as above
        _log.error("delivery failed", job=job.id, delivery=delivery_id, kind=type(error).__name__)
        return False
    return True


def _fits(deed: BulkDeed, sought: Sought) -> bool:
    if sought.state not in ORIGINS[deed]:
        return False
    if deed is BulkDeed.RELEASE:
        return sought.reason not in NOT_BY_HAND
    return deed is not BulkDeed.RESEND or sought.reason == ReportKind.BLOCKED.value


def _release(session: Session, ids: Sequence[int], why: str, now: datetime) -> Sequence[int]:
    """Release those that a release helps; the others are left as they are."""
    helped = select(Delivery.id).where(among(session, Delivery.id, ids), Delivery.reason.not_in(NOT_BY_HAND))
    return release(session, session.scalars(helped).all(), why, now)


def _settling(to: DeliveryState) -> Act:
    return lambda session, ids, why, now: settle(session, ids, to, why, now)


_ACTS: Mapping[BulkDeed, Act] = {
    BulkDeed.RELEASE: _release,
    BulkDeed.CANCEL: cancel,
    BulkDeed.SETTLE_SENT: _settling(DeliveryState.SENT),
    BulkDeed.SETTLE_DELIVERED: _settling(DeliveryState.DELIVERED),
    BulkDeed.SETTLE_BOUNCED: _settling(DeliveryState.BOUNCED),
    BulkDeed.SETTLE_QUEUED: _settling(DeliveryState.QUEUED),
    BulkDeed.RESEND: resend,
}


def decide_one(
    session: Session, deed: BulkDeed, delivery_id: int, *, why: str, member_id: int | None, now: datetime
) -> bool:
    """Do a deed to one delivery, with its reason in the audit; returns false where it does not fit (any more)."""
    row = session.get(Delivery, delivery_id)
    if row is None or not _fits(deed, Sought(row.state, row.reason)):
        return False
    before = row.state
    moved = bool(_ACTS[deed](session, [delivery_id], why, now))
    if moved:
        session.refresh(row, ["state"])
        states = {"before": {"state": before}, "after": {"state": row.state}}
        record(session, member_id, Deed(f"letter.{deed}", delivery_id, **states, note=why), now)
    return moved

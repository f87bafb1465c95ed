"""What became of the claims of workers that died: their journals tell."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from pathlib import Path
from random import Random

import structlog
from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.delivery.journal import Notes, orphans
from app.delivery.prepared import DeliveryFact
from app.delivery.settle import Ground, doubt, hand_back, settle_answers
from app.queue.claim import BEING_SENT
from app.queue.lanes import end_trials
from app.queue.models import LOOKED_INTO, Delivery, Lease
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource
from app.ready import plan_for_batches

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def settle_orphans(sessions: Sessions, directory: Path, now: datetime, random: Random) -> int:
    """Settle what the dead workers of this machine had claimed.

    What was answered is settled by its answer; what was leaving and got none is uncertain; the rest was never handed
    over and goes back to its place.

    Returns:
        How many deliveries were looked at.
    """
    looked_at = 0
    for orphan in orphans(directory):
        with sessions.write() as session:
            plan_for_batches(session)
            number = _settle(session, orphan.notes, now, random)
        orphan.settled()
        looked_at += number
        _log.warning("a worker is gone", journal=orphan.notes.name, deliveries=number)
    return looked_at


def take_back(sessions: Sessions, token: str, now: datetime) -> None:
    """Put back what a claim of this worker's own holds, of which nothing was handed over."""
    sending, queued = DeliveryState.SENDING, DeliveryState.QUEUED
    change = Move(sending, queued, EventSource.WORKER, reason="not_handed_over", refund=True)
    with sessions.write() as session:
        plan_for_batches(session)
        lease_id = session.scalar(select(Lease.id).where(Lease.token == token))
        if lease_id is None:
            return
        rows = session.scalars(select(Delivery).where(BEING_SENT, Delivery.lease_id == lease_id)).all()
        move(session, [row.id for row in rows], change, now, lease=lease_id)
        end_trials(session, {row.lane_id for row in rows})


def _settle(session: Session, notes: Notes, now: datetime, random: Random) -> int:
    rows = _claimed(session, notes)
    for lease in sorted({row.lease_id for row in rows if row.lease_id is not None}):
        facts = {row.id: _fact(row) for row in rows if row.lease_id == lease}
        ground = Ground(lease, facts, now, random)
        answers = [(number, outcome) for number, outcome in notes.answers.items() if number in facts]
        lost = (notes.leaving if notes.complete else facts.keys()) - notes.answers.keys()
        settle_answers(session, [*answers, *doubt(ground, sorted(lost), "the worker died before the answer")], ground)
        hand_back(session, facts.keys() - notes.answers.keys() - lost, ground, "worker_died")
        end_trials(session, {fact.lane_id for fact in facts.values()})
    return len(rows)


def _claimed(session: Session, notes: Notes) -> list[Delivery]:
    """What the worker had not settled, and what is in doubt of its last claim: the lease may have run out before
    anybody could read the journal. Of the doubts of earlier claims the notes say nothing any more: they stay.
    """
    claimed = select(Delivery).join(Lease, Lease.id == Delivery.lease_id)
    unsettled = claimed.where(BEING_SENT, Lease.token.startswith(f"{notes.name}.", autoescape=True))
    in_doubt = claimed.where(_UNCERTAIN, literal_column(LOOKED_INTO), Lease.token == notes.lease)
    return sorted([*session.scalars(unsettled), *session.scalars(in_doubt)], key=attrgetter("id"))


_UNCERTAIN = Delivery.state == literal_column(f"'{DeliveryState.UNCERTAIN}'")  # word for word as the index has it


def _fact(row: Delivery) -> DeliveryFact:
    return DeliveryFact(
        at_most_once=row.purpose.at_most_once,
        attempts=row.attempts,
        lane_id=row.lane_id,
        campaign_id=row.campaign_id,
        action_id=row.action_id,
    )

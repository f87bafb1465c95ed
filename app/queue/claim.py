"""Claiming what goes next for a worker, and what becomes of a claim whose worker is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.queue.choose import choose
from app.queue.counters import Place, Stand, count_moves
from app.queue.lanes import LaneRules, after_taking
from app.queue.models import Delivery, Lane
from app.queue.rows import Fact, Move, move, record
from app.queue.states import DeliveryState, EventSource, Purpose
from app.ready import Ready, one_of_given

LEASE = timedelta(minutes=30)
"""How long a worker may keep a claim. Far longer than a batch takes: a lease that runs out means a lost machine."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that belongs to one worker until `until`."""

    lease: str
    until: datetime
    ids: list[int]


def claim_due(session: Session, now: datetime, limit: int, rules: LaneRules, *, lease: str, random: Random) -> Claim:
    """Take up to `limit` due deliveries by compare-and-swap, notices first, lanes in turn, oldest first in each.

    The rows are marked SENDING under `lease` before anything is handed over: a second worker, or the same job run
    again, finds nothing. PostgreSQL passes over lanes and rows that another worker is claiming; SQLite writes one at a
    time.
    """
    until = now + LEASE
    choice = choose(session, now, limit, rules, lock=True)
    chosen = choice.ids
    for allowance in choice.paced:
        allowance.note_taken(chosen, now, random)
    for share in choice.shares:
        if isinstance(share.lane, Lane) and share.ids:
            after_taking(share.lane, share.pace, len(share.ids), now, random)
            if share.lane.trips:
                share.lane.tries_until = until  # one letter tries the way; nobody else does until its answer is known
    return Claim(lease, until, _take(session, chosen, lease, until, now) if chosen else [])


def _take(session: Session, ids: list[int], lease: str, until: datetime, now: datetime) -> list[int]:
    taken = _TAKING.run(session, ids=ids, under=lease, until=until, now=now).all()
    stands = [Stand(Place(lane_id, campaign_id), target_id) for _, lane_id, campaign_id, target_id in taken]
    count_moves(session, stands, DeliveryState.QUEUED, DeliveryState.SENDING, now)
    done = sorted(number for number, *_ in taken)
    record(session, dict.fromkeys(done, ""), Fact(EventSource.WORKER, DeliveryState.QUEUED, DeliveryState.SENDING), now)
    return done


def _taking(dialect: str) -> ReturningUpdate[int, int, int, int | None]:
    columns = Delivery.__table__.c
    return (
        update(Delivery)
        .where(one_of_given(dialect, Delivery.id), Delivery.state == DeliveryState.QUEUED)
        .values(
            state=DeliveryState.SENDING,
            reason="",
            lease=bindparam("under", type_=columns.lease.type),
            lease_until=bindparam("until", type_=columns.lease_until.type),
            attempts=Delivery.attempts + 1,
            changed_at=bindparam("now", type_=columns.changed_at.type),
        )
        .returning(Delivery.id, Delivery.lane_id, Delivery.campaign_id, Delivery.target_id)
    )


_TAKING = Ready(_taking)


def release_expired(session: Session, now: datetime) -> int:
    """Settle claims whose lease ran out, of workers on machines that are gone: nobody can know how far they came.

    A letter becomes UNCERTAIN (it may have left), anything else is sent again.

    Returns:
        How many deliveries were moved.
    """
    expired = select(Delivery.id).where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now)
    letters = session.scalars(expired.where(Delivery.purpose == Purpose.LETTER)).all()
    others = session.scalars(expired.where(Delivery.purpose != Purpose.LETTER)).all()
    sending = DeliveryState.SENDING
    lost = Move(sending, DeliveryState.UNCERTAIN, EventSource.SYSTEM, reason="lease_expired")
    again = Move(sending, DeliveryState.QUEUED, EventSource.SYSTEM, reason="lease_expired", due_at=now)
    return len(move(session, letters, lost, now)) + len(move(session, others, again, now))

"""Claiming what goes next for a worker, and what becomes of a claim whose worker is gone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Insert, bindparam, exists, insert, literal_column, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.queue.choose import choose
from app.queue.counters import Place, Stand, count_moves
from app.queue.lanes import LaneRules, after_taking
from app.queue.models import Delivery, Lane, Lease
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.ready import Ready, one_of_given

LEASE = timedelta(minutes=30)
"""How long a worker may keep a claim. Far longer than a batch takes: a lease that runs out means a lost machine."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that belongs to one worker until `until`."""

    lease_id: int
    """The lease that its rows are claimed under; `NO_LEASE`, under which no row is, where there were none."""
    token: str
    at: datetime
    """When it was taken: then no brake, and no rest of lane or campaign, kept any of it from leaving."""
    until: datetime
    ids: list[int]


NO_LEASE = 0

BEING_SENT = Delivery.state == literal_column(f"'{DeliveryState.SENDING}'")
"""What is claimed and not settled; word for word as the index has it, for these are few."""


def claim_due(session: Session, now: datetime, limit: int, rules: LaneRules, *, token: str, random: Random) -> Claim:
    """Take up to `limit` due deliveries by compare-and-swap, notices first, lanes in turn, oldest first in each.

    The rows are marked SENDING under a lease with that token before anything is handed over: a second worker, or the
    same job run again, finds nothing. PostgreSQL passes over lanes and rows that another worker is claiming; SQLite
    writes one at a time.
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
    if not chosen:
        return Claim(NO_LEASE, token, now, until, [])
    lease_id = _LEASING.run(session, called=token, now=now, end=until).scalar_one()
    return Claim(lease_id, token, now, until, _take(session, chosen, lease_id, now))


def _leasing(_: str) -> Insert:
    columns = Lease.__table__.c
    called = bindparam("called", type_=columns.token.type)
    told = select(called, bindparam("now", type_=columns.taken_at.type), bindparam("end", type_=columns.until.type))
    named = told.where(called.is_not(None))  # so that a rehearsal writes none
    return insert(Lease).from_select(["token", "taken_at", "until"], named).returning(Lease.id)


_LEASING = Ready(_leasing)


def _take(session: Session, ids: list[int], lease_id: int, now: datetime) -> list[int]:
    taken = _TAKING.run(session, ids=ids, under=lease_id, now=now).all()
    stands = [Stand(Place(lane_id, campaign_id), target_id) for _, lane_id, campaign_id, target_id in taken]
    count_moves(session, stands, DeliveryState.QUEUED, DeliveryState.SENDING, now)
    return sorted(number for number, *_ in taken)


def _taking(dialect: str) -> ReturningUpdate[int, int, int, int | None]:
    columns = Delivery.__table__.c
    return (
        update(Delivery)
        .where(one_of_given(dialect, Delivery.id), Delivery.state == DeliveryState.QUEUED)
        .values(
            state=DeliveryState.SENDING,
            reason="",
            lease_id=bindparam("under", type_=columns.lease_id.type),
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
    runs = exists().where(Lease.id == Delivery.lease_id, Lease.until >= now)
    expired = select(Delivery.id, Delivery.purpose, Delivery.lease_id).where(BEING_SENT, ~runs).order_by(Delivery.id)
    sending = DeliveryState.SENDING
    lost = Move(sending, DeliveryState.UNCERTAIN, EventSource.SYSTEM, reason="lease_expired")
    again = Move(sending, DeliveryState.QUEUED, EventSource.SYSTEM, reason="lease_expired", due_at=now)
    # Each under its own lease: a worker that lives may have settled one meanwhile, and another have claimed it anew.
    moves: defaultdict[tuple[Move, int | None], list[int]] = defaultdict(list)
    for row in session.execute(expired):
        moves[lost if row.purpose is Purpose.LETTER else again, row.lease_id].append(row.id)
    return sum(len(move(session, ids, change, now, lease=lease_id)) for (change, lease_id), ids in moves.items())

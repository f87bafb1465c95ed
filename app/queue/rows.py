"""Putting deliveries on the queue, and the one function that moves them from state to state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import product, starmap
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, Insert, Row, Text, bindparam, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.announcements.announce import announce
from app.announcements.models import Happening
from app.queue.counters import Place, Stand, change_places, count_moves
from app.queue.models import Delivery, DeliveryEvent
from app.queue.states import TRANSITIONS, DeliveryState, EventSource, Purpose
from app.ready import GivenTable, Ready, one_of_given
from app.statements import among

LONGEST_DETAIL = 300


class IllegalMoveError(Exception):
    """The transition table has no such move."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a new delivery belongs to, and the lane that it leaves by."""

    purpose: Purpose
    campaign_id: int
    """`NO_CAMPAIGN`, without an action, for mail to staff."""
    action_id: int | None
    lane_id: int
    target_id: int | None = None
    """Whom it is to, if it is a letter."""
    after: timedelta = timedelta()
    """How long it waits at the least."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state, the same for every delivery that it is applied to."""

    origin: DeliveryState
    to: DeliveryState
    source: EventSource
    reason: str = ""
    """A short code that the row keeps."""
    detail: str = ""
    """What was said, for the event; without addresses."""
    due_at: datetime | None = None
    """When to try (again), for a move to QUEUED."""
    refund: bool = False
    """Whether the attempt is given back, because nothing was handed over."""

    def __post_init__(self) -> None:
        if self.to not in TRANSITIONS[self.origin]:
            raise IllegalMoveError(f"{self.origin} → {self.to}")


def put(session: Session, parcels: Collection[Parcel], now: datetime) -> list[int]:
    """Queue one delivery for each parcel; returns their ids in the parcels' order."""
    if not parcels:
        return []
    rows = [
        {
            "purpose": parcel.purpose,
            "campaign_id": parcel.campaign_id,
            "action_id": parcel.action_id,
            "lane_id": parcel.lane_id,
            "target_id": parcel.target_id,
            "state": DeliveryState.QUEUED,
            "due_at": now + parcel.after,
            "created_at": now,
            "changed_at": now,
        }
        for parcel in parcels
    ]
    ids = list(session.scalars(insert(Delivery).returning(Delivery.id, sort_by_parameter_order=True), rows))
    stands = [Stand(Place(parcel.lane_id, parcel.campaign_id), parcel.target_id) for parcel in parcels]
    count_moves(session, stands, None, DeliveryState.QUEUED, now)
    return ids


def move(
    session: Session,
    ids: Collection[int],
    change: Move,
    now: datetime,
    *,
    lease: int | None = None,
    details: Mapping[int, str] | None = None,
) -> list[int]:
    """Apply one move to those of `ids` that are still in its origin (and under `lease`, if given), and record it.

    A row that somebody else has moved meanwhile is left alone, so a repeated call does nothing twice.

    Args:
        session: writes.
        ids: which deliveries.
        change: the move.
        now: when.
        lease: only rows that were claimed under this lease.
        details: what was said of single deliveries; the others get the move's own detail.

    Returns:
        The ids that this call moved, in ascending order.
    """
    if not ids:
        return []
    moved = _moved(session, ids, change, now, lease)
    stands = [Stand(Place(lane_id, campaign_id), target_id) for _, lane_id, campaign_id, target_id, *_ in moved]
    count_moves(session, stands, change.origin, change.to, now)
    _record(session, moved, change, details or {}, now)
    if change.to is DeliveryState.DELIVERED:
        letters = [(row.campaign_id, row.id) for row in moved if row.target_id is not None]
        _tell_delivered(session, letters, now)
    return sorted(number for number, *_ in moved)


def _tell_delivered(session: Session, letters: Iterable[tuple[int, int]], now: datetime) -> None:
    """Tell who wants to know that letters have arrived; mail of our own is nobody's business."""
    for campaign_id, letter_id in letters:
        announce(session, Happening.LETTER_DELIVERED, campaign_id, {"letter_id": letter_id}, now)


def _moved(
    session: Session, ids: Collection[int], change: Move, now: datetime, lease: int | None
) -> Sequence[Row[*tuple[Any, ...]]]:
    kind = _Kind(leased=lease is not None, timed=change.due_at is not None, refunds=change.refund)
    given = {"origin": change.origin, "to": change.to, "why": change.reason, "under": lease, "again_at": change.due_at}
    return _MOVING[kind].run(session, ids=sorted(ids), now=now, **given).all()


class _Kind(NamedTuple):
    """What a move does to a row, for which it has a statement of its own."""

    leased: bool
    timed: bool
    refunds: bool


def _moving(dialect: str, kind: _Kind) -> ReturningUpdate[int, int, int, int | None, int | None]:
    columns = Delivery.__table__.c

    def given(name: str, column: str) -> BindParameter[Any]:
        return bindparam(name, type_=columns[column].type)

    statement = (
        update(Delivery)
        .where(one_of_given(dialect, Delivery.id), Delivery.state == given("origin", "state"))
        .values(
            state=given("to", "state"),
            reason=given("why", "reason"),
            changed_at=given("now", "changed_at"),
        )
        .returning(
            Delivery.id,
            Delivery.lane_id,
            Delivery.campaign_id,
            Delivery.target_id,
            Delivery.lease_id,
        )
    )
    if kind.leased:
        statement = statement.where(Delivery.lease_id == given("under", "lease_id"))
    if kind.timed:
        statement = statement.values(due_at=given("again_at", "due_at"))
    if kind.refunds:
        statement = statement.values(attempts=Delivery.attempts - 1)
    return statement


_KINDS = tuple(starmap(_Kind, product((False, True), repeat=len(_Kind._fields))))
_MOVING = {kind: Ready(partial(_moving, kind=kind)) for kind in _KINDS}


def change_lane(session: Session, ids: Iterable[int], lane_id: int) -> None:
    """Let deliveries that wait leave by another lane: their recipient's address has changed."""
    wanted = select(Delivery.id, Delivery.lane_id, Delivery.campaign_id, Delivery.state).where(
        among(session, Delivery.id, list(ids)), Delivery.lane_id != lane_id
    )
    rows = session.execute(wanted.with_for_update()).all()
    change_places(
        session, ((Place(row.lane_id, row.campaign_id), Place(lane_id, row.campaign_id), row.state) for row in rows)
    )
    session.execute(
        update(Delivery)
        .where(among(session, Delivery.id, [row.id for row in rows]))
        .values(lane_id=lane_id)
        .execution_options(synchronize_session=False)
    )


def _record(
    session: Session, moved: Iterable[Sequence[Any]], change: Move, details: Mapping[int, str], now: datetime
) -> None:
    """Write one event for each row that was moved, with what was said of it."""
    told: defaultdict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for number, *_, lease_id in moved:
        words = details.get(number, change.detail)
        told[lease_id if change.origin is DeliveryState.SENDING else None].append((number, words[:LONGEST_DETAIL]))
    given = {"now": now, "by": change.source, "origin": change.origin, "to": change.to}
    for lease_id, rows in told.items():
        _RECORDING.run(session, **given, under=lease_id, **_TOLD.values(session, sorted(rows)))


_TOLD = GivenTable({"number": BigInteger(), "words": Text()})


def _recording(dialect: str) -> Insert:
    columns, told = DeliveryEvent.__table__.c, _TOLD.build(dialect)
    source = select(
        told.c.number,
        bindparam("now", type_=columns.at.type),
        bindparam("by", type_=columns.source.type),
        bindparam("origin", type_=columns.from_state.type),
        bindparam("to", type_=columns.to_state.type),
        told.c.words,
        bindparam("under", type_=columns.lease_id.type),
    )
    names = ["delivery_id", "at", "source", "from_state", "to_state", "detail", "lease_id"]
    return insert(DeliveryEvent).from_select(names, source)


_RECORDING = Ready(_recording)

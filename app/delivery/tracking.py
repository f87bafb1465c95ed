"""What is reported of a mail after it was taken over: each report once, in whatever order they come.

Reports repeat, come late, come before the worker has settled its hand-over, and sometimes lack our number. A report is
kept by its fingerprint; it moves its delivery where the table of moves has such a move, and is kept anyway where not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from random import Random
from typing import NamedTuple

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actions.models import Action, Letter, Supporter
from app.delivery.models import ReceivedReport, Standing, SuppressionReason
from app.delivery.resend import queued_again_since
from app.delivery.suppressions import suppress
from app.delivery.tallies import count_up
from app.delivery.unreached import tell_unreached
from app.mail.reports import Report, ReportKind
from app.queue.lanes import NOTICES, key_of, nameless, note_block
from app.queue.models import Delivery, Lane
from app.queue.rows import Move, move
from app.queue.states import TRANSITIONS, DeliveryState, EventSource, Purpose
from app.registrar.models import AddressCheck
from app.staff.models import StaffMail, StaffMember
from app.statements import insert_or
from app.targets.models import Target

LOOKED_BACK = timedelta(days=5)
"""How long before a report without our number the mail that it is about may have left: servers try for days."""

STATES = {
    ReportKind.PROCESSED: DeliveryState.SENT,
    ReportKind.DELIVERED: DeliveryState.DELIVERED,
    ReportKind.BOUNCED: DeliveryState.BOUNCED,
    ReportKind.SOFT_BOUNCED: DeliveryState.BOUNCED,
    ReportKind.BLOCKED: DeliveryState.BOUNCED,
    ReportKind.DROPPED: DeliveryState.BOUNCED,
    ReportKind.COMPLAINED: DeliveryState.COMPLAINED,
}
"""Where a report puts its delivery. One that a server asked us to wait says nothing final."""

CONDEMNS = {ReportKind.BOUNCED: SuppressionReason.HARD_BOUNCE, ReportKind.COMPLAINED: SuppressionReason.COMPLAINT}
"""Reports after which an address is not mailed again. A soft bounce is never enough (proca-server PR #427)."""

_OPEN = (DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.DELIVERED, DeliveryState.SENDING)
_MAY_HAVE_LEFT = (*_OPEN, DeliveryState.BOUNCED, DeliveryState.COMPLAINED)
"""Whatever a report without our number can be about: one that has bounced already can be reported on again."""

_SETTLED = (
    select(Delivery.id)
    .where(Delivery.state != DeliveryState.SENDING)
    .with_for_update(skip_locked=True, key_share=True)  # as an UPDATE locks: rows that refer to it are not kept waiting
)
"""Deliveries that nobody is handing over or changing now. Who takes reports in never waits for a delivery's row, for
workers and other posts lock theirs in orders of their own, and would wait for ours."""

_WAITING = (DeliveryState.QUEUED, DeliveryState.HELD)
"""It waits to be sent, perhaps once more: then an earlier copy may yet be reported to have arrived."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of some reports."""

    new: int
    repeated: int
    unattributed: int


def receive(session: Session, reports: Iterable[Report], now: datetime, random: Random) -> Received:
    """Take note of reports and let them move their deliveries, in the order in which things happened.

    Those of one moment have an order too: the same reports may come twice at once, and each post waits for what the
    other has kept already.
    """
    outcome: Counter[str] = Counter()
    blocks: list[_Block] = []
    for report in sorted(reports, key=lambda report: (report.at, report.fingerprint)):
        outcome[_receive(session, report, now, blocks)] += 1
    _let_rest(session, blocks, now, random)
    count_up(session, "reports", {(0, label): number for label, number in outcome.items()})
    return Received(outcome.total() - outcome["repeated"], outcome["repeated"], outcome["unattributed"])


def _receive(session: Session, report: Report, now: datetime, blocks: list[_Block]) -> str:
    delivery = _delivery_of(session, report)
    lane_id = None if delivery else _lane_of(session, report.address)
    row = {
        "fingerprint": report.fingerprint,
        "kind": report.kind,
        "delivery_id": delivery.id if delivery else None,
        "lane_id": lane_id,
        "said": report.said,
        "standing": Standing.APPLIED if delivery else Standing.UNATTRIBUTED,
        "at": report.at,
        "received_at": now,
    }
    statement = insert_or(session, ReceivedReport).values(row)
    kept = session.scalar(statement.on_conflict_do_nothing().returning(ReceivedReport.id))
    if kept is None:
        return "repeated"
    if delivery is None:
        blocks += _blocks_of(lane_id, report.kind, report.said)
        return "unattributed"
    blocks += _apply(session, session.get_one(ReceivedReport, kept), delivery, now)
    return report.kind.value


def apply_waiting(session: Session, now: datetime, random: Random) -> int:
    """Apply reports that came while their delivery was being handed over; returns how many."""
    waiting = select(ReceivedReport).where(ReceivedReport.standing == Standing.WAITING).order_by(ReceivedReport.id)
    applied = 0
    blocks: list[_Block] = []
    for row in session.scalars(waiting.limit(1000)):
        delivery = session.get_one(Delivery, row.delivery_id)
        if delivery.state is not DeliveryState.SENDING:
            blocks += _apply(session, row, delivery, now)
            applied += 1
    _let_rest(session, blocks, now, random)
    return applied


def _apply(session: Session, row: ReceivedReport, delivery: Delivery, now: datetime) -> list[_Block]:
    """Let a report do what it does. What the worker has not settled yet, the report waits for.

    Returns:
        The block that it tells of, if any, for `_let_rest`.
    """
    if session.scalar(_SETTLED.where(Delivery.id == delivery.id)) is None:
        row.standing = Standing.WAITING
        return []
    session.refresh(delivery, ["state"])
    row.standing = Standing.APPLIED
    moved = _move(session, row, delivery, now)
    if (reason := CONDEMNS.get(row.kind)) is not None:
        suppress(session, _address_of(session, delivery), reason, row.said, now, delivery_id=delivery.id)
    if moved and STATES[row.kind] is DeliveryState.BOUNCED:
        tell_unreached(session, [delivery.id], now)
    return _blocks_of(delivery.lane_id, row.kind, row.said)


def _move(session: Session, row: ReceivedReport, delivery: Delivery, now: datetime) -> bool:
    to = STATES.get(row.kind)
    if to is None or to not in _reachable(delivery.state):
        return False
    if to is DeliveryState.BOUNCED and queued_again_since(session, delivery.id, row.at):
        return False  # an earlier copy came back, which is why there is this one
    source = EventSource.PROVIDER
    if delivery.state is DeliveryState.UNCERTAIN and to not in TRANSITIONS[DeliveryState.UNCERTAIN]:
        # A complaint about a letter whose hand-over was in doubt says first that it was handed over.
        move(session, [delivery.id], Move(DeliveryState.UNCERTAIN, DeliveryState.SENT, source), now)
        origin = DeliveryState.SENT
    else:
        origin = delivery.state
    change = Move(origin, to, source, reason=row.kind.value, detail=row.said)
    done = move(session, [delivery.id], change, now)
    session.expire(delivery)
    return bool(done)


def _reachable(state: DeliveryState) -> frozenset[DeliveryState]:
    if state is DeliveryState.UNCERTAIN:
        return TRANSITIONS[state] | {DeliveryState.COMPLAINED}
    if state in _WAITING:
        return frozenset({DeliveryState.DELIVERED})
    return TRANSITIONS[state] if state in _OPEN or state is DeliveryState.BOUNCED else frozenset()


class _Block(NamedTuple):
    """A receiver that blocks us, and what it said."""

    lane_id: int
    said: str


def _blocks_of(lane_id: int | None, kind: ReportKind, said: str) -> list[_Block]:
    return [] if kind is not ReportKind.BLOCKED or lane_id is None else [_Block(lane_id, said)]


def _let_rest(session: Session, blocks: Sequence[_Block], now: datetime, random: Random) -> None:
    """Let lanes rest whose receivers block us; our own mails to supporters know no such rest.

    At the end, and in the order of the lanes: another post that has one of them may wait for a report that this one
    keeps.
    """
    for block in sorted(blocks, key=attrgetter("lane_id")):
        lane = session.get_one(Lane, block.lane_id, with_for_update={"key_share": True})
        if lane.key != NOTICES:
            note_block(lane, block.said, now, random)
            _log.warning("lane rests", lane=nameless(lane.key))


def _delivery_of(session: Session, report: Report) -> Delivery | None:
    """The delivery that a report is about: by our own number, else the only one that it can be about."""
    if report.delivery_id is not None:
        return session.get(Delivery, report.delivery_id)
    if not report.address:
        return None
    candidates = session.scalars(
        select(Delivery)
        .join(Letter, Letter.id == Delivery.id)
        .join(Target, Target.id == Letter.target_id)
        .where(
            func.lower(Target.email) == report.address.lower(),
            Delivery.state.in_(_MAY_HAVE_LEFT),
            Delivery.created_at <= report.at + timedelta(minutes=5),
            Delivery.changed_at > report.at - LOOKED_BACK,  # it may have changed since, by other reports
        )
        .limit(2)
    ).all()
    return candidates[0] if len(candidates) == 1 else None


def _lane_of(session: Session, address: str) -> int | None:
    """The lane of an address that nobody can attribute, where it is one of ours; a stranger's domain makes none."""
    if "@" not in address:
        return None
    keys = (address.lower(), key_of(address))
    lanes = {lane.key: lane.id for lane in session.scalars(select(Lane).where(Lane.key.in_(keys)))}
    return lanes.get(keys[0]) or lanes.get(keys[1])


def _address_of(session: Session, delivery: Delivery) -> str:
    if delivery.purpose is Purpose.LETTER:
        return session.get_one(Letter, delivery.id).target.email
    if delivery.purpose is Purpose.ADDRESS_CHECK:
        asked = select(AddressCheck).where(AddressCheck.delivery_id == delivery.id)
        return session.scalars(asked).one().email
    if delivery.action_id is None:
        return (
            session.scalars(
                select(StaffMember)
                .join(StaffMail, StaffMail.member_id == StaffMember.id)
                .where(StaffMail.delivery_id == delivery.id)
            )
            .one()
            .email
        )
    supporter = select(Supporter).join(Action, Action.supporter_id == Supporter.id)
    return session.scalars(supporter.where(Action.id == delivery.action_id)).one().email


def attribute(session: Session, report_id: int, delivery_id: int, now: datetime, random: Random) -> None:
    """Say which delivery a report is about that nobody could tell; it then does what it would have done."""
    row = session.get_one(ReceivedReport, report_id)
    session.execute(update(ReceivedReport).where(ReceivedReport.id == row.id).values(delivery_id=delivery_id))
    _let_rest(session, _apply(session, row, session.get_one(Delivery, delivery_id), now), now, random)

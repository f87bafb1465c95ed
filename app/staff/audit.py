"""Who did what, when, to what: written in the transaction that did it, and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from app.hours import HOUSE_ZONE
from app.staff.models import AuditEntry, StaffMember

APPROVAL_GRANTED = "campaign.approval_granted"
"""The deed of which a mail tells that a campaign was approved."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did. Staff are named by their ids; of secrets and supporters nothing is said."""

    action: str
    """As `kind.verb`: `staff.invited`."""
    object_id: int | None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def record(session: Session, actor_id: int | None, deed: Deed, now: datetime) -> int:
    """Write down a deed; without an actor it was the command line's, or the house's own.

    Returns:
        The entry's id.
    """
    written = session.scalars(
        insert(AuditEntry)
        .values(
            at=now,
            actor_id=actor_id,
            action=deed.action,
            kind=deed.action.partition(".")[0],
            object_id=deed.object_id,
            before=dict(deed.before),
            after=dict(deed.after),
            note=deed.note,
        )
        .returning(AuditEntry.id)
    )
    return written.one()


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are asked for; what is none does not matter. Days are the house's."""

    actor_id: int | None = None
    kind: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, with its actor's name."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    """Empty where there is none."""
    action: str
    kind: str
    object_id: int | None
    before: dict[str, Any]
    after: dict[str, Any]
    note: str


def entries(session: Session, sought: Sought, *, before: int | None = None, limit: int) -> Sequence[Entry]:
    """Entries, newest first, beginning before an id."""
    wanted = _wanted(sought).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(AuditEntry.id < before)
    return [_entry(row, name) for row, name in session.execute(wanted)]


def all_entries(session: Session, sought: Sought) -> Iterator[Entry]:
    """Every entry, newest first, a few at a time."""
    last: int | None = None
    while some := entries(session, sought, before=last, limit=_BATCH):
        yield from some
        last = some[-1].id


def history(session: Session, kind: str, object_id: int, *, limit: int) -> Sequence[Entry]:
    """What was done to one thing, newest first."""
    wanted = _wanted(Sought(kind=kind)).where(AuditEntry.object_id == object_id)
    return [_entry(row, name) for row, name in session.execute(wanted.order_by(AuditEntry.id.desc()).limit(limit))]


def kinds(session: Session) -> Sequence[str]:
    """The kinds of things that something was done to."""
    return session.scalars(select(AuditEntry.kind).distinct().order_by(AuditEntry.kind)).all()


def _wanted(sought: Sought) -> Select[AuditEntry, str | None]:
    wanted = select(AuditEntry, StaffMember.name).outerjoin(StaffMember, StaffMember.id == AuditEntry.actor_id)
    if sought.actor_id is not None:
        wanted = wanted.where(AuditEntry.actor_id == sought.actor_id)
    if sought.kind is not None:
        wanted = wanted.where(AuditEntry.kind == sought.kind)
    if sought.day is not None:
        begins = datetime.combine(sought.day, time(), HOUSE_ZONE)
        ends = datetime.combine(sought.day + timedelta(days=1), time(), HOUSE_ZONE)
        wanted = wanted.where(AuditEntry.at >= begins, AuditEntry.at < ends)
    return wanted


def _entry(row: AuditEntry, name: str | None) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        actor_id=row.actor_id,
        actor=name or "",
        action=row.action,
        kind=row.kind,
        object_id=row.object_id,
        before=row.before,
        after=row.after,
        note=row.note,
    )

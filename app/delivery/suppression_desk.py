"""Addresses that must not be mailed, as staff see and change them; the audit never holds an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.delivery.models import Suppression, SuppressionReason
from app.delivery.suppressions import address_hash, suppress
from app.staff.audit import Deed, record
from app.targets.models import Target


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that must not be mailed: by its name where it is a target's, for those are published."""

    row: Suppression
    address: str
    """Empty where it is none of a target's: it may be a supporter's, and stays unnamed."""


def suppressed(session: Session, *, offset: int, limit: int) -> Sequence[Suppressed]:
    """Some of them, newest first."""
    rows = session.scalars(select(Suppression).order_by(Suppression.id.desc()).offset(offset).limit(limit)).all()
    if not rows:
        return []
    wanted = {bytes(row.address_hash) for row in rows}
    addresses = session.scalars(select(Target.email).where(Target.email != "").distinct())
    named = {hashed: address for address in addresses if (hashed := address_hash(session, address)) in wanted}
    return [Suppressed(row, named.get(bytes(row.address_hash), "")) for row in rows]


def number_suppressed(session: Session) -> int:
    """How many there are in all."""
    return session.scalar(select(func.count(Suppression.id))) or 0


def suppression_of(session: Session, address: str) -> Suppression | None:
    """The suppression of one address."""
    return session.scalar(select(Suppression).where(Suppression.address_hash == address_hash(session, address)))


def add(session: Session, actor_id: int | None, address: str, why: str, now: datetime) -> bool:
    """Mail an address no more, as staff say; returns false where that was so before."""
    if not suppress(session, address, SuppressionReason.STAFF, why, now):
        return False
    row = suppression_of(session, address)
    assert row is not None  # noqa: S101 - added above, in this transaction
    record(session, actor_id, Deed("suppression.added", row.id, after={"reason": row.reason}, note=why), now)
    return True


def lift(session: Session, actor_id: int | None, suppression_id: int, why: str, now: datetime) -> bool:
    """Let an address be mailed again; returns false where it was not suppressed any more."""
    row = session.get(Suppression, suppression_id)
    if row is None:
        return False
    before = {"reason": row.reason.value, "since": f"{row.at:%Y-%m-%d}"}
    session.execute(delete(Suppression).where(Suppression.id == suppression_id))
    record(session, actor_id, Deed("suppression.lifted", suppression_id, before=before, note=why), now)
    return True

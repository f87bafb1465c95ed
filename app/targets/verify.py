"""Saying that a target's address is its own, which a real transport asks for before it mails anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.statements import among
from app.targets.fields import clean_text, fitting
from app.targets.models import Target, TargetList, TargetOverride
from app.targets.turn import take_turn

STAFF = "staff"
"""Who did something, where it was not said who of them."""


class NothingToVerifyError(ValueError):
    """There is no address to verify, or it was not said how it was checked."""


class OtherAddressesError(ValueError):
    """The addresses that wait to be verified are others than those that were looked at."""


def verify(target: Target, how: str, now: datetime, *, by: str = STAFF) -> None:
    """Keep that somebody has checked a target's address: who, when, and how in words. A later check replaces an earlier
    one.

    Args:
        target: one that nobody else changes until the transaction ends.
        how: in words.
        now: when.
        by: who.

    Raises:
        NothingToVerifyError: the target has no address, or `how` is empty.
        FieldError: `by` is too long.
    """
    how = _said(how)
    if not target.email:
        raise NothingToVerifyError(f"{target.name} has no e-mail address.")
    target.verified_at, target.verified_how = now, how
    target.verified_by = fitting(Target.verified_by, clean_text(by)) or STAFF


def unverified(session: Session, of: TargetList) -> Sequence[tuple[int, str]]:
    """The addresses of a list's source that nobody has verified, with their targets' ids.

    One that staff put over the source's own is not among them: nobody has published it (ADR 21).
    """
    put_over = select(TargetOverride.target_id).where(
        TargetOverride.field == "email", TargetOverride.ended_at.is_(None), TargetOverride.target_id == Target.id
    )
    rows = session.execute(
        select(Target.id, Target.email)
        .where(
            Target.list_id == of.id,
            Target.archived_at.is_(None),
            Target.email != "",
            Target.verified_at.is_(None),
            ~put_over.exists(),
        )
        .order_by(Target.id)
    )
    return [(row.id, row.email) for row in rows]


def mark_of(addresses: Sequence[tuple[int, str]]) -> str:
    """Return what tells these addresses from any others."""
    told = "\n".join(f"{target_id} {email}" for target_id, email in addresses)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def verify_list(
    session: Session, of: TargetList, how: str, now: datetime, *, by: str = STAFF, seen: str | None = None
) -> int:
    """Vouch for every address that a list's source publishes now and that nobody has verified; how many these were.

    Nothing is said of addresses that come later, or of what these become.

    Args:
        session: of the caller's transaction.
        of: the list.
        how: how the source was checked, in words.
        now: when.
        by: who vouches.
        seen: `mark_of` what the person has looked at, where they have.

    Raises:
        NothingToVerifyError: there is no such address, or `how` is empty.
        OtherAddressesError: they are others than those that were seen.
        FieldError: `by` is too long.
    """
    how, by = _said(how), fitting(Target.verified_by, clean_text(by)) or STAFF
    take_turn(session)
    waiting = unverified(session, of)
    if not waiting:
        raise NothingToVerifyError(f"No address of the list {of.slug!r} waits to be verified.")
    if seen is not None and seen != mark_of(waiting):
        raise OtherAddressesError("The list has changed meanwhile: look at its addresses once more.")
    session.execute(
        update(Target)
        .where(among(session, Target.id, [target_id for target_id, _ in waiting]))
        .values(verified_at=now, verified_how=how, verified_by=by)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return len(waiting)


def _said(how: str) -> str:
    if not how.strip():
        raise NothingToVerifyError("Say how the address was checked, for example: read on the council's website.")
    return how.strip()

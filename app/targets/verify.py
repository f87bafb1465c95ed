"""Saying that a target's address is its own, which a real transport asks for before it mails anybody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.targets.models import Target, TargetList


class UnknownTargetError(LookupError):
    """No list has such a target."""


class NothingToVerifyError(ValueError):
    """The target has no address, or it was not said how the address was checked."""


def verify_target(session: Session, list_slug: str, external_id: str, how: str, now: datetime) -> Target:
    """Keep that somebody has checked a target's address: when, and how in words. A later check replaces an earlier one.

    Raises:
        UnknownTargetError: there is no such target on that list, or no such list.
        NothingToVerifyError: the target has no address, or `how` is empty.
    """
    if not how.strip():
        raise NothingToVerifyError("Say how the address was checked, for example: read on the council's website.")
    target = session.scalar(
        select(Target)
        .join(Target.list)
        .where(TargetList.slug == list_slug, Target.external_id == external_id)
        .with_for_update(of=Target)
    )
    if target is None:
        raise UnknownTargetError(f"There is no target {external_id!r} on a list {list_slug!r}.")
    if not target.email:
        raise NothingToVerifyError(f"The target {external_id!r} on the list {list_slug!r} has no e-mail address.")
    target.verified_at, target.verified_how = now, how.strip()
    return target

"""Saying that a target's address is its own, which a real transport asks for before it mails anybody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.targets.by_key import target_to_change
from app.targets.fields import clean_text, fitting
from app.targets.models import Target

STAFF = "staff"
"""Who did something, where it was not said who of them."""


class NothingToVerifyError(ValueError):
    """The target has no address, or it was not said how the address was checked."""


def verify_target(
    session: Session, list_slug: str, external_id: str, how: str, now: datetime, *, by: str = STAFF
) -> Target:
    """Keep that somebody has checked a target's address: who, when, and how in words. A later check replaces an earlier
    one.

    Raises:
        UnknownTargetError: there is no such target on that list, or no such list.
        NothingToVerifyError: the target has no address, or `how` is empty.
        FieldError: `by` is too long.
    """
    if not how.strip():
        raise NothingToVerifyError("Say how the address was checked, for example: read on the council's website.")
    target = target_to_change(session, list_slug, external_id)
    if not target.email:
        raise NothingToVerifyError(f"The target {external_id!r} on the list {list_slug!r} has no e-mail address.")
    target.verified_at, target.verified_how = now, how.strip()
    target.verified_by = fitting(Target.verified_by, clean_text(by)) or STAFF
    return target

"""Taking a target off its list by hand: it stays off, whatever its source goes on saying."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.targets.by_key import target_to_change
from app.targets.fields import clean_text, fitting
from app.targets.models import Target


class RemovalError(ValueError):
    """The target is removed already, or is not; or no reason was given."""


def remove_target(session: Session, list_slug: str, external_id: str, *, why: str, by: str, now: datetime) -> Target:
    """Archive a target for good: no import brings it back or changes it. Its letters stay, held from now on.

    Raises:
        UnknownTargetError: there is no such target on that list, or no such list.
        RemovalError: it was removed before, or `why` or `by` is empty.
        FieldError: `by` is too long.
    """
    reason, person = clean_text(why), fitting(Target.removed_by, clean_text(by))
    if not reason or not person:
        raise RemovalError("Say why the target is removed, and by whom.")
    target = target_to_change(session, list_slug, external_id)
    if target.removed_at is not None:
        raise RemovalError(
            f"{target.name} was removed on {target.removed_at:%Y-%m-%d} by {target.removed_by} already: "
            f"{target.removed_why}."
        )
    target.removed_at, target.removed_by, target.removed_why = now, person, reason
    target.archived_at = target.archived_at or now
    return target


def restore_target(session: Session, list_slug: str, external_id: str) -> Target:
    """Undo a removal. The target is on its list again as it was; the next import changes it, or archives it if the
    source has it no more.

    Raises:
        UnknownTargetError: there is no such target on that list, or no such list.
        RemovalError: nobody has removed it.
    """
    target = target_to_change(session, list_slug, external_id)
    if target.removed_at is None:
        raise RemovalError(f"{target.name} was not removed by anybody.")
    target.removed_at, target.removed_by, target.removed_why = None, "", ""
    target.archived_at = None
    return target

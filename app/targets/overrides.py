"""Overrides: what staff put over a target's published value, with a reason and for a time.

The target's row holds the override's value while it is in force, so that whoever reads targets sees it; what the source
says is kept in the override's own row and comes back when the override ends (ADR 15).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.statements import among
from app.targets.fields import FieldError, clean_text, fitting, mail_address
from app.targets.models import Target, TargetOverride
from app.targets.overlay import Standing, standing
from app.targets.turn import take_turn

LASTS = timedelta(days=90)
"""How long an override is in force when nobody says otherwise."""

LONGEST = timedelta(days=366)
"""How long it may be at most: one that never ends would shadow a source that has long been put right."""


class OverrideError(ValueError):
    """What was asked for cannot be an override, or there is none to end."""


def override(
    session: Session,
    target: Target,
    field: str,
    value: str,
    *,
    why: str,
    by: str,
    now: datetime,
    expires_at: datetime,
) -> TargetOverride:
    """Put `value` over what the source says of `field` until `expires_at`. A newer override ends the older of a field.

    An address is not verified by what was said of the one before.

    Raises:
        OverrideError: the field cannot be overridden, the source says the same, there is no reason or no end, or the
            end is too far.
        FieldError: the value breaks the rules of imports.
    """
    take_turn(session)
    session.refresh(target, with_for_update={"key_share": True})
    text, person = _checked(field, value), fitting(TargetOverride.made_by, clean_text(by))
    if not why.strip() or not person:
        raise OverrideError("Say why the value is put over what the source says, and by whom.")
    if not now < expires_at <= now + LONGEST:
        raise OverrideError(f"An override has to end within {LONGEST.days} days from now.")
    older = _in_force(session, target, field)
    published = older.published if older else getattr(target, field)
    if text == published:
        raise OverrideError(f"The source says this already: end the override of {field}, if there is one.")
    if older:
        older.ended_at = now
        session.flush()  # before the newer one: a field has one override in force
    newer = TargetOverride(
        target_id=target.id,
        field=field,
        value=text,
        published=published,
        why=clean_text(why),
        made_by=person,
        made_at=now,
        expires_at=expires_at,
    )
    session.add(newer)
    for column, new in _columns(field, text, target.email).items():
        setattr(target, column, new)
    session.flush()
    return newer


def end_override(session: Session, target: Target, field: str, now: datetime) -> Standing:
    """End the override of a field; what the source says counts again.

    Raises:
        OverrideError: there is none in force.
    """
    take_turn(session)
    found = standing(session, TargetOverride.target_id == target.id, TargetOverride.field == field)
    if not found:
        raise OverrideError(f"There is no override in force of the {field} of {target.name}.")
    _give_back(session, found, now)
    return found[0]


def overrides_due(session: Session, now: datetime) -> bool:
    """Whether the time of an override has passed that is still in force."""
    return session.scalar(select(TargetOverride.id).where(*_due(now)).limit(1)) is not None


def expire_overrides(session: Session, now: datetime) -> list[Standing]:
    """End the overrides whose time has passed, in a fixed number of statements, and return them."""
    take_turn(session)
    found = standing(session, *_due(now))
    if found:
        _give_back(session, found, now)
    return found


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return TargetOverride.ended_at.is_(None), TargetOverride.expires_at <= now


def _give_back(session: Session, ended: Sequence[Standing], now: datetime) -> None:
    """Put what the source says into the targets' rows, and end the overrides."""
    addresses = _addresses(session, ended)
    rows = [{"id": one.target_id, **_columns(one.field, one.published, addresses[one.target_id])} for one in ended]
    session.execute(update(Target), sorted(rows, key=sorted))  # rows with the same columns make one statement
    over = update(TargetOverride).where(among(session, TargetOverride.id, [one.id for one in ended]))
    session.execute(over.values(ended_at=now).execution_options(synchronize_session=False))
    session.expire_all()


def _addresses(session: Session, ended: Sequence[Standing]) -> dict[int, str]:
    rows = session.execute(
        select(Target.id, Target.email).where(among(session, Target.id, {one.target_id for one in ended}))
    )
    return dict(rows.all())


def _columns(field: str, value: str, address: str) -> dict[str, Any]:
    """Return the columns that a field's new value sets; an address other than the one that was there is unverified.

    The words of the old address's check stay, so that a file that repeats them does not verify the new one.
    """
    if field == "email" and value.casefold() != address.casefold():
        return {field: value, "verified_at": None, "verified_by": ""}
    return {field: value}


def _in_force(session: Session, target: Target, field: str) -> TargetOverride | None:
    return session.scalar(
        select(TargetOverride).where(
            TargetOverride.target_id == target.id, TargetOverride.field == field, TargetOverride.ended_at.is_(None)
        )
    )


def _checked(field: str, value: str) -> str:
    try:
        check = OVERRIDABLE[field]
    except KeyError:
        raise OverrideError(f"{field} cannot be overridden; these can: {', '.join(OVERRIDABLE)}.") from None
    return check(clean_text(value))


def _required(column: InstrumentedAttribute[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not text:
            raise FieldError(f"{column.key} is empty")
        return fitting(column, text)

    return check


def _salutation(text: str) -> str:
    if text.endswith(","):
        raise FieldError("salutation ends with a comma, which the letter adds itself")
    return _required(Target.salutation)(text)


def _optional(column: InstrumentedAttribute[str]) -> Callable[[str], str]:
    return lambda text: fitting(column, text)


OVERRIDABLE: Mapping[str, Callable[[str], str]] = {
    "email": mail_address,
    "salutation": _salutation,
    "name": _required(Target.name),
    "organisation": _optional(Target.organisation),
    "address": _optional(Target.address),
    "party": _optional(Target.party),
}
"""The fields that staff may override, each with the rules that its value keeps to."""

"""Targets of one list, sought by what they are called and by how they stand."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.targets.models import Area, Target


class Shown(enum.StrEnum):
    """How those stand who are sought."""

    CURRENT = "current"
    UNVERIFIED = "unverified"
    """They have an address that nobody has verified."""
    NO_ADDRESS = "no_address"
    STALE = "stale"
    ARCHIVED = "archived"
    """Their source has them no more."""
    REMOVED = "removed"
    """Staff took them off the list."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is asked for."""

    list_id: int
    today: date
    """The day by which data are stale."""
    shown: Shown = Shown.CURRENT
    text: str = ""
    """What stands in the name, the organisation or the address; letter case makes no difference."""


def targets_sought(session: Session, sought: Sought, *, offset: int = 0, limit: int | None = None) -> Sequence[Target]:
    """Those who are asked for, by name, each with its area and that area's council."""
    place = joinedload(Target.area).joinedload(Area.parent)
    wanted = select(Target).where(*_conditions(sought)).options(place).order_by(Target.name, Target.id)
    return session.scalars(wanted.offset(offset).limit(limit)).all()


def number_sought(session: Session, sought: Sought) -> int:
    """How many these are in all."""
    return session.scalar(select(func.count(Target.id)).where(*_conditions(sought))) or 0


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    yield Target.list_id == sought.list_id
    yield from _standing(sought)
    if sought.text:
        text = sought.text.casefold()
        columns = (Target.name, Target.organisation, Target.email)
        yield or_(*(func.lower(column).contains(text, autoescape=True) for column in columns))


def _standing(sought: Sought) -> tuple[ColumnElement[bool], ...]:
    here = Target.archived_at.is_(None)
    match sought.shown:
        case Shown.CURRENT:
            return (here,)
        case Shown.UNVERIFIED:
            return here, Target.email != "", Target.verified_at.is_(None)
        case Shown.NO_ADDRESS:
            return here, Target.email == ""
        case Shown.STALE:
            return here, Target.stale_from <= sought.today
        case Shown.ARCHIVED:
            return Target.archived_at.is_not(None), Target.removed_at.is_(None)
        case Shown.REMOVED:
            return (Target.removed_at.is_not(None),)

"""Who can be written to: the targets that are not archived, by place or by list. One query each."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.targets.models import Area, AreaKind, Target, TargetList

_WHOLES = frozenset({AreaKind.COUNCIL, AreaKind.COUNTY})
"""Areas whose councillors are elected by their parts."""


def targets_for_area(session: Session, role: str, area: Area) -> list[Target]:
    """Return the targets of a role that answer for an area, by name; for a whole council, those of all its parts."""
    here = Target.area_id == area.id
    if area.kind in _WHOLES:
        here |= Target.area_id.in_(select(Area.id).where(Area.parent_id == area.id))
    return list(session.scalars(_current().where(Target.role == role, here)))


def targets_of_role(session: Session, role: str) -> list[Target]:
    """Return everybody of a role, by name."""
    return list(session.scalars(_current().where(Target.role == role)))


def targets_of_lists(session: Session, slugs: Iterable[str]) -> list[Target]:
    """Return everybody on the lists with these slugs, by name."""
    return list(session.scalars(_current().where(TargetList.slug.in_(list(slugs)))))


def areas_with_targets(session: Session, role: str, kind: AreaKind) -> list[tuple[str, list[Area]]]:
    """Return the areas of a kind with a target of the role that has an address, for when no postcode helps.

    Returns:
        Pairs of a council's name and its areas, each in order of name; areas without a council stand first, under "".
    """
    answered = select(Target.area_id).where(Target.role == role, Target.archived_at.is_(None), Target.email != "")
    if kind in _WHOLES:
        answered = select(Area.parent_id).where(Area.id.in_(answered))
    areas = session.scalars(
        select(Area).where(Area.kind == kind, Area.id.in_(answered)).options(joinedload(Area.parent))
    )
    ordered = sorted(areas, key=lambda area: (_council(area), area.name.casefold(), area.code))
    return [(council, list(members)) for council, members in groupby(ordered, key=_council)]


def _current() -> Select[Target]:
    """Select the targets that are not archived, each with its list and its area, by name."""
    return (
        select(Target)
        .join(Target.list)
        .where(Target.archived_at.is_(None))
        .order_by(Target.name, Target.id)
        .options(contains_eager(Target.list), joinedload(Target.area).joinedload(Area.parent))
    )


def _council(area: Area) -> str:
    return area.parent.name if area.parent else ""

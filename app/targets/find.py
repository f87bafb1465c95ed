"""Who can be written to: the targets that are not archived, by place or by list. One query each."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.targets.known_areas import AnyArea
from app.targets.models import COUNCILS, WARDS, Area, AreaKind, Target, TargetList


def targets_for_area(session: Session, role: str, area: AnyArea) -> list[Target]:
    """Return the targets of a role that answer for an area, by name; for a whole council, those of all its parts.

    A county's parts are its divisions: who sits for a district answers for the district alone.
    """
    here = Target.area_id == area.id
    if area.kind in COUNCILS:
        here |= Target.area_id.in_(select(Area.id).where(Area.parent_id == area.id, Area.kind.in_(WARDS)))
    return list(session.scalars(_current().where(Target.role == role, here)))


def targets_of_lists(session: Session, slugs: Iterable[str]) -> list[Target]:
    """Return everybody on the lists with these slugs, by name."""
    return list(session.scalars(_current().where(TargetList.slug.in_(list(slugs)))))


def areas_with_targets(session: Session, role: str, kind: AreaKind) -> list[Area]:
    """Return the areas of a kind with a target of the role that has an address, each with its parent."""
    answered = select(Target.area_id).where(Target.role == role, Target.archived_at.is_(None), Target.email != "")
    here: ColumnElement[bool] = Area.id.in_(answered)
    if kind in COUNCILS:
        part = aliased(Area)
        here |= Area.id.in_(select(part.parent_id).where(part.id.in_(answered), part.kind.in_(WARDS)))
    return list(session.scalars(select(Area).where(Area.kind == kind, here).options(joinedload(Area.parent))))


def by_council(areas: Iterable[AnyArea]) -> list[tuple[str, list[AnyArea]]]:
    """Return pairs of a council's name and its areas, each in order of name; areas without one stand first, under "".

    Each area's parent must be at hand.
    """
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


def _council(area: AnyArea) -> str:
    return area.parent.name if area.parent else ""

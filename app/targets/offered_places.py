"""The places that a campaign can be narrowed to: those of which the lists have addresses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from app.targets.models import COUNCILS, WARDS, Area, AreaKind, Target
from app.targets.records import TargetRole


@dataclass(frozen=True, slots=True)
class OfferedPlace:
    """A council with its wards, or a constituency."""

    key: str
    """What a campaign calls it: its name, or its code where another place has the same name."""
    name: str
    addresses: int
    """Of those who sit for it or for a part of it."""
    unverified: int
    """How many of these nobody has verified."""


def councils_offered(session: Session) -> list[OfferedPlace]:
    """The councils and counties with councillors who have an address, by name. One statement."""
    return _offered(session, TargetRole.COUNCILLOR, (*COUNCILS, *WARDS))


def constituencies_offered(session: Session) -> list[OfferedPlace]:
    """The constituencies with a Member of Parliament who has an address, by name. One statement."""
    return _offered(session, TargetRole.MP, (AreaKind.CONSTITUENCY,))


def _offered(session: Session, role: TargetRole, kinds: tuple[AreaKind, ...]) -> list[OfferedPlace]:
    place = aliased(Area)
    whole = case((Area.kind.in_(WARDS), Area.parent_id), else_=Area.id)
    unverified = func.sum(case((Target.verified_at.is_(None), 1), else_=0))
    rows = session.execute(
        select(place.name, place.code, func.count(Target.id), unverified)
        .select_from(Target)
        .join(Area, Area.id == Target.area_id)
        .join(place, place.id == whole)
        .where(Target.role == role, Target.archived_at.is_(None), Target.email != "", Area.kind.in_(kinds))
        .group_by(place.id, place.name, place.code)
    ).all()
    called = Counter(name for name, *_rest in rows)
    found = [
        OfferedPlace(name if called[name] == 1 else code, name, addresses, waiting)
        for name, code, addresses, waiting in rows
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.key))

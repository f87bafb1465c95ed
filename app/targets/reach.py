"""Where somebody can be written to: the areas of those who have an address, and how many postcodes lie in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.targets.models import Area, AreaKind, Target

_WHOLES = frozenset({AreaKind.COUNCIL, AreaKind.COUNTY})


class Counted(Protocol):
    """A set of areas, and how many postcodes in use lie in exactly these."""

    @property
    def area_ids(self) -> frozenset[int]:
        """The areas' ids."""

    @property
    def live(self) -> int:
        """How many postcodes."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of all postcodes in use lead to somebody to write to."""

    found: int
    all: int

    @property
    def percent(self) -> float | None:
        """The share; none while there are no postcodes."""
        return 100 * self.found / self.all if self.all else None


def share_reached(groups: Iterable[Counted], reachable: Collection[int]) -> Share:
    """Count the postcodes that lie in a reachable area; one that straddles counts if any of its areas is reachable."""
    found = total = 0
    for group in groups:
        total += group.live
        found += 0 if group.area_ids.isdisjoint(reachable) else group.live
    return Share(found, total)


def reachable_areas(session: Session, role: str, kinds: Collection[AreaKind]) -> set[int]:
    """Return the areas of these kinds that a target of the role with an address answers for.

    A whole council is answered for by whoever sits there for one of its wards.
    """
    answered = (
        select(Target.area_id)
        .where(Target.role == role, Target.archived_at.is_(None), Target.email != "", Target.area_id.is_not(None))
        .distinct()
    )
    wholes = select(Area.parent_id).where(Area.id.in_(answered), Area.parent_id.is_not(None))
    here = Area.id.in_(answered) | (Area.kind.in_(_WHOLES) & Area.id.in_(wholes))
    return set(session.scalars(select(Area.id).where(Area.kind.in_(list(kinds)), here)))

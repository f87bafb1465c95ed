"""How many targets each list has, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.targets.models import ListOwner, Target, TargetList, TargetOverride


@dataclass(frozen=True, slots=True)
class ListCount:
    """A list, where it comes from, and how many of its targets are so."""

    slug: str
    name: str
    source: str
    as_of: date
    licence: str
    owner: ListOwner
    format: str
    current: int
    addressed: int
    verified: int
    archived: int
    """Who has left, without those whom staff have removed."""
    removed: int
    overridden: int
    """Overrides in force of those who are on the list."""
    id: int
    unverified: int
    """Those who have an address that nobody has verified."""
    stale: int
    """Those whose data are older than an election."""

    @property
    def without_address(self) -> int:
        """Those who cannot be mailed."""
        return self.current - self.addressed

    @property
    def keeper(self) -> str:
        """Who keeps the list, in words."""
        return "the files of targets/" if self.owner is ListOwner.FILES else f"imports of the format {self.format}"


def lists_counted(session: Session, today: date) -> list[ListCount]:
    """Return every list with its counts, by name, in one query; `today` is the day by which data are stale."""
    here = Target.archived_at.is_(None)
    rows = session.execute(
        select(
            TargetList.slug,
            TargetList.name,
            TargetList.source,
            TargetList.as_of,
            TargetList.licence,
            TargetList.owner,
            TargetList.format,
            _count(here),
            _count(here, Target.email != ""),
            _count(here, Target.verified_at.is_not(None)),
            _count(Target.archived_at.is_not(None), Target.removed_at.is_(None)),
            _count(Target.removed_at.is_not(None)),
            _count(
                here,
                select(TargetOverride.id)
                .where(TargetOverride.target_id == Target.id, TargetOverride.ended_at.is_(None))
                .exists(),
            ),
            TargetList.id,
            _count(here, Target.email != "", Target.verified_at.is_(None)),
            _count(here, Target.stale_from <= today),
        )
        .outerjoin(Target, Target.list_id == TargetList.id)
        .group_by(TargetList.id)
        .order_by(TargetList.slug)
    )
    return [ListCount(*tuple(row)) for row in rows]


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(Target.id).filter(*conditions)

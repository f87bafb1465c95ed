"""Overrides in force, and what an import makes of them: it compares with what the source said, not with what they say.

A target's row holds the value that counts, which is the override's; the override's own row keeps the published one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.targets.changes import Difference, Stored
from app.targets.models import Target, TargetList, TargetOverride


@dataclass(frozen=True, slots=True)
class Standing:
    """An override in force and the target that it is of."""

    id: int
    target_id: int
    list_slug: str
    external_id: str
    name: str
    field: str
    value: str
    published: str
    """What the source says."""
    why: str
    made_by: str
    made_at: datetime
    expires_at: datetime

    def __str__(self) -> str:
        """Return when it was made, by whom and why, as a sentence goes on with it."""
        return f"the override of {self.made_at:%Y-%m-%d} by {self.made_by} ({self.why})"


def standing(session: Session, *of: ColumnElement[bool]) -> list[Standing]:
    """Return the overrides in force that are so, by list and name; all of them without a condition."""
    rows = session.execute(
        select(
            TargetOverride.id,
            TargetOverride.target_id,
            TargetList.slug,
            Target.external_id,
            Target.name,
            TargetOverride.field,
            TargetOverride.value,
            TargetOverride.published,
            TargetOverride.why,
            TargetOverride.made_by,
            TargetOverride.made_at,
            TargetOverride.expires_at,
        )
        .join(Target, Target.id == TargetOverride.target_id)
        .join(TargetList, TargetList.id == Target.list_id)
        .where(TargetOverride.ended_at.is_(None), *of)
        .order_by(TargetList.slug, Target.name, Target.id, TargetOverride.field)
    )
    return [Standing(*tuple(row)) for row in rows]


class Overlay:
    """The overrides in force of one list's targets."""

    def __init__(self, session: Session, list_id: int) -> None:
        self._session = session
        self._by_target: dict[int, dict[str, Standing]] = {}
        for one in standing(session, Target.list_id == list_id):
            self._by_target.setdefault(one.target_id, {})[one.field] = one

    def of(self, target: Stored | None) -> Mapping[str, Standing]:
        """Return the overrides of one target by field."""
        return self._by_target.get(target.id, {}) if target else {}

    def published(self, target: Stored) -> Stored:
        """Return the target as its source said it."""
        said = {field: one.published for field, one in self.of(target).items()}
        return Stored(target.id, {**target.values, **said}) if said else target

    def stand(self, difference: Difference, now: datetime) -> list[str]:
        """Keep the overriding values in what is to be written, and what the source says now beside them.

        An override ends when the source has come to say the same.

        Returns:
            A line for each override of whose field the source says something new.
        """
        lines: list[str] = []
        said: list[dict[str, Any]] = []
        for key, row in list(difference.changed.items()):
            over = self.of(row)
            for field, one in over.items():
                if field in difference.fields[key]:
                    agreed = row.values[field] == one.value
                    said.append({"id": one.id, "published": row.values[field], "ended_at": now if agreed else None})
                    lines.append(_line(one, row.values[field], agreed=agreed))
            if over:
                _keep(difference, key, {field: one.value for field, one in over.items()})
        if said:
            self._session.execute(update(TargetOverride), said)
        return lines


def _keep(difference: Difference, key: str, values: Mapping[str, str]) -> None:
    """Take the fields with these values out of a change; without another field it is none."""
    row = difference.changed[key]
    difference.fields[key] = [field for field in difference.fields[key] if field not in values]
    if difference.fields[key]:
        difference.changed[key] = Stored(row.id, {**row.values, **values})
    else:
        del difference.changed[key]
        difference.unchanged += 1


def _line(one: Standing, published: str, *, agreed: bool) -> str:
    if agreed:
        return f"= {one.name}: the source now says the {one.field} {published!r} too, so {one} has ended"
    says = f"the source now says the {one.field} {published!r}" if published else f"the source now has no {one.field}"
    return f"! {one.name}: {says}; {one} stands over it until {one.expires_at:%Y-%m-%d}"


def ended_lines(ended: Iterable[Standing]) -> list[str]:
    """Return a line for each override that has ended, with what counts from now on."""
    return [f"{one.name}: {one} has ended; the {one.field} is {one.published!r} again" for one in ended]

"""Everything that a target's row knows, as lines: what it says, where from, since when, and who has vouched for it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.targets.models import Area, Target, TargetOverride
from app.targets.overlay import Standing, standing

_TEXTS = {
    "role": "role",
    "name": "name",
    "salutation": "salutation",
    "organisation": "organisation",
    "registration": "registered number",
    "email": "email",
    "address": "address",
    "party": "party",
}


def card(session: Session, target: Target) -> Iterator[str]:
    """Yield a line for each thing that is known."""
    over = {one.field: one for one in standing(session, TargetOverride.target_id == target.id)}
    for column, label in _TEXTS.items():
        value = getattr(target, column)
        if value or column in over or column == "email":
            yield f"{label}: {value or 'none'}"
        if column in over:
            yield f"  {_of_override(over[column])}"
    yield f"area: {_place(target.area)}"
    for name, values in sorted(target.attributes.items()):
        yield f"{name}: {'; '.join(values)}"
    yield from _standing_of(target)
    yield from _source_of(target)


def _standing_of(target: Target) -> Iterator[str]:
    """Yield who vouches for the row, and whether it counts."""
    if target.verified_at:
        by = f" by {target.verified_by}" if target.verified_by else ""
        yield f"verified: {target.verified_at:%Y-%m-%d %H:%M} UTC{by}, {target.verified_how}"
    else:
        yield "verified: no"
    if target.removed_at:
        yield f"removed: {target.removed_at:%Y-%m-%d %H:%M} UTC by {target.removed_by}, {target.removed_why}"
    elif target.archived_at:
        yield f"archived: {target.archived_at:%Y-%m-%d %H:%M} UTC, for the source had it no more"


def _source_of(target: Target) -> Iterator[str]:
    """Yield where the row comes from and for which time it holds."""
    of = target.list
    yield f"list: {of.slug} ({of.name}), as of {of.as_of}"
    yield f"source: {of.source}{f', {of.source_url}' if of.source_url else ''}; {of.licence}"
    if target.source_url:
        yield f"page: {target.source_url}"
    yield f"fetched: {f'{target.fetched_at:%Y-%m-%d %H:%M} UTC' if target.fetched_at else 'before this was kept'}"
    if target.valid_from or target.valid_to:
        yield f"term of office: {target.valid_from or '?'} to {target.valid_to or '?'}"
    yield f"confidence: {target.confidence}"
    if target.stale_from:
        yield f"stale: from {target.stale_from}, the day of an election that this is older than"


def _place(area: Area | None) -> str:
    if area is None:
        return "none"
    council = f", {area.parent.name}" if area.parent else ""
    return f"{area.name}{council} ({area.kind}, {area.code})"


def _of_override(one: Standing) -> str:
    return f"{one} stands until {one.expires_at:%Y-%m-%d}; the source says {one.published!r}"

"""Wards that others take the place of: known by name until their codes come, or drawn anew by a later edition.

A county's divisions are wards here.

Areas are never removed, because letters that were written point at them. A ward that has ended says so, and what took
its place; what counts from now on (targets, vacancies, postcodes) is moved to that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from app.statements import among
from app.targets.area_groups import groups_of
from app.targets.areas import plain
from app.targets.models import WARDS, Area, Target, Vacancy
from app.targets.postcode_blocks import unpack
from app.targets.postcode_models import AreaGroupMember, PostcodeBlock, PostcodeSource


@dataclass(frozen=True, slots=True)
class Move:
    """A ward that was known by its name, and the one with a GSS code that it is."""

    old: str
    new: str
    name: str
    targets: int
    """How many targets answer for the other one now, archived ones among them."""

    def __str__(self) -> str:
        """Return it as a summary prints it."""
        return f"{self.name}: {self.old} is {self.new}, with its {self.targets} targets"


def coded_wards(session: Session, council_code: str) -> dict[str, str]:
    """Return the GSS code of each ward of a council that has one and has not ended, by `plain` of its name."""
    rows = session.execute(
        select(Area.name, Area.code).where(
            Area.kind.in_(WARDS),
            Area.parent_id == select(Area.id).where(Area.code == council_code).scalar_subquery(),
            Area.ended_on.is_(None),
            Area.code.not_like("%:%"),
        )
    )
    return {plain(row.name): row.code for row in rows}


def move_to_coded(session: Session, codes: Collection[str], as_of: date) -> list[Move]:
    """Let the wards with these GSS codes take over from those that the registry knew by name in the same council."""
    wards = session.execute(
        select(Area.id, Area.code, Area.name, Area.parent_id, Area.ended_on).where(Area.kind.in_(WARDS))
    ).all()
    coded = {(ward.parent_id, plain(ward.name)): ward for ward in wards if ward.code in codes and ":" not in ward.code}
    named = [ward for ward in wards if ":" in ward.code and ward.ended_on is None]
    pairs = [(ward, coded[key]) for ward in named if (key := (ward.parent_id, ward.code.partition(":")[2])) in coded]
    if not pairs:
        return []
    moves = [Move(old.code, new.code, new.name, _move(session, old.id, new.id)) for old, new in pairs]
    ended = [{"id": old.id, "ended_on": as_of, "successors": new.code} for old, new in pairs]
    session.execute(update(Area), ended)
    _repoint(session, {old.id: new.id for old, new in pairs})
    return moves


def end_missing(
    session: Session,
    source_slug: str,
    codes: Collection[str],
    *,
    councils: Collection[str],
    outwards: Collection[str],
    as_of: date,
) -> list[str]:
    """End the wards that a source knew and that are not among `codes` any more; their names.

    Only wards of `councils`, those that the new edition has wards of; only where the new edition has every outward code
    (`outwards`) that the ward had postcodes in; and only if it is not older than what the source had. To be called
    before the source's postcodes are replaced. A ward that an edition has again has not ended.
    """
    _revive(session, codes, as_of)
    source = session.scalar(select(PostcodeSource).where(PostcodeSource.slug == source_slug))
    if source is None or source.as_of > as_of:
        return []
    rows = session.execute(
        select(PostcodeBlock.outward, PostcodeBlock.entries).where(PostcodeBlock.source_id == source.id)
    )
    here, elsewhere = set[int](), set[int]()
    for outward, entries in rows:
        (here if outward in outwards else elsewhere).update(unpack(entries).palette)
    lying = _wards_in(session, here) - _wards_in(session, elsewhere)
    missing = [ward for ward in _wards_of(session, councils) if ward.id in lying and ward.code not in codes]
    if missing:
        session.execute(update(Area), [{"id": ward.id, "ended_on": as_of} for ward in missing])
    return sorted(f"{ward.name} ({ward.code})" for ward in missing)


class _Ward(NamedTuple):
    id: int
    code: str
    name: str


def _wards_in(session: Session, group_ids: Collection[int]) -> set[int]:
    """Return the wards that are in any of the groups.

    All groups are read: to ask for some thousands of them takes a database much longer.
    """
    rows = session.execute(
        select(AreaGroupMember.group_id, AreaGroupMember.area_id)
        .join(Area, Area.id == AreaGroupMember.area_id)
        .where(Area.kind.in_(WARDS))
    )
    return {ward for group_id, ward in rows if group_id in group_ids}


def _wards_of(session: Session, councils: Collection[str]) -> list[_Ward]:
    """Return the wards of these councils that have not ended."""
    council = aliased(Area)
    rows = session.execute(
        select(Area.id, Area.code, Area.name, council.code)
        .join(council, council.id == Area.parent_id)
        .where(Area.kind.in_(WARDS), Area.ended_on.is_(None))
    )
    return [_Ward(id_, code, name) for id_, code, name, of in rows if of in councils]


def _revive(session: Session, codes: Collection[str], as_of: date) -> None:
    """Let those of the areas that were said to have ended by then exist again."""
    ended = session.execute(select(Area.id, Area.code).where(Area.ended_on <= as_of)).all()
    back = [{"id": row.id, "ended_on": None, "successors": ""} for row in ended if row.code in codes]
    if back:
        session.execute(update(Area), back)


def _move(session: Session, old: int, new: int) -> int:
    """Give what belongs to one area to another; how many targets it were."""
    known = select(Vacancy.list_id).where(Vacancy.area_id == new)
    session.execute(delete(Vacancy).where(Vacancy.area_id == old, Vacancy.list_id.in_(known)))
    session.execute(update(Vacancy).where(Vacancy.area_id == old).values(area_id=new))
    moved = session.scalars(select(Target.id).where(Target.area_id == old)).all()
    session.execute(update(Target).where(Target.area_id == old).values(area_id=new))
    return len(moved)


def _repoint(session: Session, areas: Mapping[int, int]) -> None:
    """Let every postcode that lies in one of the areas lie in the one that it is mapped to."""
    touched = select(AreaGroupMember.group_id).where(among(session, AreaGroupMember.area_id, areas))
    members: dict[int, set[int]] = {}
    rows = session.execute(
        select(AreaGroupMember.group_id, AreaGroupMember.area_id).where(AreaGroupMember.group_id.in_(touched))
    )
    for group_id, area in rows:
        members.setdefault(group_id, set()).add(areas.get(area, area))
    sets = {group_id: frozenset(ids) for group_id, ids in members.items()}
    ids = groups_of(session, set(sets.values()))
    _replace_groups(session, {group_id: ids[one] for group_id, one in sets.items()})


def _replace_groups(session: Session, groups: Mapping[int, int]) -> None:
    changed = []
    for row in session.execute(select(PostcodeBlock.outward, PostcodeBlock.source_id, PostcodeBlock.entries)):
        block = unpack(row.entries)
        if not groups.keys().isdisjoint(block.palette):
            entries = block.with_groups(lambda group: groups.get(group, group)).pack()
            changed.append({"outward": row.outward, "source_id": row.source_id, "entries": entries})
    if changed:
        session.execute(update(PostcodeBlock), changed)

"""Groups of areas: equal sets are kept once, and what several sources say of one postcode becomes one set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.statements import among
from app.targets.models import Area, AreaKind
from app.targets.postcode_models import AreaGroup, AreaGroupMember
from app.targets.tiers import Tier, tier_of

_FEW = 100
"""How many groups are asked for by name; of more than these it is as well to read all that there are."""
_OF_THE_COUNTY = frozenset({AreaKind.COUNTY, AreaKind.DIVISION})


class Place(Protocol):
    """An area, or what is needed of one here."""

    @property
    def kind(self) -> AreaKind:
        """Its kind."""

    @property
    def code(self) -> str:
        """Its code."""


P = TypeVar("P", bound=Place)


def best_of(tellings: Iterable[Collection[P]]) -> list[P]:
    """Return the areas of a postcode, of which several sources tell; those with the better claim stand first.

    Each kind comes from the first source that has any area of it, so that one source may know wards and another one
    constituencies. But who knows that one council does everything there also says that no county is above it.
    """
    chosen: list[P] = []
    told: set[AreaKind] = set()
    for places in tellings:
        chosen += [place for place in places if place.kind not in told]
        told |= {place.kind for place in places}
        if any(tier_of(place.code) is Tier.UNITARY for place in places if place.kind is AreaKind.COUNCIL):
            told |= _OF_THE_COUNTY
    return chosen


def groups_of(session: Session, sets: Collection[frozenset[int]]) -> Mapping[frozenset[int], int]:
    """Return the id of the group that has exactly these areas, for each set of their ids; missing groups are added."""
    by_signature = {" ".join(map(str, sorted(members))): members for members in sets}
    ours = select(AreaGroup.signature, AreaGroup.id)
    if len(by_signature) <= _FEW:
        ours = ours.where(AreaGroup.signature.in_(by_signature))
    known = dict(session.execute(ours).all())
    missing = [{"signature": signature} for signature in by_signature if signature not in known]
    if missing:
        added = session.execute(insert(AreaGroup).returning(AreaGroup.signature, AreaGroup.id), missing)
        new = dict(added.all())
        known |= new
        members = [
            {"group_id": group, "area_id": area}
            for signature, group in new.items()
            for area in sorted(by_signature[signature])
        ]
        if members:
            session.execute(insert(AreaGroupMember), members)
    return {members: known[signature] for signature, members in by_signature.items()}


def members_of(session: Session, group_ids: Collection[int]) -> dict[int, list[Area]]:
    """Return the areas of each of these groups, in order of kind and name."""
    areas: dict[int, list[Area]] = {group_id: [] for group_id in group_ids}
    rows = session.execute(
        select(AreaGroupMember.group_id, Area)
        .join(Area, Area.id == AreaGroupMember.area_id)
        .where(among(session, AreaGroupMember.group_id, group_ids))
        .order_by(Area.kind, Area.name, Area.code)
    )
    for group_id, area in rows:
        areas[group_id].append(area)
    return areas

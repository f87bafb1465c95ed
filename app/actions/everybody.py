"""Everybody whom a campaign's letters may go to, one after the other: for looking at all of them before one is written.

Who gets the letter of one supporter is worked out in `app.actions.recipients`, from the same rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.actions.places import council_of, fits
from app.actions.search import kinds_of, search_lists
from app.campaigns.models import Campaign, TargetRule
from app.targets.facts import facts_of
from app.targets.models import Area, AreaKind, Target

AT_ONCE = 500
"""Targets that are in memory at a time: a country has 20,000 councillors."""
_WHOLES = (AreaKind.COUNCIL, AreaKind.COUNTY)
_PARTS = (AreaKind.WARD, AreaKind.DIVISION)


@dataclass(frozen=True, slots=True)
class Meant:
    """A target that the campaign describes, with an address or without."""

    target: Target
    area: Area | None = None
    """Where the writers of letters to it live, with the rule `area`: what it answers for, or a part of that."""
    excluded: str = ""
    """The key of the campaign's reason not to write to it, if there is one."""

    @property
    def reachable(self) -> bool:
        """Whether letters are written to it."""
        return bool(self.target.email) and not self.excluded


def everybody(session: Session, campaign: Campaign) -> Iterator[Meant]:
    """Everybody whom the campaign describes, those that it leaves out among them; those of one area in a row.

    One statement, and little memory. Whoever is written to only when nobody else is found is not among them.
    """
    if campaign.target_rule is not TargetRule.AREA:
        yield from _listed(session, campaign)
        return
    targeting, whole = campaign.targeting, AreaKind(campaign.target_area or "") in _WHOLES
    for target in session.scalars(_answering(campaign).execution_options(yield_per=AT_ONCE)):
        area = council_of(target.area) if whole and target.area else target.area
        if area is None or not fits(area, targeting.tier) or not targeting.who.fits(facts := facts_of(target)):
            continue
        yield Meant(target, area, targeting.excluded_by(facts) or "")


def _listed(session: Session, campaign: Campaign) -> Iterator[Meant]:
    search = search_lists(session, campaign)
    for target in (*search.reachable, *search.mute):
        yield Meant(target)
    for excluded in search.excluded:
        yield Meant(excluded.target, excluded=excluded.key)


def _answering(campaign: Campaign) -> Select[Target]:
    """The targets of the campaign's role that answer for an area of its kinds, by area and name."""
    kinds = kinds_of(campaign)
    body = case((Area.kind.in_(_WHOLES), Area.id), else_=Area.parent_id)
    first = [body] if set(kinds) & set(_WHOLES) else []
    if first:
        kinds = (*_WHOLES, *_PARTS)
    return (
        select(Target)
        .join(Target.area)
        .where(Target.role == campaign.target_role, Target.archived_at.is_(None), Area.kind.in_(kinds))
        .order_by(*first, Target.area_id, Target.name, Target.id)
        .options(contains_eager(Target.area).joinedload(Area.parent), joinedload(Target.list))
    )

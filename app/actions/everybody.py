"""Everybody whom a campaign's letters may go to, one after the other: for looking at all of them before one is written.

Who gets the letter of one supporter is worked out in `app.actions.recipients`, from the same rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.actions.named_places import within_places
from app.actions.places import council_of, fits
from app.actions.search import Meant, kinds_of, meant_among, search_lists
from app.campaigns.models import Campaign, TargetRule
from app.targets.find import areas_with_targets, by_council
from app.targets.known_areas import AnyArea
from app.targets.models import COUNCILS, WARDS, Area, AreaKind, Target

AT_ONCE = 500
"""Targets that are in memory at a time: a country has 20,000 councillors."""


def everybody(session: Session, campaign: Campaign) -> Iterator[Meant]:
    """Everybody whom the campaign describes, those that it leaves out among them; those of one area in a row.

    One statement (two where it names its places), and little memory. Whoever is written to only when nobody else is
    found is not among them.
    """
    if campaign.target_rule is not TargetRule.AREA:
        yield from _listed(session, campaign)
        return
    targeting, whole = campaign.targeting, AreaKind(campaign.target_area or "") in COUNCILS
    answering = within_places(session, campaign, _answering(campaign))
    targets = session.scalars(answering.execution_options(yield_per=AT_ONCE))
    for meant in meant_among(targets, targeting):
        own = meant.target.area
        area = council_of(own) if whole and own else own
        if area is not None and fits(area, targeting.tier):
            yield replace(meant, area=area)


def areas_offered(session: Session, campaign: Campaign) -> list[tuple[str, list[AnyArea]]]:
    """The areas with somebody whom the campaign writes to, for when no postcode helps, as `by_council` gives them."""
    if campaign.targeting.who.wanted or campaign.targeting.exclude:
        return by_council({one.area for one in everybody(session, campaign) if one.area and one.reachable})
    # It means everybody of its role, so that nobody need be looked at.
    role, tier = campaign.target_role or "", campaign.targeting.tier
    areas = [area for kind in kinds_of(campaign) for area in areas_with_targets(session, role, kind)]
    return by_council(area for area in areas if fits(area, tier))


def _listed(session: Session, campaign: Campaign) -> Iterator[Meant]:
    search = search_lists(session, campaign)
    for target in (*search.reachable, *search.mute):
        yield Meant(target)
    for excluded in search.excluded:
        yield Meant(excluded.target, excluded.key)


def _answering(campaign: Campaign) -> Select[Target]:
    """The targets of the campaign's role that answer for an area of its kinds, by area and name."""
    kinds = kinds_of(campaign)
    body = case((Area.kind.in_(COUNCILS), Area.id), else_=Area.parent_id)
    first = [body] if set(kinds) & set(COUNCILS) else []
    if first:
        kinds = (*COUNCILS, *WARDS)
    return (
        select(Target)
        .join(Target.area)
        .where(Target.role == campaign.target_role, Target.archived_at.is_(None), Area.kind.in_(kinds))
        .order_by(*first, Target.area_id, Target.name, Target.id)
        .options(contains_eager(Target.area).joinedload(Area.parent).joinedload(Area.parent), joinedload(Target.list))
    )

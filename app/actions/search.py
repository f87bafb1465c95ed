"""Whom a campaign means among the targets of the registry: those it describes, less those it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.actions.places import UPPER, fits
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import Targeting
from app.targets.facts import facts_of
from app.targets.find import areas_with_targets, targets_for_area, targets_of_lists, targets_of_role
from app.targets.models import Area, AreaKind, Target


@dataclass(frozen=True, slots=True)
class Excluded:
    """A target that is not written to, and the key of the campaign's reason."""

    target: Target
    key: str


@dataclass(frozen=True, slots=True)
class Search:
    """Those whom a campaign means among some targets."""

    reachable: Sequence[Target] = ()
    mute: Sequence[Target] = ()
    """Those without an e-mail address."""
    excluded: Sequence[Excluded] = ()


def search_lists(session: Session, campaign: Campaign) -> Search:
    """Those whom the campaign means among the targets on its lists; nobody, where it means one and several fit."""
    search = _search(targets_of_lists(session, campaign.list_slugs), campaign.targeting)
    if campaign.target_rule is TargetRule.ONE and len(search.reachable) + len(search.mute) > 1:
        return Search(excluded=search.excluded)  # a list has changed: which of them was meant?
    return search


def search_areas(session: Session, campaign: Campaign, areas: Sequence[Area]) -> Search:
    """Those whom the campaign means among the office holders of these areas."""
    role = campaign.target_role or ""
    found = [target for area in areas for target in targets_for_area(session, role, area)]
    return _search(found, campaign.targeting)


def fallback_targets(session: Session, campaign: Campaign) -> list[Target]:
    """Those on the campaign's fallback lists who have an address."""
    return [target for target in targets_of_lists(session, campaign.targeting.fallback) if target.email]


def kinds_of(campaign: Campaign) -> tuple[AreaKind, ...]:
    """The kinds of area whose office holders the campaign writes to."""
    kind = AreaKind(campaign.target_area or "")
    return (kind, UPPER[kind]) if kind in UPPER else (kind,)


def areas_offered(session: Session, campaign: Campaign) -> list[tuple[str, list[Area]]]:
    """The areas with somebody whom the campaign writes to, for when no postcode helps: pairs of a council's name and
    its areas, in order of name.
    """
    groups = [
        group for kind in kinds_of(campaign) for group in areas_with_targets(session, campaign.target_role or "", kind)
    ]
    meant = _areas_meant(session, campaign)
    offered = [
        (council, [area for area in areas if fits(area, campaign.targeting.tier) and (not meant or area.id in meant)])
        for council, areas in sorted(groups, key=lambda group: group[0])
    ]
    return [(council, areas) for council, areas in offered if areas]


def _areas_meant(session: Session, campaign: Campaign) -> set[int | None]:
    """The areas of those whom the campaign describes; empty when it means everybody of its role."""
    if not (campaign.targeting.who.wanted or campaign.targeting.exclude):
        return set()
    found = _search(targets_of_role(session, campaign.target_role or ""), campaign.targeting).reachable
    areas = [target.area for target in found if target.area]
    # Should nobody be meant, no area is.
    return {None, *(area.id for area in areas), *(area.parent_id for area in areas)}


def _search(targets: Sequence[Target], targeting: Targeting) -> Search:
    meant = [(target, facts) for target in targets if targeting.who.fits(facts := facts_of(target))]
    excluded = [Excluded(target, key) for target, facts in meant if (key := targeting.excluded_by(facts))]
    left_out = {each.target.id for each in excluded}
    wanted = [target for target, _facts in meant if target.id not in left_out]
    return Search([each for each in wanted if each.email], [each for each in wanted if not each.email], excluded)

"""Whom a campaign means among the targets of the registry: those it describes, less those it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.actions.places import UPPER
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import Targeting
from app.targets.facts import facts_of
from app.targets.find import targets_for_area, targets_of_lists
from app.targets.known_areas import AnyArea
from app.targets.models import AreaKind, Target


@dataclass(frozen=True, slots=True)
class Meant:
    """A target that a campaign describes, with an address or without."""

    target: Target
    excluded: str = ""
    """The key of the campaign's reason not to write to it, if there is one."""
    area: AnyArea | None = None
    """Where the writers of letters to it live, with the rule `area`: what it answers for, or a part of that."""

    @property
    def reachable(self) -> bool:
        """Whether letters are written to it."""
        return bool(self.target.email) and not self.excluded


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


def meant_among(targets: Iterable[Target], targeting: Targeting) -> Iterator[Meant]:
    """Those of the targets whom a campaign describes, in their order."""
    for target in targets:
        facts = facts_of(target)
        if targeting.who.fits(facts):
            yield Meant(target, targeting.excluded_by(facts) or "")


def search_lists(session: Session, campaign: Campaign) -> Search:
    """Those whom the campaign means among the targets on its lists; nobody, where it means one and several fit."""
    search = _search(targets_of_lists(session, campaign.list_slugs), campaign.targeting)
    if campaign.target_rule is TargetRule.ONE and len(search.reachable) + len(search.mute) > 1:
        return Search(excluded=search.excluded)  # a list has changed: which of them was meant?
    return search


def search_areas(session: Session, campaign: Campaign, areas: Sequence[AnyArea]) -> Search:
    """Those whom the campaign means among the office holders of these areas."""
    role = campaign.target_role or ""
    found = [target for area in areas for target in targets_for_area(session, role, area)]
    return _search(found, campaign.targeting)


def fallback_targets(session: Session, campaign: Campaign) -> list[Target]:
    """Those on the campaign's fallback lists who have an address."""
    slugs = campaign.targeting.fallback
    return [target for target in targets_of_lists(session, slugs) if target.email] if slugs else []


def kinds_of(campaign: Campaign) -> tuple[AreaKind, ...]:
    """The kinds of area whose office holders the campaign writes to."""
    kind = AreaKind(campaign.target_area or "")
    return (kind, UPPER[kind]) if kind in UPPER else (kind,)


def _search(targets: Sequence[Target], targeting: Targeting) -> Search:
    meant = list(meant_among(targets, targeting))
    return Search(
        [each.target for each in meant if each.reachable],
        [each.target for each in meant if not (each.target.email or each.excluded)],
        [Excluded(each.target, each.excluded) for each in meant if each.excluded],
    )

"""What an organiser should know before a campaign goes live: whom its letters would not reach, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from app.actions.everybody import Meant, everybody
from app.actions.places import council_of
from app.actions.search import fallback_targets
from app.campaigns.models import Campaign, TargetRule
from app.letters.findings import Finding, Level
from app.targets.freshness import is_stale
from app.targets.postcode_counts import groups_with_counts
from app.targets.reach import Share, share_reached

NAMED = 10
"""How many councils or lists a warning names."""


@dataclass(slots=True)
class _Group:
    """The targets of one council, or of one list."""

    targets: int = 0
    with_email: int = 0
    verified: int = 0
    stale_from: Counter[date] = field(default_factory=Counter)
    """How many are stale from which day on."""

    def add(self, meant: Meant) -> None:
        target = meant.target
        self.targets += 1
        self.with_email += bool(target.email)
        self.verified += bool(target.email) and target.verified
        if target.stale_from is not None:
            self.stale_from[target.stale_from] += 1

    def stale(self, today: date) -> int:
        """How many are older than an election."""
        return sum(number for day, number in self.stale_from.items() if is_stale(day, today))


@dataclass(slots=True)
class Census:
    """Counts those whom a campaign means; filled by whoever goes through them."""

    groups: dict[str, _Group] = field(default_factory=dict)
    excluded: int = 0

    def add(self, meant: Meant) -> None:
        """Count one more."""
        if meant.excluded:
            self.excluded += 1
        else:
            self.groups.setdefault(_group_of(meant), _Group()).add(meant)


def warnings(session: Session, campaign: Campaign, today: date) -> list[Finding]:
    """What stands between a campaign's letters and whoever they are for; empty when all is well."""
    census = Census()
    for meant in everybody(session, campaign):
        census.add(meant)
    return shortcomings(session, campaign, census, today)


def shortcomings(session: Session, campaign: Campaign, census: Census, today: date) -> list[Finding]:
    """The same, by a census of everybody whom the campaign means."""
    groups = dict(sorted(census.groups.items()))
    if not groups and not census.excluded and fallback_targets(session, campaign):
        return [Finding(Level.WARN, "Nobody but those on the campaign's fallback lists can be written to.")]
    told = [*_empty(campaign, groups, excluded=census.excluded)]
    if groups:
        told += [*_stale(groups, today), *_unreachable(groups.values())]
    if census.excluded:
        are = "targets are" if census.excluded > 1 else "target is"
        told.append(Finding(Level.NOTE, f"{census.excluded} {are} left out, as the campaign's page says."))
    return told


def reached_by(session: Session, campaign: Campaign) -> Share | None:
    """How many of the country's postcodes would find somebody to write to; none where no postcode is asked for."""
    if campaign.target_rule is not TargetRule.AREA:
        return None
    reachable = {one.area.id for one in everybody(session, campaign) if one.area and one.reachable}
    return share_reached(groups_with_counts(session), reachable)


def _group_of(meant: Meant) -> str:
    """The council that a target sits in, the House of Commons, or the list that it is on."""
    if meant.area is None:
        return meant.target.list.slug
    council = council_of(meant.area)
    return council.name if council else "the House of Commons"


def _empty(campaign: Campaign, groups: Collection[str], *, excluded: int) -> Iterator[Finding]:
    level = Level.WARN if groups else Level.STOP
    if campaign.target_rule is TargetRule.AREA:
        if not groups:
            who = f"{campaign.target_role} of a {campaign.target_area}"
            why = "all are left out" if excluded else f"there is no {who} here"
            yield Finding(level, f"Nobody can be written to: {why}.")
    elif campaign.target_rule is TargetRule.ONE:
        if not groups:
            yield Finding(level, "Nobody can be written to: none on the lists fits the description, or several do.")
    else:
        empty = [slug for slug in campaign.list_slugs if slug not in groups]
        yield from (Finding(level, f"Nobody is on the list {slug}.") for slug in empty)


def _stale(groups: dict[str, _Group], today: date) -> Iterator[Finding]:
    stale = {name: group for name, group in groups.items() if group.stale(today)}
    if stale:
        names = [f"{name} ({min(group.stale_from)})" for name, group in stale.items()]
        fresh = sum(group.targets - group.stale(today) for group in groups.values())
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield Finding(
            Level.WARN if fresh else Level.STOP,
            f"There was an election after the day that our data describe: {', '.join(names[:NAMED])}{more}. "
            "Letters there are held until there is newer data, or `flask councils accept`.",
        )


def _unreachable(groups: Iterable[_Group]) -> Iterator[Finding]:
    each = list(groups)
    targets = sum(group.targets for group in each)
    with_email = sum(group.with_email for group in each)
    verified = sum(group.verified for group in each)
    if with_email < targets:
        yield Finding(
            Level.WARN if with_email else Level.STOP,
            f"{targets - with_email} of {targets} targets have no e-mail address: nobody can write to them.",
        )
    if verified < with_email:
        yield Finding(
            Level.WARN if verified else Level.STOP,
            f"{with_email - verified} of {with_email} addresses are not verified: letters to them are held.",
        )

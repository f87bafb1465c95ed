"""What an organiser should know before a campaign goes live: whom its letters would not reach, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from app.actions.everybody import everybody
from app.actions.places import council_of
from app.actions.search import Meant, fallback_targets
from app.actions.silent import SilentAreas
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier
from app.letters.findings import Finding, Level, Remedy
from app.sentences import say as _l
from app.targets.facts import facts_of
from app.targets.freshness import is_stale
from app.targets.models import Target

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
    excluded: Counter[str] = field(default_factory=Counter)
    """How many are left out, by the key of the reason."""
    left_out_of: set[str] = field(default_factory=set)
    """The groups that these belong to."""
    silent: SilentAreas = field(default_factory=SilentAreas)

    def add(self, meant: Meant) -> None:
        """Count one more."""
        if meant.excluded:
            self.excluded[meant.excluded] += 1
            self.left_out_of.add(_group_of(meant))
        else:
            self.groups.setdefault(_group_of(meant), _Group()).add(meant)
        self.silent.add(meant)


def warnings(session: Session, campaign: Campaign, today: date) -> list[Finding]:
    """What stands between a campaign's letters and whoever they are for; empty when all is well."""
    census, targeting = Census(), campaign.targeting
    readers: set[str] = set()
    for meant in everybody(session, campaign):
        census.add(meant)
        if meant.reachable:
            readers.add(targeting.audience_of(facts_of(meant.target)))
    readers |= {targeting.audience_of(facts_of(target)) for target in fallback_targets(session, campaign)}
    return [*shortcomings(session, campaign, census, today), *_unread(campaign, readers)]


def shortcomings(session: Session, campaign: Campaign, census: Census, today: date) -> list[Finding]:
    """The same by a census of everybody whom the campaign means; who reads which letter is not looked at."""
    groups, fallback = dict(sorted(census.groups.items())), fallback_targets(session, campaign)
    told = [*_empty(campaign, census, fallback=bool(fallback))]
    if groups:
        silent = census.silent.sentence(session)
        told += [*_stale(groups, today), *_unreachable(groups.values(), silent, fallback=bool(fallback))]
    told += _exclusions(campaign, census)
    told += _fallback(campaign, fallback)
    return told


def _group_of(meant: Meant) -> str:
    """The council that a target sits in, the House of Commons, or the list that it is on."""
    if meant.area is None:
        return meant.target.list.slug
    council = council_of(meant.area)
    return council.name if council else "the House of Commons"


def _empty(campaign: Campaign, census: Census, *, fallback: bool) -> Iterator[Finding]:
    """Yield why nobody is written to, or why nobody on one of several lists is."""
    if census.groups:
        if campaign.target_rule not in (TargetRule.AREA, TargetRule.ONE):
            yield from (Finding(Level.WARN, line, remedy=Remedy.LISTS) for line in _empty_lists(campaign, census))
    elif fallback and not census.excluded:
        only = _l(
            "Nobody but those on the campaign's fallback lists can be written to: %(why)s.",
            why=_why_nobody(campaign, census),
        )
        yield Finding(Level.WARN, only, remedy=Remedy.TARGETS)
    else:
        why = _why_nobody(campaign, census)
        yield Finding(Level.STOP, _l("Nobody can be written to: %(why)s.", why=why), remedy=Remedy.TARGETS)


def _why_nobody(campaign: Campaign, census: Census) -> str:
    described = _l(" whom `who` describes (%(who)s)", who=str(who)) if (who := campaign.targeting.who).wanted else ""
    if census.excluded:
        return _l("all are left out")
    if campaign.target_rule is TargetRule.ONE:
        return _l("none on the lists fits the description, or several do")
    if campaign.target_rule is TargetRule.AREA:
        tier = campaign.targeting.tier
        of = "" if tier is CampaignTier.ALL else _l(" in the tier %(tier)s", tier=str(tier))
        return _l(
            "there is no %(role)s of a %(area)s%(tier)s here%(described)s",
            role=str(campaign.target_role),
            area=str(campaign.target_area),
            tier=of,
            described=described,
        )
    if len(campaign.list_slugs) == 1:
        return _l("there is nobody on the list %(list)s%(described)s", list=campaign.list_slugs[0], described=described)
    return _l(
        "there is nobody on the lists %(lists)s%(described)s",
        lists=" or ".join(campaign.list_slugs),
        described=described,
    )


def _empty_lists(campaign: Campaign, census: Census) -> Iterator[str]:
    described = _l(" whom `who` describes") if campaign.targeting.who.wanted else ""
    for slug in campaign.list_slugs:
        if slug in census.left_out_of and slug not in census.groups:
            yield _l("Everybody on the list %(list)s is left out.", list=slug)
        elif slug not in census.groups:
            yield _l("Nobody is on the list %(list)s%(described)s.", list=slug, described=described)


def _exclusions(campaign: Campaign, census: Census) -> Iterator[Finding]:
    if left_out := census.excluded.total():
        one = _l("1 target is left out, as the campaign's page says.")
        many = _l("%(number)s targets are left out, as the campaign's page says.", number=left_out)
        yield Finding(Level.NOTE, one if left_out == 1 else many, remedy=Remedy.NONE)
    if census.groups or left_out:  # of nobody, nobody can be left out
        for each in campaign.targeting.exclude:
            if not census.excluded[each.key]:
                yield Finding(
                    Level.WARN,
                    _l("The exclusion %(key)s leaves out nobody (%(who)s).", key=each.key, who=str(each.who)),
                    remedy=Remedy.EXCLUSION,
                )


def _fallback(campaign: Campaign, fallback: Sequence[Target]) -> Iterator[Finding]:
    lists = " ".join(campaign.targeting.fallback)
    if lists and not fallback:
        nobody = _l("Nobody on the campaign's fallback lists (%(lists)s) can be written to.", lists=lists)
        yield Finding(Level.WARN, nobody, remedy=Remedy.FALLBACK)
    if held := sum(not target.verified for target in fallback):
        waits = _unverified(held, len(fallback), _l(" on the fallback lists"))
        yield Finding(Level.WARN, waits, remedy=Remedy.UNVERIFIED)


def _unread(campaign: Campaign, readers: Collection[str]) -> Iterator[Finding]:
    for audience in campaign.targeting.audiences if readers else ():  # else it is told that there is nobody at all
        if audience not in readers:
            who = "; or ".join(str(each.who) for each in campaign.targeting.segments if each.audience == audience)
            nobody = _l("Nobody would get the letter to “%(audience)s” (%(who)s).", audience=audience, who=who)
            yield Finding(Level.WARN, nobody, remedy=Remedy.AUDIENCE)


def _stale(groups: dict[str, _Group], today: date) -> Iterator[Finding]:
    stale = {name: group for name, group in groups.items() if group.stale(today)}
    if stale:
        names = tuple(f"{name} ({min(group.stale_from)})" for name, group in stale.items())
        fresh = sum(group.targets - group.stale(today) for group in groups.values())
        more = _l(" and %(number)s more", number=len(names) - NAMED) if len(names) > NAMED else ""
        yield Finding(
            Level.WARN if fresh else Level.STOP,
            _l(
                "There was an election after the day that our data describe: %(councils)s%(more)s. "
                "Letters there are held until there is newer data, or `flask councils accept`.",
                councils=names[:NAMED],
                more=more,
            ),
            remedy=Remedy.STALE,
        )


def _unreachable(groups: Iterable[_Group], silent: str, *, fallback: bool) -> Iterator[Finding]:
    each = list(groups)
    targets = sum(group.targets for group in each)
    with_email = sum(group.with_email for group in each)
    verified = sum(group.verified for group in each)
    if mute := targets - with_email:
        yield Finding(
            Level.WARN if with_email or fallback else Level.STOP,
            _mute(mute, targets, silent),
            remedy=Remedy.NO_ADDRESS,
        )
    if verified < with_email:
        waits = _unverified(with_email - verified, with_email)
        yield Finding(Level.WARN if verified else Level.STOP, waits, remedy=Remedy.UNVERIFIED)


def _mute(mute: int, of: int, silent: str) -> str:
    if of == 1:
        return _l("1 of 1 target has no e-mail address.%(silent)s", silent=silent)
    if mute == 1:
        return _l("1 of %(all)s targets has no e-mail address.%(silent)s", all=of, silent=silent)
    return _l("%(number)s of %(all)s targets have no e-mail address.%(silent)s", number=mute, all=of, silent=silent)


def _unverified(held: int, of: int, where: str = "") -> str:
    if of == 1:
        return _l("1 of 1 address%(where)s is not verified: real mail to it is held.", where=where)
    if held == 1:
        return _l("1 of %(all)s addresses%(where)s is not verified: real mail to it is held.", all=of, where=where)
    return _l(
        "%(number)s of %(all)s addresses%(where)s are not verified: real mail to them is held.",
        number=held,
        all=of,
        where=where,
    )

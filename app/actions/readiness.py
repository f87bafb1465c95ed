"""What an organiser should know before a campaign goes live: whom its letters would not reach, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Executable, case, func, select
from sqlalchemy.orm import Session, aliased

from app.campaigns.models import Campaign, TargetRule
from app.targets.freshness import is_stale
from app.targets.models import Area, AreaKind, Target, TargetList
from app.targets.postcode_counts import groups_with_counts
from app.targets.reach import Share, reachable_areas, share_reached

NAMED = 10
"""How many councils or lists a warning names."""


class _Group(NamedTuple):
    """The targets of one council, or of one list."""

    name: str
    targets: int
    with_email: int
    verified: int
    stale_from: date | None


def warnings(session: Session, campaign: Campaign, today: date) -> list[str]:
    """What stands between a campaign's letters and whoever they are for, a sentence each; empty when all is well."""
    groups = [_Group(*row) for row in session.execute(_targets(campaign))]
    told = [*_empty(campaign, groups)]
    if groups:
        told += [*_stale(groups, today), *_unreachable(groups)]
    return told


def reached_by(session: Session, campaign: Campaign) -> Share | None:
    """How many of the country's postcodes would find somebody to write to; none where no postcode is asked for."""
    if campaign.target_rule is not TargetRule.AREA:
        return None
    reachable = reachable_areas(session, campaign.target_role or "", [AreaKind(campaign.target_area or "")])
    return share_reached(groups_with_counts(session), reachable)


def _targets(campaign: Campaign) -> Executable:
    """The columns of `_Group`, for the targets that the campaign's rule can lead to."""
    counted = (
        func.count(),
        func.sum(case((Target.email != "", 1), else_=0)),
        func.sum(case(((Target.email != "") & Target.verified_at.is_not(None), 1), else_=0)),
        func.min(Target.stale_from),
    )
    if campaign.target_rule is not TargetRule.AREA:
        rows = select(TargetList.slug, *counted).join(Target.list).where(TargetList.slug.in_(campaign.list_slugs))
        return rows.where(Target.archived_at.is_(None)).group_by(TargetList.slug).order_by(TargetList.slug)
    parent = aliased(Area)
    name = func.coalesce(parent.name, "")
    return (
        select(name, *counted)
        .join(Area, Area.id == Target.area_id)
        .outerjoin(parent, parent.id == Area.parent_id)
        .where(Target.role == campaign.target_role, Area.kind == AreaKind(campaign.target_area or ""))
        .where(Target.archived_at.is_(None))
        .group_by(parent.id, parent.name)
        .order_by(name)
    )


def _empty(campaign: Campaign, groups: Sequence[_Group]) -> Iterator[str]:
    if campaign.target_rule is TargetRule.AREA:
        if not groups:
            yield f"Nobody can be written to: there is no {campaign.target_role} of a {campaign.target_area} here."
        return
    filled = {group.name for group in groups}
    for slug in campaign.list_slugs:
        if slug not in filled:
            yield f"Nobody is on the list {slug}."


def _stale(groups: Sequence[_Group], today: date) -> Iterator[str]:
    stale = [group for group in groups if is_stale(group.stale_from, today)]
    if stale:
        names = [f"{group.name or 'the House of Commons'} ({group.stale_from})" for group in stale]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield (
            f"There was an election after the day that our data describe: {', '.join(names[:NAMED])}{more}. "
            "Letters there are held until there is newer data, or `flask councils accept`."
        )


def _unreachable(groups: Sequence[_Group]) -> Iterator[str]:
    targets, with_email, verified = (
        sum(group.targets for group in groups),
        sum(group.with_email for group in groups),
        sum(group.verified for group in groups),
    )
    if with_email < targets:
        yield f"{targets - with_email} of {targets} targets have no e-mail address: nobody can write to them."
    if verified < with_email:
        yield f"{with_email - verified} of {with_email} addresses are not verified: letters to them are held."

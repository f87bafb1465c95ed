"""Who is written to, who is not and why, and the way on when nobody is found: as the pages say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import g, render_template
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actions.everybody import areas_offered
from app.actions.mailboxes import mailboxes_of
from app.actions.places import UPPER, Place, council_of, fits, tier_at
from app.actions.recipients import Recipients, RecipientsUnclearError, Trouble
from app.actions.search import Excluded, fallback_targets, search_lists
from app.campaigns.models import Campaign, CampaignState, TargetRule
from app.campaigns.targeting import CampaignTier
from app.i18n import direction
from app.targets.known_areas import AnyArea
from app.targets.models import AreaKind, Target
from app.targets.tiers import Tier
from app.web.public.forms import StartForm
from app.web.public.pages import CampaignView, mailbox_view, recipient_view, view_of

INSTEAD = (Trouble.WRONG_TIER, Trouble.ALL_EXCLUDED)
"""Troubles that have a page of their own: the supporter has made no mistake."""


def offer_of(session: Session, campaign: Campaign) -> dict[str, Any]:
    """Whom a campaign writes to, for its own page: how they are found, who they are, and how many of them.

    Those who share a mailbox stand together where all are written to; else a letter may go to one of them alone.
    """
    if campaign.target_rule is TargetRule.AREA:
        return {"how": "area", "people": [], "most": 1}
    targets: Sequence[Target] = search_lists(session, campaign).reachable
    how, most = str(campaign.target_rule), min(campaign.targeting.most, len(targets))
    if not targets:
        how, targets = "all", fallback_targets(session, campaign)
    elif how not in ("choose", "random", "rotate") or (how != "choose" and most == len(targets)):
        how = "all"
    people = _readers(targets) if how == "all" else [recipient_view(target) for target in targets]
    return {"how": how, "people": people, "most": most}


def _readers(targets: Iterable[Target]) -> list[list[dict[str, Any]]]:
    """Those who get a letter each, or one together."""
    return [mailbox_view(mailbox) for mailbox in mailboxes_of(targets)]


def areas_to_choose(session: Session, campaign: Campaign) -> list[dict[str, Any]]:
    """The way on for who has no known postcode: every area with somebody to write to, by council."""
    return [
        {"council": council, "areas": [{"id": area.id, "name": area.name} for area in areas]}
        for council, areas in areas_offered(session, campaign)
    ]


def questions_view(unclear: RecipientsUnclearError | None) -> list[dict[str, Any]]:
    """What a supporter is asked whose postcode straddles; `field` is the form's field for the answer."""
    questions = unclear.questions if unclear else ()
    return [
        {"field": field_of(question.kind), "kind": question.kind, "areas": question.areas, "open": not question.answer}
        for question in questions
    ]


def field_of(kind: AreaKind) -> str:
    """The name of the form's field for the answer to a question about areas of a kind."""
    return "division" if kind in UPPER.values() else "area"


def excluded_view(campaign: Campaign, excluded: Sequence[Excluded]) -> list[dict[str, Any]]:
    """Those who are not written to, by the campaign's reason, in its own words and their language."""
    groups = []
    for key in dict.fromkeys(each.key for each in excluded):
        reason, language = campaign.why_excluded(key, g.language)
        people = [recipient_view(each.target) for each in excluded if each.key == key]
        groups.append({"reason": reason, "language": language, "direction": direction(language), "people": people})
    return groups


def by_post_view(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Those who have no e-mail address, but another one; its lines are separated by slashes."""
    return [
        {**recipient_view(target), "lines": target.address.split(" / ")}
        for target in targets
        if target.address and not target.email
    ]


def note_of(recipients: Recipients) -> str:
    """Why the letter goes to somebody else than usual; empty when it does not."""
    match recipients.instead_of:
        case None:
            return ""
        case Trouble.WRONG_TIER:
            return _("The campaign has nobody to write to where you live. As you wished, your letter goes to:")
        case Trouble.NOBODY_HERE if recipients.area:
            return _(
                "We have no e-mail address for %(area)s. So that somebody reads your letter, it goes to:",
                area=recipients.area.name,
            )
        case _:
            return _("Those whom this campaign writes to cannot be reached now. So your letter goes to:")


def instead_page(session: Session, campaign: Campaign, form: StartForm, unclear: RecipientsUnclearError) -> str:
    """The page for a supporter whom the campaign has no letter for: why, and what there is for them instead."""
    another_tier = unclear.trouble is Trouble.WRONG_TIER
    return render_template(
        "public/instead.html",
        campaign=view_of(campaign),
        form=form,
        heading=tier_wanted(campaign.targeting.tier) if another_tier else _("No letter is needed"),
        why=tiers_here(unclear.place) if another_tier else "",
        excluded=excluded_view(campaign, unclear.search.excluded),
        others=other_campaigns(session, campaign, unclear.place) if another_tier else [],
        area_choices=areas_to_choose(session, campaign) if another_tier else [],
        fallback=_readers(fallback_targets(session, campaign)) if another_tier else [],
    )


def tier_wanted(tier: CampaignTier) -> str:
    """Which councils a campaign writes to, as a sentence without a stop."""
    match tier:
        case CampaignTier.COUNTY:
            return _("This campaign writes to county councils")
        case CampaignTier.DISTRICT:
            return _("This campaign writes to district councils")
        case _:
            return _("This campaign writes to councils that do everything")


def tiers_here(place: Place) -> str:
    """Which councils there are where the supporter lives."""
    councils = list(dict.fromkeys(council.name for area in place.elsewhere if (council := _lower(area))))
    counties = list(dict.fromkeys(county.name for area in place.elsewhere if (county := _upper(area))))
    if len(councils) == len(counties) == 1:
        return _(
            "Where you live there are two councils: the district council of %(district)s and the county council of "
            "%(county)s.",
            district=councils[0],
            county=counties[0],
        )
    if len(councils) == 1 and all(tier_at(area) is Tier.UNITARY for area in place.elsewhere):
        return _("Where you live, one council does everything: %(council)s.", council=councils[0])
    return _("There is no such council where you live.")


def other_campaigns(session: Session, campaign: Campaign, place: Place) -> list[CampaignView]:
    """The other live campaigns by area that write to somebody where the supporter lives."""
    rows = session.scalars(
        select(Campaign)
        .where(
            Campaign.state == CampaignState.LIVE, Campaign.target_rule == TargetRule.AREA, Campaign.id != campaign.id
        )
        .order_by(Campaign.position, Campaign.slug)
        .options(selectinload(Campaign.pages))
    )
    return [view_of(row) for row in rows if any(fits(area, row.targeting.tier) for area in place.elsewhere)]


def _lower(area: AnyArea) -> AnyArea | None:
    council = council_of(area)
    return council if council and council.kind is AreaKind.COUNCIL else None


def _upper(area: AnyArea) -> AnyArea | None:
    """The county council above an area."""
    council = council_of(area)
    return council if council is None or council.kind is AreaKind.COUNTY else council.parent

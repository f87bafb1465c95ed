"""What the campaign pages show: rows turned into the plain values that templates need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actions.mailboxes import Mailbox
from app.campaigns.goals import goal_shown
from app.campaigns.models import Campaign, CampaignImage, CampaignKind, CampaignState
from app.hours import HOUSE_ZONE
from app.i18n import direction, locale_of
from app.targets.models import Target
from app.web.platform import platform

SHOWN_STATES = (
    CampaignState.SCHEDULED,
    CampaignState.LIVE,
    CampaignState.PAUSED,
    CampaignState.CLOSED,
    CampaignState.WON,
)
"""Campaigns that have a page; a draft has none. One that is scheduled can be read, and is on no list yet."""


def find_campaign(session: Session, slug: str) -> Campaign | None:
    """The campaign of that slug, with its pages, unless it is still a draft."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.slug == slug, Campaign.state.in_(SHOWN_STATES))
        .options(selectinload(Campaign.pages))
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as the pages speak of it."""

    slug: str
    kind: str
    state: str
    opens: str
    """When it opens, in words and by its own clock; empty unless it is scheduled and the time lies ahead."""
    closes: str
    """When it closes, or closed; empty where nobody has said or knows."""
    rule: str
    role: str | None
    area: str | None
    tier: str
    title: str
    ask: str
    summary: str
    invitation: str
    won_text: str
    body_html: str
    language: str
    direction: str
    confirmed_count: int
    protects_replies: bool
    goal: int | None
    url: str

    @property
    def colour_class(self) -> str:
        """The class that gives the campaign's colour; see `app.web.assets`."""
        return f"campaign-{self.slug}"

    @property
    def goal_shown(self) -> bool:
        """Whether the page says how far the campaign has come."""
        return goal_shown(self.goal, self.confirmed_count)

    @property
    def pledge(self) -> bool:
        """Whether people join instead of writing."""
        return self.kind == CampaignKind.PLEDGE


def view_of(campaign: Campaign) -> CampaignView:
    """The campaign in the language of this request."""
    page = campaign.page_in(g.language)
    return CampaignView(
        slug=campaign.slug,
        kind=campaign.kind,
        state=campaign.state,
        opens=told_time(campaign.opens_at, campaign) if _opens_later(campaign) else "",
        closes=told_time(campaign.closes_at, campaign) if _closes_then(campaign) else "",
        rule=campaign.target_rule,
        role=campaign.target_role,
        area=campaign.target_area,
        tier=campaign.targeting.tier,
        title=page.title,
        ask=page.ask,
        summary=page.summary,
        invitation=page.invitation,
        won_text=page.won,
        body_html=page.body_html,
        language=page.language,
        direction=direction(page.language),
        confirmed_count=campaign.confirmed_count,
        protects_replies=campaign.protects_replies,
        goal=campaign.goal,
        url=url_for("public.campaign", slug=campaign.slug),
    )


def _opens_later(campaign: Campaign) -> bool:
    """Whether it is still to open at its time; one that waits for a person opens nobody knows when."""
    return campaign.state is CampaignState.SCHEDULED and campaign.opening_held is None


def _closes_then(campaign: Campaign) -> bool:
    """Whether its closing time is true of it: one that was closed before it did not end then."""
    over = campaign.closes_at is not None and campaign.closes_at <= platform().clock()
    return over if campaign.state is CampaignState.CLOSED else not over


def told_time(at: datetime | None, campaign: Campaign) -> str:
    """A time by the campaign's own clock, in the page's language; the zone is named where it is not the house's."""
    if at is None:
        return ""
    there, locale = at.astimezone(ZoneInfo(campaign.time_zone)), locale_of(g.language)
    told = f"{format_date(there, 'full', locale)}, {format_time(there, 'short', there.tzinfo, locale)}"
    return told if campaign.time_zone == HOUSE_ZONE.key else f"{told} ({campaign.time_zone})"


@dataclass(frozen=True, slots=True)
class ImageView:
    """A campaign's image: its narrowest width, and all of them for browsers that can choose."""

    url: str
    srcset: str
    width: int
    height: int
    """The proportions, so that the text below does not jump when the image comes."""
    alt: str


def image_view(campaign: Campaign) -> ImageView | None:
    """The campaign's image with what it shows in the language of this request; none if it has none."""
    if not campaign.images:
        return None
    return ImageView(
        url=_image_url(campaign.images[0]),
        srcset=_srcset(campaign.images),
        width=campaign.images[0].width,
        height=campaign.images[0].height,
        alt=campaign.page_in(g.language).image_alt,
    )


def _srcset(images: Sequence[CampaignImage]) -> str:
    return ", ".join(f"{_image_url(image)} {image.width}w" for image in images)


def _image_url(image: CampaignImage) -> str:
    return url_for("public.image", digest=image.digest)


def mailbox_view(mailbox: Mailbox) -> list[dict[str, Any]]:
    """Those behind a mailbox, as they are named to the supporter."""
    return [recipient_view(target) for target in mailbox.targets]


def recipient_view(target: Target) -> dict[str, Any]:
    """A target as it is named to the supporter."""
    return {
        "id": target.id,
        "name": target.name,
        "organisation": target.organisation,
        "role_label": role_label(target.role),
    }


def role_label(role: str) -> str:
    """What a role is called."""
    labels = {
        "councillor": _("councillor"),
        "mp": _("Member of Parliament"),
        "company": _("company"),
        "nhs_trust": _("NHS trust"),
        "broadcaster": _("broadcaster"),
        "team": _("campaign team"),
    }
    return labels.get(role, "")

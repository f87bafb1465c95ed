"""Campaigns and what came of them, for programs. Field names are OSDI's where OSDI has one (docs/api.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from app.actions.models import Action, ActionState
from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignKind, CampaignState
from app.delivery.ledger import totals
from app.queue.states import DeliveryState
from app.staff.token_models import Scope
from app.web.api.tables import Ask, NothingThereError, Record, Row, Schema, Single, Table, declare
from app.web.platform import platform
from app.web.public.pages import SHOWN_STATES

OPENED_STATES = tuple(state for state in SHOWN_STATES if state is not CampaignState.SCHEDULED)
"""Campaigns that programs hear of. One that is scheduled is on no list of the site's yet, and on none of these."""
SHOWN: ColumnElement[bool] = Campaign.state.in_(OPENED_STATES)

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer", "minimum": 0}
_TIME: Schema = {"type": "string", "format": "date-time"}

CAMPAIGN: Mapping[str, Schema] = {
    "identifiers": {"type": "array", "items": _TEXT, "description": "The campaign's slug, with where it is from."},
    "origin_system": _TEXT,
    "slug": _TEXT,
    "type": {"type": "string", "enum": ["email", "pledge"]},
    "state": {"type": "string", "enum": [state.value for state in OPENED_STATES]},
    "title": _TEXT,
    "description": {"type": "string", "description": "What is asked, in one sentence."},
    "summary": _TEXT,
    "languages": {"type": "array", "items": _TEXT},
    "browser_url": {"type": "string", "format": "uri"},
    "created_date": _TIME,
    "goal": {"type": ["integer", "null"], "description": "How many people it hopes for."},
    "total_outreaches": {**_NUMBER, "description": "People who have confirmed that they take part."},
    "total_letters": {**_NUMBER, "description": "Letters that they confirmed, whatever became of them."},
}

_STATES: Schema = {
    "type": "object",
    "required": [state.value for state in DeliveryState],
    "properties": {state.value: _NUMBER for state in DeliveryState},
    "additionalProperties": False,
    "description": "How many of the letters are in each state; together they are `total_letters`.",
}

OUTREACH: Mapping[str, Schema] = {
    "identifiers": {"type": "array", "items": _TEXT},
    "origin_system": _TEXT,
    "type": {"type": "string", "enum": ["email", "pledge"]},
    "action_date": {"type": "string", "format": "date", "description": "The day (UTC) on which it was confirmed."},
}


def _campaigns(session: Session, ask: Ask) -> Sequence[Row]:
    wanted = select(Campaign).where(SHOWN, Campaign.id > ask.after).options(selectinload(Campaign.pages))
    found = session.scalars(wanted.order_by(Campaign.id).limit(ask.limit))
    return [Row(campaign.id, _record(campaign)) for campaign in found]


def _one(session: Session, ask: Ask) -> Record:
    campaign = public_campaign(session, ask.path["slug"])
    figures = totals(session).get(campaign.slug, Counter())
    states = {state.value: figures[state] for state in DeliveryState}
    return {**_record(campaign), "letters_by_state": states}


def _outreaches(session: Session, ask: Ask) -> Sequence[Row]:
    """What people did, and nothing of who they are, where they live or whom they wrote to: any of that, beside a day,
    would be a breakdown with cells of one.
    """
    campaign = public_campaign(session, ask.path["slug"])
    wanted = select(Action.id, Action.confirmed_at).where(
        Action.campaign_id == campaign.id, Action.state == ActionState.CONFIRMED, Action.id > ask.after
    )
    if ask.since is not None:
        wanted = wanted.where(Action.confirmed_at >= ask.since)
    rows = session.execute(wanted.order_by(Action.id).limit(ask.limit)).all()
    return [
        Row(
            number,
            {
                "identifiers": [f"{_origin()}:outreach-{number}"],
                "origin_system": _origin(),
                "type": _type(campaign),
                "action_date": at.date().isoformat(),
            },
        )
        for number, at in rows
        if at is not None
    ]


def public_campaign(session: Session, slug: str) -> Campaign:
    """The campaign of that slug.

    Raises:
        NothingThereError: there is none, or it has not opened yet.
    """
    wanted = select(Campaign).where(SHOWN, Campaign.slug == slug).options(selectinload(Campaign.pages))
    campaign = session.scalars(wanted).one_or_none()
    if campaign is None:
        raise NothingThereError
    return campaign


def _record(campaign: Campaign) -> Record:
    site, page = platform(), campaign.page_in(FALLBACK_LANGUAGE)
    return {
        "identifiers": [f"{_origin()}:{campaign.slug}"],
        "origin_system": _origin(),
        "slug": campaign.slug,
        "type": _type(campaign),
        "state": campaign.state.value,
        "title": page.title,
        "description": page.ask,
        "summary": page.summary,
        "languages": [page.language for page in campaign.pages],
        "browser_url": site.links.campaign(campaign.slug, FALLBACK_LANGUAGE),
        "created_date": campaign.created_at.isoformat(timespec="seconds"),
        "goal": campaign.goal,
        "total_outreaches": campaign.confirmed_count,
        "total_letters": campaign.letter_count,
    }


def _type(campaign: Campaign) -> str:
    return "pledge" if campaign.kind is CampaignKind.PLEDGE else "email"


def _origin() -> str:
    """Which house it comes from: the site's own host."""
    return platform().config.hosts[0]


declare(
    Table(
        name="advocacy_campaigns",
        path="/campaigns",
        scope=Scope.REPORTS,
        summary="All campaigns that are public",
        columns=CAMPAIGN,
        read=_campaigns,
    )
)
declare(
    Single(
        name="advocacy_campaign",
        path="/campaigns/<slug:slug>",
        scope=Scope.REPORTS,
        summary="One campaign, with the states of its letters",
        columns={**CAMPAIGN, "letters_by_state": _STATES},
        read=_one,
    )
)
declare(
    Table(
        name="outreaches",
        path="/campaigns/<slug:slug>/outreaches",
        scope=Scope.REPORTS,
        summary="What people did in a campaign, without anything of who they are",
        columns=OUTREACH,
        read=_outreaches,
        since=True,
    )
)

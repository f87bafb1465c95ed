"""Rows into the pure parts that `app.letters.compose` makes letters from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionPart
from app.actions.places import council_of
from app.campaigns.models import Campaign, LetterTemplate
from app.campaigns.targeting import EVERYBODY
from app.letters.compose import ActionText, Recipient, TemplateParts
from app.targets.known_areas import AnyArea
from app.targets.models import Target

LETTER_LANGUAGE = "en"
"""Councils, Parliament and companies of the United Kingdom are written to in English, whatever the supporter reads."""


def template_in_force(session: Session, campaign: Campaign, audience: str = EVERYBODY) -> LetterTemplate:
    """The newest version of the campaign's letter to an audience; the sync sees to it that there is one."""
    return session.scalars(
        select(LetterTemplate)
        .where(
            LetterTemplate.campaign_id == campaign.id,
            LetterTemplate.language == LETTER_LANGUAGE,
            LetterTemplate.audience == audience,
        )
        .order_by(LetterTemplate.version.desc())
        .limit(1)
    ).one()


def parts_of(template: LetterTemplate) -> TemplateParts:
    """The template's sources."""
    return template.parts


def variables_for(campaign_title: str, area: AnyArea | None) -> dict[str, Any]:
    """The public values that fill a letter, as they are now; an action freezes them."""
    variables: dict[str, Any] = {"campaign": {"title": campaign_title}}
    if area is not None:
        variables["area"] = {"name": area.name}
        council = council_of(area)
        if council is not None:
            variables["council"] = {"name": council.name}
    return variables


def text_of(action: Action, part: ActionPart | None = None) -> ActionText:
    """What an action says to its first audience, or to that of one of its further parts; from what is frozen."""
    own = action if part is None else part
    return ActionText(
        name=action.name,
        postcode=action.postcode,
        own_words=action.own_words,
        subject=own.subject,
        body=own.body,
        variables=action.variables,
        reasons=reason_keys(action.reasons),
        subject_variant=own.subject_variant,
    )


def stored_reasons(keys: Sequence[str]) -> str | None:
    """The keys of the reasons that a supporter chose, as an action's column has them."""
    return " ".join(keys) or None


def reason_keys(stored: str | None) -> tuple[str, ...]:
    """The keys of the reasons that an action has, from its column."""
    return tuple(stored.split()) if stored else ()


def recipient_of(target: Target) -> Recipient:
    """A target as a letter addresses it now."""
    return Recipient(target.name, target.organisation, target.salutation)

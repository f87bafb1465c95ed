"""Claimed letters into mails: the path that a million letters take, so it reads plain columns and makes no objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.models import Action, Letter, Supporter
from app.actions.text import LETTER_LANGUAGE, parts_of
from app.campaigns.models import LetterTemplate
from app.db import among
from app.delivery.page import mail_page
from app.delivery.prepared import Address, DeliveryFact, Prepared, Unsendable
from app.delivery.suppressions import suppressed_among
from app.letters.compose import ActionText, ComposedLetter, Recipient, TemplateParts, compose
from app.mail.message import Common, Message
from app.queue.brakes import Brakes, brakes_on
from app.queue.lanes import key_of
from app.queue.models import BrakeScope, Delivery, Lane
from app.queue.states import DeliveryState
from app.targets.freshness import day_of, is_stale
from app.targets.models import Target

_ROWS = (
    select(
        Delivery.id,
        Delivery.attempts,
        Delivery.action_id,
        Delivery.campaign_id,
        Delivery.lane_id,
        Lane.key.label("lane_key"),
        Letter.target_id,
        Letter.target_name,
        Letter.target_organisation,
        Letter.salutation,
        Letter.text_hash,
        Target.email,
        Target.archived_at.is_not(None).label("archived"),
        Target.verified_at.is_not(None).label("verified"),
        Target.stale_from,
        Action.template_id,
        Action.name,
        Action.postcode,
        Action.own_words,
        Action.subject,
        Action.body,
        Action.variables,
        Action.withdrawn_at.is_not(None).label("withdrawn"),
        Supporter.email.label("reply_to"),
    )
    .join(Lane, Lane.id == Delivery.lane_id)
    .join(Letter, Letter.id == Delivery.letter_id)
    .join(Target, Target.id == Letter.target_id)
    .join(Action, Action.id == Delivery.action_id)
    .join(Supporter, Supporter.id == Action.supporter_id)
    .order_by(Delivery.id)
)


class _Ground(NamedTuple):
    """What the letters of a batch stand on."""

    templates: Mapping[int, TemplateParts]
    suppressed: frozenset[str]
    brakes: Brakes
    reaches_people: bool
    today: date


def prepare_letters(
    session: Session, ids: Collection[int], sender: Address, prepared: Prepared, *, now: datetime
) -> None:
    """Add the letters among the claimed deliveries `ids` to `prepared`.

    Raises:
        UndecryptableError: no key of the ring reads a row.
        TemplateFault: a template asks for what an action does not have.
    """
    rows = session.execute(_ROWS.where(among(session, Delivery.id, ids))).all()
    ground = _Ground(
        templates=_templates(session, {row.template_id for row in rows}),
        suppressed=suppressed_among(session, {row.email for row in rows}),
        brakes=brakes_on(session),
        reaches_people=sender.reaches_people,
        today=day_of(now),
    )
    for row in rows:
        prepared.facts[row.id] = DeliveryFact(
            at_most_once=True,
            attempts=row.attempts,
            lane_id=row.lane_id,
            campaign_id=row.campaign_id,
            action_id=row.action_id,
            target_id=row.target_id,
        )
        prepared.take(_letter(row, ground, sender))


def _templates(session: Session, ids: Collection[int]) -> dict[int, TemplateParts]:
    return {row.id: parts_of(row) for row in session.scalars(select(LetterTemplate).where(LetterTemplate.id.in_(ids)))}


def _letter(row: Any, ground: _Ground, sender: Address) -> Message | Unsendable:
    composed = compose(
        ground.templates[row.template_id],
        ActionText(row.name, row.postcode, row.own_words, row.subject, row.body, row.variables),
        Recipient(row.target_name, row.target_organisation, row.salutation),
    )
    if obstacle := _obstacle(row, composed, ground):
        return Unsendable(row.id, *obstacle, address=row.email)
    message_id, bounce_address = sender.names(row.id)
    html, common = mail_page(composed.text, LETTER_LANGUAGE, composed.common)
    return Message(
        id=row.id,
        message_id=message_id,
        from_address=sender.mail_from,
        from_name=row.name,
        to_address=row.email,
        to_name=row.target_name,
        reply_to=row.reply_to,
        reply_to_name=row.name,
        subject=composed.subject,
        text=composed.text + "\n",
        html=html,
        language=LETTER_LANGUAGE,
        bounce_address=bounce_address,
        group=row.action_id,
        common=Common(composed.common, common),
    )


def _obstacle(row: Any, composed: ComposedLetter, ground: _Ground) -> tuple[DeliveryState, str] | None:
    """The first reason why this letter must not be handed over, and where it goes instead."""
    obstacle = None
    if row.withdrawn:
        obstacle = DeliveryState.CANCELLED, "withdrawn"
    elif composed.digest != row.text_hash:
        obstacle = DeliveryState.HELD, "text_changed"
    elif ground.brakes.stops(BrakeScope.TARGET, row.target_id):
        obstacle = DeliveryState.HELD, "target_paused"
    elif row.archived:
        obstacle = DeliveryState.HELD, "target_archived"
    elif not row.email:
        obstacle = DeliveryState.HELD, "no_address"
    elif ground.reaches_people and not row.verified:
        obstacle = DeliveryState.HELD, "unverified_target"
    elif ground.reaches_people and is_stale(row.stale_from, ground.today):
        obstacle = DeliveryState.HELD, "stale_target"
    elif row.email in ground.suppressed:
        obstacle = DeliveryState.SUPPRESSED, "suppressed_address"
    elif row.lane_key not in (row.email.lower(), key_of(row.email)):
        obstacle = DeliveryState.QUEUED, "address_changed"
    return obstacle

"""Confirmed letters by the thousand: rows as submitting and confirming leave them, written in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.actions.activity import Step, count_act
from app.actions.addresses import lookup_form
from app.actions.frozen import frozen_recipients
from app.actions.models import Action, ActionState, Letter, Supporter
from app.actions.sources import Source
from app.actions.text import recipient_of
from app.campaigns.models import Campaign
from app.db import Sessions
from app.letters.compose import ActionText, ComposedLetter, Recipient, compose
from app.privacy.fields import keys_of
from app.queue.lanes import lanes_of
from app.queue.rows import Parcel, put
from app.queue.states import Purpose
from app.targets.models import Target
from benchmarks.scene import Scene, writer

ACTIONS_AT_ONCE = 1000
CONFIRM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Act:
    """One supporter's letters, before they are rows."""

    number: int
    email: str
    text: ActionText
    targets: Sequence[Target]


def acts(scene: Scene, letters: int, targets_each: int) -> Iterator[Act]:
    """Supporters with `targets_each` letters each, `letters` in all; the targets take turns."""
    for number, first in enumerate(range(0, letters, targets_each)):
        places = range(first, min(first + targets_each, letters))
        # Neighbours in the list have one domain: taking turns crosswise gives every lane its letters evenly.
        chosen = [scene.targets[place * 11 % len(scene.targets)] for place in places]
        yield Act(number, *writer(number), chosen)


def letters_of(scene: Scene, act: Act) -> Iterator[tuple[Target, ComposedLetter]]:
    """What an act says to each of its targets."""
    for target in act.targets:
        yield target, compose(scene.parts, act.text, recipient_of(target))


def seed(sessions: Sessions, scene: Scene, letters: int, targets_each: int, now: datetime) -> None:
    """Queue `letters` confirmed letters, each of which can be delivered."""
    waiting = list(acts(scene, letters, targets_each))
    for start in range(0, len(waiting), ACTIONS_AT_ONCE):
        with sessions.write() as session:
            _write(session, scene, waiting[start : start + ACTIONS_AT_ONCE], now)


def _write(session: Session, scene: Scene, chunk: Sequence[Act], now: datetime) -> None:
    action_ids = _actions(session, scene, chunk, now)
    letters = [
        (action_id, target, composed)
        for action_id, act in zip(action_ids, chunk, strict=True)
        for target, composed in letters_of(scene, act)
    ]
    lanes = lanes_of(session, {target.email for _, target, _ in letters})
    parcels = [
        Parcel(Purpose.LETTER, scene.campaign_id, action_id, lanes[target.email], target_id=target.id)
        for action_id, target, _ in letters
    ]
    ids = put(session, parcels, now)
    recipients = frozen_recipients(session, {recipient_of(target) for _, target, _ in letters})
    rows = [_letter(number, *letter, recipients) for number, letter in zip(ids, letters, strict=True)]
    session.execute(insert(Letter), rows)
    for step in (Step.SUBMITTED, Step.CONFIRMED):
        for act in chunk:
            count_act(session, Action(**_action(scene, act, 0, now)), step, now)
    counted = {
        "confirmed_count": Campaign.confirmed_count + len(chunk),
        "letter_count": Campaign.letter_count + len(letters),
    }
    session.execute(update(Campaign).where(Campaign.id == scene.campaign_id).values(counted))


def _actions(session: Session, scene: Scene, chunk: Sequence[Act], now: datetime) -> Sequence[int]:
    keys = keys_of(session.get_bind().dialect)
    supporters = [
        {
            "name": act.text.name,
            "email": act.email,
            "email_hash": keys.blind_index("supporter.email", lookup_form(act.email)),
            "created_at": now,
        }
        for act in chunk
    ]
    supporter_ids = session.scalars(insert(Supporter).returning(Supporter.id, sort_by_parameter_order=True), supporters)
    rows = [_action(scene, act, owner, now) for act, owner in zip(chunk, supporter_ids.all(), strict=True)]
    return session.scalars(insert(Action).returning(Action.id, sort_by_parameter_order=True), rows).all()


def _action(scene: Scene, act: Act, supporter_id: int, now: datetime) -> dict[str, Any]:
    return {
        "public_id": uuid.uuid4(),
        "campaign_id": scene.campaign_id,
        "supporter_id": supporter_id,
        "template_id": scene.template_id,
        "state": ActionState.CONFIRMED,
        "language": "en",
        "source": Source.DIRECT,
        "subject_variant": 0,
        "name": act.text.name,
        "postcode": act.text.postcode,
        "own_words": act.text.own_words,
        "variables": act.text.variables,
        "submitted_at": now,
        "expires_at": now + CONFIRM_WITHIN,
        "confirmed_at": now,
    }


def _letter(
    number: int, action_id: int, target: Target, composed: ComposedLetter, recipients: Mapping[Recipient, int]
) -> dict[str, Any]:
    return {
        "id": number,
        "action_id": action_id,
        "target_id": target.id,
        "recipient_id": recipients[recipient_of(target)],
        "text_hash": composed.digest,
    }

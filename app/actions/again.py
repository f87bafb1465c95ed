"""The same act once more: who gets a letter back finds all of it there, to be changed and confirmed again."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.activity import Step, count_act
from app.actions.models import Action, ActionPart, ActionState, ActionTarget, Consent


def act_again(session: Session, action: Action, expires_at: datetime, now: datetime) -> Action:
    """Copy a confirmed act into a new one, as if it had just been handed in: text, recipients and consent.

    Its recipients are those of its letters. It can be confirmed until `expires_at`.
    """
    parts = {part.id: ActionPart(**_carried(part)) for part in action.parts}
    again = Action(
        public_id=uuid.uuid4(),
        **_carried(action),
        state=ActionState.PENDING,
        submitted_at=now,
        expires_at=expires_at,
        parts=list(parts.values()),
        choices=[
            ActionTarget(target_id=target_id, part=parts.get(letter.part_id or 0))
            for letter in action.letters
            for target_id in (letter.target_id, *(one.target_id for one in letter.addressees if letter.shared))
        ],
    )
    session.add(again)
    session.flush()
    count_act(session, again, Step.SUBMITTED, now)
    consent = session.scalars(select(Consent).where(Consent.action_id == action.id)).one_or_none()
    if consent is not None:
        kept = {name: getattr(consent, name) for name in ("supporter_id", "given", "wording", "at")}
        session.add(Consent(action_id=again.id, **kept))
    return again


_OF_ITS_OWN = frozenset(
    {
        "id",
        "public_id",
        "state",
        "submitted_at",
        "expires_at",
        "confirmed_at",
        "withdrawn_at",
        "ask_at",
        "sameness",
        "action_id",
    }
)
"""What a copy of an action, or of a part of one, does not take over; all else it does, whatever comes to be there."""


def _carried(row: Action | ActionPart) -> dict[str, Any]:
    return {
        attribute.key: getattr(row, attribute.key)
        for attribute in type(row).__mapper__.column_attrs
        if attribute.key not in _OF_ITS_OWN
    }

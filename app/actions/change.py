"""Changing a letter that was sent back to its writer, before it is confirmed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.confirm import Standing, standing_of
from app.actions.models import Action
from app.actions.review_models import Review
from app.actions.text import stored_reasons
from app.letters.compose import ActionText


def note_on(session: Session, action: Action) -> str | None:
    """What a person said when they sent this letter back; none where it was not."""
    return session.scalars(select(Review.note).where(Review.next_action_id == action.id)).one_or_none()


def change_action(session: Session, action: Action, texts: Sequence[ActionText], now: datetime) -> Standing:
    """Keep what the writer says now: the text for the first audience, and for each further one in its order.

    Only a pending action is changed; what it says once it is confirmed is frozen.

    Returns:
        How the action stands; unless that is `READY`, nothing was changed.
    """
    session.refresh(action, ["state"], with_for_update=True)
    standing = standing_of(action, now)
    if standing is not Standing.READY:
        return standing
    first, *further = texts
    action.name, action.own_words = first.name, first.own_words
    action.subject, action.body = first.subject, first.body
    action.reasons = stored_reasons(first.reasons)
    for part, text in zip(action.parts, further, strict=True):
        part.subject, part.body = text.subject, text.body
    return standing

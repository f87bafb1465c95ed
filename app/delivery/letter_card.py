"""One delivery as staff see it on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.frozen import recipient_in
from app.actions.models import Action, ActionPart, Letter
from app.actions.review_models import Review, ReviewState
from app.actions.text import parts_of, text_of
from app.delivery.desk import Line, lines
from app.letters.compose import ComposedLetter, compose
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.queue.story import Change, story_of


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one delivery."""

    line: Line
    campaign_id: int
    lane_id: int
    target_id: int | None
    """None for a notice."""
    story: Sequence[Change]
    """What happened to it."""
    review_id: int | None
    """Where a person has to read it first, the review."""
    writer: str
    """Who wrote it; told only while its hand-over is in doubt, for somebody who asks the recipient whether it came."""
    letter: ComposedLetter | None
    """What it says; as of the writer."""


def card(session: Session, delivery_id: int) -> Card | None:
    """A delivery's card; none where there is no such delivery."""
    row = session.get(Delivery, delivery_id)
    if row is None:
        return None
    [line] = lines(session, [delivery_id])
    letter = session.get(Letter, row.id) if row.purpose is Purpose.LETTER else None
    doubtful = letter if row.state is DeliveryState.UNCERTAIN else None
    return Card(
        line=line,
        campaign_id=row.campaign_id,
        lane_id=row.lane_id,
        target_id=None if letter is None else letter.target_id,
        story=story_of(session, row),
        review_id=_review_of(session, row),
        writer="" if doubtful is None else doubtful.action.name,
        letter=None if doubtful is None else _text_of(session, doubtful),
    )


def _review_of(session: Session, row: Delivery) -> int | None:
    if row.purpose is not Purpose.LETTER:
        return None
    wanted = select(Review.id).where(Review.action_id == row.action_id, Review.state == ReviewState.OPEN)
    return session.scalar(wanted)


def _text_of(session: Session, letter: Letter) -> ComposedLetter:
    part = None if letter.part_id is None else session.get_one(ActionPart, letter.part_id)
    said: Action | ActionPart = part or letter.action
    return compose(parts_of(said.template), text_of(letter.action, part), recipient_in(letter))

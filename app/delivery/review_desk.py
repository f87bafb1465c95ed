"""What a person decides about a letter that they have read: let it go, send it back, or reject it.

Each decision is taken once: the review's row is moved by compare-and-swap, and who comes second finds it decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, literal_column, select, update
from sqlalchemy.orm import Session, joinedload

from app.actions.again import act_again
from app.actions.confirm import OPEN_STATES
from app.actions.models import Action, ActionPart, ActionState, Letter
from app.actions.review import REVIEW
from app.actions.review_models import AlikeText, Review, ReviewState
from app.actions.withdraw import stop_letters
from app.campaigns.models import Campaign
from app.delivery.desk import AT_ONCE
from app.letters.review import Rule
from app.queue.lanes import notices_lane
from app.queue.models import Delivery
from app.queue.rows import Move, Parcel, move, put
from app.queue.states import DeliveryState, EventSource, Purpose
from app.statements import among

COUNTED = 1000
"""Reviews that are counted; how many more there are nobody needs to know to begin."""

_RELEASE = (DeliveryState.HELD, DeliveryState.QUEUED, EventSource.STAFF)


class DecidedError(Exception):
    """Somebody has decided before, or the supporter has withdrawn."""


class CampaignOverError(Exception):
    """The campaign takes no confirmations any more, so nobody could send a letter again that is sent back."""


_HELD = (
    exists()
    .where(
        Letter.action_id == Review.action_id,
        Delivery.id == Letter.id,
        Delivery.state == DeliveryState.HELD,
        Delivery.reason == REVIEW,
    )
    .correlate(Review)
)
_OPEN = (Review.state == literal_column("'open'"), _HELD)  # word for word, as the indexes have it
"""Reviews that wait for a decision; one whose letters were all cancelled by hand does not."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One letter that waits for a person, without its supporter."""

    id: int
    campaign_id: int
    rules: Sequence[Rule]
    opened_at: datetime


def waiting(session: Session, *, after: int = 0, limit: int) -> list[Waiting]:
    """The letters that wait to be read, those that wait longest first, beginning after an id."""
    rows = session.execute(
        select(Review.id, Action.campaign_id, Review.rules, Review.opened_at)
        .join(Action, Action.id == Review.action_id)
        .where(*_OPEN, Review.id > after)
        .order_by(Review.id)
        .limit(limit)
    )
    return [Waiting(row.id, row.campaign_id, rules_in(row.rules), row.opened_at) for row in rows]


def rules_in(text: str) -> list[Rule]:
    """The rules that a review keeps."""
    return [Rule(word) for word in text.split()]


def number_waiting(session: Session) -> int:
    """How many wait, `COUNTED` at the most."""
    some = select(Review.id).where(*_OPEN).limit(COUNTED).subquery()
    return int(session.execute(select(func.count()).select_from(some)).scalar_one())


def number_alike(session: Session, review: Review) -> int:
    """How many others wait because of the very same words, and of nothing else; `AT_ONCE` at the most."""
    return len(_alike(session, review))


def read(session: Session, review_id: int) -> Review | None:
    """A review with all that its reader is shown."""
    return session.scalars(
        select(Review)
        .where(Review.id == review_id)
        .options(
            joinedload(Review.action).joinedload(Action.campaign).selectinload(Campaign.pages),
            joinedload(Review.action).joinedload(Action.template),
            joinedload(Review.action).selectinload(Action.parts).joinedload(ActionPart.template),
            joinedload(Review.action).selectinload(Action.letters),
        )
    ).one_or_none()


def release_review(session: Session, review: Review, now: datetime, *, alike: bool = False) -> list[int]:
    """Let a letter go; with `alike` also those of others who say the very same and trip on nothing else.

    Words that many say are trusted from then on: nobody else is held for them.

    Returns:
        The deliveries that wait to be sent, for the doorbell.

    Raises:
        DecidedError: it is decided already.
    """
    _decide([review.id], ReviewState.RELEASED, session, now)
    reviews = {review.id: review.action_id}
    if alike:
        reviews |= _alike(session, review)
        _decide([number for number in reviews if number != review.id], ReviewState.RELEASED, session, now)
    if review.mark is not None and Rule.ALIKE in rules_in(review.rules):
        _trust(session, review)
    change = Move(*_RELEASE, reason="released", detail=REVIEW, due_at=now)
    return move(session, _held_letters(session, reviews.values()), change, now)


def send_back(session: Session, review: Review, note: str, within: timedelta, now: datetime) -> int:
    """Cancel the letters and give the text back to its supporter, who may change it and confirm it `within` some time.

    What was confirmed stays as it was confirmed: the text is copied into a new action, which waits like one that was
    just handed in. Its letters are others.

    Returns:
        The delivery that tells them.

    Raises:
        DecidedError: it is decided already, or a letter of it has left.
        CampaignOverError: the campaign takes no confirmations any more.
    """
    action = review.action
    if action.campaign.state not in OPEN_STATES:
        raise CampaignOverError
    _decide([review.id], ReviewState.SENT_BACK, session, now, note=note)
    _stop(session, action, "sent_back", now)
    again = act_again(session, action, now + within, now)
    session.execute(update(Review).where(Review.id == review.id).values(next_action_id=again.id))
    return _tell(session, Purpose.SENT_BACK, again, now)


def reject(session: Session, review: Review, note: str, now: datetime) -> int:
    """Cancel the letters for good, and tell their supporter why.

    Returns:
        The delivery that tells them.

    Raises:
        DecidedError: it is decided already, or a letter of it has left.
    """
    _decide([review.id], ReviewState.REJECTED, session, now, note=note)
    _stop(session, review.action, "rejected", now)
    return _tell(session, Purpose.REJECTED, review.action, now)


def _decide(ids: Collection[int], to: ReviewState, session: Session, now: datetime, *, note: str = "") -> None:
    decided = session.scalars(
        update(Review)
        .where(among(session, Review.id, ids), Review.state == ReviewState.OPEN)
        .values(state=to, decided_at=now, note=note)
        .returning(Review.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(decided) != len(ids):
        raise DecidedError


def _stop(session: Session, action: Action, reason: str, now: datetime) -> None:
    stop_letters(session, action, EventSource.STAFF, reason, now)
    session.refresh(action, ["state"])
    if action.state is not ActionState.WITHDRAWN:
        raise DecidedError


def _tell(session: Session, purpose: Purpose, action: Action, now: datetime) -> int:
    return put(session, [Parcel(purpose, action.campaign_id, action.id, notices_lane(session))], now)[0]


def _alike(session: Session, review: Review) -> dict[int, int]:
    """Other reviews of the campaign, with their actions, that are open for the same words alone."""
    if review.mark is None:
        return {}
    rows = session.execute(
        select(Review.id, Review.action_id)
        .join(Action, Action.id == Review.action_id)
        .where(
            *_OPEN,
            Review.mark == review.mark,
            Review.id != review.id,
            Review.rules == Rule.ALIKE.value,
            Action.campaign_id == review.action.campaign_id,
        )
        .order_by(Review.id)
        .limit(AT_ONCE)
    )
    return {row.id: row.action_id for row in rows}


def _trust(session: Session, review: Review) -> None:
    session.execute(
        update(AlikeText)
        .where(AlikeText.campaign_id == review.action.campaign_id, AlikeText.mark == review.mark)
        .values(trusted=True)
    )


def _held_letters(session: Session, action_ids: Collection[int]) -> Sequence[int]:
    return session.scalars(
        select(Delivery.id)
        .join(Letter, Letter.id == Delivery.id)
        .where(
            among(session, Letter.action_id, action_ids),
            Delivery.state == DeliveryState.HELD,
            Delivery.reason == REVIEW,
        )
    ).all()

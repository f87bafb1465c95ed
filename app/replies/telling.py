"""What supporters tell us of answers: who has answered, whether it helped, and a note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actions.models import Letter, Supporter
from app.queue.models import Delivery
from app.queue.states import DeliveryState
from app.replies.models import Answer, Reply, ReplyKind
from app.replies.standing import counting

LONGEST_NOTE = 1000
REACHED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNCERTAIN)
"""Letters that may have been read."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a supporter tells of one letter."""

    letter_id: int
    answer: Answer
    helpful: bool | None = None
    note: str = field(default="", repr=False)


def reached_letters(session: Session, action_id: int) -> Sequence[Letter]:
    """The letters of an action that may have been read."""
    return session.scalars(
        select(Letter)
        .join(Delivery, Delivery.id == Letter.id)
        .where(Letter.action_id == action_id, Delivery.state.in_(REACHED))
        .order_by(Letter.id)
    ).all()


def tell(session: Session, action_id: int, told: Sequence[Told], now: datetime) -> None:
    """Keep what a supporter tells of the letters of their action; what they told before of the same is replaced."""
    own = {letter.id for letter in reached_letters(session, action_id)}
    kept = {one.letter_id: one for one in told if one.letter_id in own}
    if not kept:
        return
    with counting(session, kept):
        earlier = {reply.letter_id: reply for reply in told_before(session, list(kept))}
        for letter_id, one in kept.items():
            reply = earlier.get(letter_id) or Reply(letter_id=letter_id, kind=ReplyKind.TOLD)
            answered = one.answer is Answer.ANSWERED
            reply.answer, reply.at = one.answer, now
            reply.helpful, reply.note = (one.helpful if answered else None), one.note or None
            session.add(reply)


def replies_to(session: Session, letter_ids: Sequence[int]) -> Mapping[int, Sequence[Reply]]:
    """All that is known of replies to letters, oldest first; an empty list for letters without any."""
    found: defaultdict[int, list[Reply]] = defaultdict(list)
    for reply in session.scalars(select(Reply).where(Reply.letter_id.in_(letter_ids)).order_by(Reply.at, Reply.id)):
        found[reply.letter_id].append(reply)
    return found


def told_before(session: Session, letter_ids: Sequence[int]) -> Sequence[Reply]:
    """What was told of letters until now."""
    return session.scalars(select(Reply).where(Reply.letter_id.in_(letter_ids), Reply.kind == ReplyKind.TOLD)).all()


def ask_no_more(session: Session, supporter_id: int, now: datetime) -> None:
    """Never ask a supporter again who has answered."""
    session.execute(
        update(Supporter)
        .where(Supporter.id == supporter_id, Supporter.unasked_since.is_(None))
        .values(unasked_since=now)
    )

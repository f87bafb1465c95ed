"""What is known of the replies to a campaign's letters, for staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.models import Action, FrozenRecipient, Letter
from app.campaigns.models import Campaign
from app.replies.models import Answer, Reply, ReplyCount

NEWEST = 500
"""Notes that are shown."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a supporter wrote about a reply; nobody is told who."""

    recipient: str
    answer: Answer
    helpful: bool | None
    words: str = field(repr=False)
    at: datetime


def figures(session: Session) -> dict[str, Counter[Answer]]:
    """To how many letters of each campaign (by slug) what came back, from the counters."""
    rows = session.execute(
        select(Campaign.slug, ReplyCount.answer, func.sum(ReplyCount.count))
        .join(Campaign, Campaign.id == ReplyCount.campaign_id)
        .group_by(Campaign.slug, ReplyCount.answer)
    )
    found: dict[str, Counter[Answer]] = {}
    for slug, answer, number in rows:
        found.setdefault(slug, Counter())[answer] += int(number)
    return found


def notes(session: Session, campaign_id: int) -> Sequence[Note]:
    """What supporters wrote about replies to a campaign's letters, the newest first."""
    rows = session.execute(
        select(FrozenRecipient.name, Reply.answer, Reply.helpful, Reply.note, Reply.at)
        .join(Letter, Letter.id == Reply.letter_id)
        .join(FrozenRecipient, FrozenRecipient.id == Letter.recipient_id)
        .join(Action, Action.id == Letter.action_id)
        .where(Action.campaign_id == campaign_id, Reply.note.is_not(None))
        .order_by(Reply.at.desc(), Reply.id.desc())
        .limit(NEWEST)
    )
    return [Note(row.name, row.answer, row.helpful, row.note or "", row.at) for row in rows]

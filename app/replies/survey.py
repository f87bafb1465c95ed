"""Asking supporters, some days after their letters went, who has answered: once for each action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionState, Letter, Supporter
from app.campaigns.models import Campaign, CampaignKind
from app.queue.lanes import notices_lane
from app.queue.models import Delivery
from app.queue.rows import Parcel, put
from app.queue.states import DeliveryState, Purpose
from app.replies.models import Answer
from app.replies.standing import answers_to
from app.replies.telling import REACHED
from app.statements import among

BATCH = 500
"""Actions that are looked at in one transaction: mail of our own that cannot wait is never behind more than these."""
LATEST = timedelta(days=45)
"""How long after the day somebody is still asked: what was switched off for a year asks nobody about last year."""
AGAIN = timedelta(days=1)
"""When letters that have not left are looked at again."""

_ON_THE_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD)


@dataclass(slots=True)
class _Letters:
    """What became of an action's letters."""

    unanswered: bool = False
    """Whether one has arrived of which we know no person's answer."""
    waiting: bool = False
    left_at: list[datetime] = field(default_factory=list)


def ask_due(session: Session, now: datetime, wait: timedelta) -> int:
    """Queue the question to those whose letters arrived `wait` ago, for up to `BATCH` actions that are due a look.

    An action is settled in the transaction that queues its mail, and one that another process looks at is passed over:
    nobody is asked twice.

    Returns:
        How many actions were looked at.
    """
    rows = _due(session, now - wait)
    if not rows:
        return 0
    letters = _letters(session, {row.id for row in rows})
    asked = [row for row in rows if _may_ask(row, now - wait)]
    later = {row.id: at for row in asked if (at := _later(letters[row.id], row, now - wait)) is not None}
    ask = [row for row in asked if row.id not in later and letters[row.id].unanswered]
    lane = notices_lane(session)
    put(session, [Parcel(Purpose.REPLY_SURVEY, row.campaign_id, row.id, lane) for row in ask], now)
    _settle(session, {row.id for row in rows} - later.keys(), later)
    return len(rows)


def is_due(session: Session, now: datetime, wait: timedelta) -> bool:
    """Whether there is an action to look at: most sweeps find none, and need not write."""
    return session.scalar(select(exists().where(Action.ask_at <= now - wait))) is True


def _due(session: Session, since: datetime) -> list[Any]:
    wanted = (
        select(
            Action.id,
            Action.campaign_id,
            Action.state,
            Action.confirmed_at,
            Campaign.kind,
            Supporter.unasked_since,
        )
        .join(Campaign, Campaign.id == Action.campaign_id)
        .join(Supporter, Supporter.id == Action.supporter_id)
        .where(Action.ask_at <= since)
        .order_by(Action.ask_at, Action.id)
        .limit(BATCH)
        .with_for_update(of=Action, skip_locked=True)
    )
    return list(session.execute(wanted))


def _may_ask(row: Any, since: datetime) -> bool:
    """Whether this supporter is to be asked at all: those who have joined wrote to nobody who would answer."""
    timely = row.confirmed_at is not None and row.confirmed_at > since - LATEST
    confirmed = row.state is ActionState.CONFIRMED and row.kind is CampaignKind.LETTER
    return timely and confirmed and row.unasked_since is None


def _later(letters: _Letters, row: Any, since: datetime) -> datetime | None:
    """From when on the days are to run instead; none when they have run out."""
    if letters.left_at:
        return last if (last := max(letters.left_at)) > since else None
    return max(row.confirmed_at, since + AGAIN) if letters.waiting else None


def _letters(session: Session, action_ids: Collection[int]) -> Mapping[int, _Letters]:
    rows = session.execute(
        select(Letter.action_id, Letter.id, Delivery.state, Delivery.changed_at)
        .join(Delivery, Delivery.id == Letter.id)
        .where(among(session, Letter.action_id, action_ids))
    ).all()
    answers = answers_to(session, [row.id for row in rows])
    found: defaultdict[int, _Letters] = defaultdict(_Letters)
    for row in rows:
        letters = found[row.action_id]
        letters.waiting |= row.state in _ON_THE_WAY
        if row.state in REACHED:
            letters.left_at.append(row.changed_at)
            letters.unanswered |= answers.get(row.id) is not Answer.ANSWERED
    return found


def _settle(session: Session, done: Iterable[int], later: Mapping[int, datetime]) -> None:
    session.execute(update(Action).where(among(session, Action.id, list(done))).values(ask_at=None))
    for action_id, at in later.items():
        session.execute(update(Action).where(Action.id == action_id).values(ask_at=at))

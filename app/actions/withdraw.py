"""Withdrawing: what has not gone stays here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionState, Letter
from app.actions.review import close_review
from app.campaigns.models import Campaign
from app.queue.models import Delivery
from app.queue.rows import Move, move
from app.queue.states import WITHDRAWABLE, DeliveryState, EventSource


def withdraw_action(session: Session, action: Action, now: datetime) -> int:
    """Cancel the letters of a confirmed action that have not left yet; one that is on its way goes no second time.

    When none has left, the action itself is withdrawn and no longer counts; the supporter may then write anew.

    Returns:
        How many letters were cancelled.
    """
    cancelled = stop_letters(session, action, EventSource.SUPPORTER, "withdrawn", now)
    if cancelled:
        close_review(session, action.id, now)
    return cancelled


def stop_letters(session: Session, action: Action, source: EventSource, reason: str, now: datetime) -> int:
    """Cancel what has not left, for whoever asks and the reason that the deliveries keep; see `withdraw_action`."""
    ids = session.scalars(select(Letter.id).where(Letter.action_id == action.id)).all()
    cancelled = 0
    for state in sorted(WITHDRAWABLE):
        change = Move(state, DeliveryState.CANCELLED, source, reason=reason)
        cancelled += len(move(session, ids, change, now))
    if cancelled or _any_in(session, ids, DeliveryState.SENDING):
        session.execute(update(Action).where(Action.id == action.id).values(withdrawn_at=now))
    if not _any_in(session, ids, *(set(DeliveryState) - {DeliveryState.CANCELLED})):
        _withdraw_whole(session, action)
    return cancelled


def _any_in(session: Session, ids: Collection[int], *states: DeliveryState) -> bool:
    """Whether any of the deliveries is in one of the states."""
    return bool(session.scalar(select(exists().where(Delivery.id.in_(ids), Delivery.state.in_(states)))))


def _withdraw_whole(session: Session, action: Action) -> None:
    withdrawn = session.scalars(
        update(Action)
        .where(Action.id == action.id, Action.state == ActionState.CONFIRMED)
        .values(state=ActionState.WITHDRAWN)
        .returning(Action.id)
    ).all()
    if withdrawn:
        session.execute(
            update(Campaign)
            .where(Campaign.id == action.campaign_id)
            .values(confirmed_count=Campaign.confirmed_count - 1)
        )

"""Forgetting what nobody confirmed: the text, the postcode, and the person when nothing else of theirs is kept."""

from __future__ import annotations

import os
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionPart, ActionState, ActionTarget, Consent, Supporter
from app.actions.review_models import Review

BATCH = 500


def expire_actions(session: Session, now: datetime) -> int:
    """Expire up to `BATCH` pending actions whose time to confirm has passed, and erase what they held.

    The row stays, so that the figures still add up; every personal field of it is emptied, the place it came from too.

    Returns:
        How many were expired; call again while it is `BATCH`.
    """
    ids = session.scalars(
        select(Action.id)
        .where(Action.state == ActionState.PENDING, Action.expires_at <= now)
        .limit(BATCH)
        # One that is being confirmed at this moment is passed over: its letters need what it holds.
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return 0
    supporters = set(session.scalars(select(Action.supporter_id).where(Action.id.in_(ids))))
    session.execute(delete(Consent).where(Consent.action_id.in_(ids)))
    session.execute(delete(ActionTarget).where(ActionTarget.action_id.in_(ids)))
    session.execute(delete(ActionPart).where(ActionPart.action_id.in_(ids)))
    # What staff wrote to who got a letter back speaks of that letter, and may quote it.
    session.execute(update(Review).where(Review.next_action_id.in_(ids)).values(note=None))
    session.execute(
        update(Action)
        .where(Action.id.in_(ids))
        .values(
            state=ActionState.EXPIRED,
            name="",
            postcode="",
            own_words="",
            subject=None,
            body=None,
            reasons=None,
            area_id=None,
            variables={},
        )
    )
    for supporter_id in sorted(supporters):
        _forget_unless_kept(session, supporter_id)
    return len(ids)


def _forget_unless_kept(session: Session, supporter_id: int) -> None:
    """Erase a supporter all of whose actions have expired; the keyed hash goes too, so the address finds nobody.

    The row is locked before it is judged, so that an action handed in at this moment is seen.
    """
    session.execute(select(Supporter.id).where(Supporter.id == supporter_id).with_for_update())
    kept = exists().where(Action.supporter_id == supporter_id, Action.state != ActionState.EXPIRED)
    session.execute(
        update(Supporter)
        .where(Supporter.id == supporter_id, ~kept)
        .values(name="", email="", email_hash=os.urandom(32))
    )

"""Holding letters until a person has read them: at the confirmation, by the rules of `app.letters.review`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.actions.models import Action
from app.actions.review_models import AlikeText, Review, ReviewState
from app.actions.text import parts_of, text_of
from app.batches import delete_some, erase_some
from app.campaigns.models import CampaignKind
from app.letters.compose import draft
from app.letters.likeness import essence
from app.letters.review import MOST_ALIKE, Hit, Rule, hits_in
from app.privacy.keys import FieldKeys
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource
from app.statements import insert_or

REVIEW = "review"
"""The reason of deliveries that are held until a person has read them."""

FORGET_ALIKE_AFTER = timedelta(days=30)
NOTES_KEPT = timedelta(days=365)
"""How long what a supporter was told of a letter is kept after the decision."""

_HOLD = Move(DeliveryState.QUEUED, DeliveryState.HELD, EventSource.SYSTEM, reason=REVIEW)


def hits_of(action: Action) -> list[Hit]:
    """What a person should look at in an action's letters, as its text stands; `ALIKE` is not among it.

    Those who join by a pledge write to the campaign's own team, which reads everything anyway.
    """
    if action.campaign.kind is CampaignKind.PLEDGE:
        return []
    found: list[Hit] = []
    for part in (None, *action.parts):
        template, said = parts_of((part or action).template), text_of(action, part)
        found += hits_in(template, draft(template, said), said)
    return list(dict.fromkeys(found))


def hold_for_review(
    session: Session, keys: FieldKeys, action: Action, delivery_ids: Collection[int], now: datetime
) -> Review | None:
    """Hold the letters of an action that is being confirmed, if they trip a rule; none if they do not."""
    rules = {hit.rule for hit in hits_of(action)}
    mark = _mark_of(keys, action)
    if mark is not None and _count_alike(session, action.campaign_id, mark, now):
        rules.add(Rule.ALIKE)
    if not rules:
        return None
    move(session, delivery_ids, _hold_because(rules), now)
    review = Review(action_id=action.id, rules=" ".join(sorted(rules)), mark=mark, opened_at=now)
    session.add(review)
    session.flush()
    return review


def close_review(session: Session, action_id: int, now: datetime) -> None:
    """There is nothing to decide any more: its supporter has withdrawn the letters."""
    session.execute(
        update(Review)
        .where(Review.action_id == action_id, Review.state == ReviewState.OPEN)
        .values(state=ReviewState.WITHDRAWN, decided_at=now)
    )


def forget_alike(session: Session, now: datetime) -> int:
    """Forget some of the texts that nobody has sent for long; how many."""
    return delete_some(session, AlikeText, AlikeText.seen_at < now - FORGET_ALIKE_AFTER)


def forget_review_notes(session: Session, now: datetime) -> int:
    """Erase some of what supporters were told of their letters a year ago, which may quote them; how many."""
    old = Review.decided_at <= now - NOTES_KEPT
    return erase_some(session, Review, Review.note.is_not(None), old, values={"note": None})


def _hold_because(rules: Iterable[Rule]) -> Move:
    return Move(_HOLD.origin, _HOLD.to, _HOLD.source, reason=REVIEW, detail=", ".join(sorted(rules)))


def _mark_of(keys: FieldKeys, action: Action) -> bytes | None:
    """The keyed hash of what the supporter wrote beside or instead of the campaign's words; none if that is little."""
    if action.campaign.kind is CampaignKind.PLEDGE:
        return None
    written = essence(action.own_words, *_bodies(action))
    return keys.blind_index("review.mark", written) if written else None


def _bodies(action: Action) -> Sequence[str]:
    return [body for body in (action.body, *(part.body for part in action.parts)) if body is not None]


def _count_alike(session: Session, campaign_id: int, mark: bytes, now: datetime) -> bool:
    """Count one more who says this; whether there are too many of them for nobody to have read it."""
    row = {"campaign_id": campaign_id, "mark": mark, "count": 1, "trusted": False, "seen_at": now}
    statement = insert_or(session, AlikeText).values(row)
    counted = statement.on_conflict_do_update(
        index_elements=[AlikeText.campaign_id, AlikeText.mark],
        set_={"count": AlikeText.count + 1, "seen_at": now},
    ).returning(AlikeText.count, AlikeText.trusted)
    count, trusted = session.execute(counted).one()
    return count > MOST_ALIKE and not trusted

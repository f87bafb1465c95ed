"""How letters stand towards being answered, and the counters of that, which move with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import BigInteger, Select, Text, case, func, select
from sqlalchemy.orm import Session

from app.actions.models import Action, Letter
from app.replies.models import Answer, Reply, ReplyCount
from app.statements import Totals, among

_BEST = (Answer.ANSWERED, Answer.AUTOMATIC, Answer.NONE)
_COUNTS = Totals(
    ReplyCount, {"campaign_id": BigInteger(), "target_id": BigInteger(), "answer": Text(), "count": BigInteger()}
)
_rank = func.min(case({answer: rank for rank, answer in enumerate(_BEST)}, value=Reply.answer))


def answers_to(session: Session, letter_ids: Collection[int]) -> dict[int, Answer]:
    """The best that came back to each of the letters; those of which nothing is known are not in it."""
    ranks = select(Reply.letter_id, _rank).where(among(session, Reply.letter_id, letter_ids)).group_by(Reply.letter_id)
    return {letter_id: _BEST[rank] for letter_id, rank in session.execute(ranks)}


@contextmanager
def counting(session: Session, letter_ids: Collection[int]) -> Iterator[None]:
    """Count whatever changes inside in how these letters stand; nobody else can change it meanwhile."""
    places = {
        letter_id: (campaign_id, target_id)
        for letter_id, campaign_id, target_id in session.execute(_locked(letter_ids))
    }
    before = answers_to(session, letter_ids)
    yield
    session.flush()
    changes: Counter[tuple[int, int, str]] = Counter()
    for letter_id, answer in before.items():
        changes[*places[letter_id], answer] -= 1
    for letter_id, answer in answers_to(session, letter_ids).items():
        changes[*places[letter_id], answer] += 1
    _COUNTS.add(session, [(*key, change) for key, change in sorted(changes.items()) if change])


def _locked(letter_ids: Collection[int]) -> Select[int, int, int]:
    return (
        select(Letter.id, Action.campaign_id, Letter.target_id)
        .join(Action, Action.id == Letter.action_id)
        .where(Letter.id.in_(letter_ids))
        .order_by(Letter.id)
        .with_for_update(of=Letter, key_share=True)
    )


def differences(session: Session) -> Iterator[str]:
    """Every counter that is not what its rows add up to, a line each."""
    best = select(Reply.letter_id, _rank.label("rank")).group_by(Reply.letter_id).subquery()
    rows = session.execute(
        select(Action.campaign_id, Letter.target_id, best.c.rank, func.count())
        .select_from(best)
        .join(Letter, Letter.id == best.c.letter_id)
        .join(Action, Action.id == Letter.action_id)
        .group_by(Action.campaign_id, Letter.target_id, best.c.rank)
    )
    there = {(campaign_id, target_id, _BEST[rank]): number for campaign_id, target_id, rank, number in rows}
    said = {
        (row.campaign_id, row.target_id, row.answer): row.count
        for row in session.scalars(select(ReplyCount))
        if row.count
    }
    for key in sorted(there.keys() | said.keys()):
        if there.get(key, 0) != said.get(key, 0):
            campaign_id, target_id, answer = key
            yield (
                f"campaign {campaign_id}, target {target_id}, {answer}: the counter says {said.get(key, 0)}, "
                f"there are {there.get(key, 0)}"
            )

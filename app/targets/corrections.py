"""What the public tells us is wrong with a target: a queue for staff, who accept or dismiss. Nothing changes by itself.

A correction holds no name and no address of whoever made it, only what they chose to write; that is erased some time
after the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.batches import erase_some
from app.targets.correction_models import Correction, CorrectionKind, CorrectionState
from app.targets.fields import clean_text, fitting
from app.targets.models import Area, Target

LONGEST_WORDS = 500
MOST_OPEN = 20
"""How many open corrections of one target are kept: a person who looks at it needs no more to see that it is wrong."""
WORDS_KEPT = timedelta(days=90)
"""How long after the decision the words of a correction are kept."""


class UnknownCorrectionError(LookupError):
    """There is no such correction."""


class NotToBeDecidedError(ValueError):
    """The correction was decided before, or it was not said who decides and why."""


def report(session: Session, target: Target, kind: CorrectionKind, words: str, now: datetime) -> int | None:
    """Keep that somebody says what is wrong with a target.

    Returns:
        The correction's id; none where it would say nothing that those which are open do not say, or these are many.
    """
    open_here = select(Correction).where(Correction.target_id == target.id, Correction.state == CorrectionState.OPEN)
    known = session.scalars(open_here).all()
    repeated = not words and any(one.kind is kind for one in known)
    if repeated or len(known) >= MOST_OPEN:
        return None
    values = {"target_id": target.id, "kind": kind, "words": words, "made_at": now}
    return session.scalars(insert(Correction).values(**values).returning(Correction.id)).one()


def open_corrections(session: Session) -> Sequence[Correction]:
    """Those that nobody has decided, the oldest first, each with its target, the target's list, ward and council."""
    return session.scalars(_open()).all()


def number_open(session: Session) -> int:
    """How many nobody has decided."""
    waits = Correction.state == CorrectionState.OPEN
    return session.scalar(select(func.count()).select_from(Correction).where(waits)) or 0


def open_correction(session: Session, correction_id: int) -> Correction | None:
    """One of these, if nobody has decided it."""
    return session.scalar(_open().where(Correction.id == correction_id))


def open_corrections_of(session: Session, target_id: int) -> Sequence[Correction]:
    """Those of one target."""
    return session.scalars(_open().where(Correction.target_id == target_id)).all()


def _open() -> Select[Correction]:
    place = joinedload(Target.area).joinedload(Area.parent)
    return (
        select(Correction)
        .join(Correction.target)
        .join(Target.list)
        .where(Correction.state == CorrectionState.OPEN)
        .order_by(Correction.made_at, Correction.id)
        .options(contains_eager(Correction.target).options(contains_eager(Target.list), place))
    )


def accept(session: Session, correction_id: int, *, by: str, note: str, now: datetime) -> Correction:
    """Keep that a person found the correction right. What follows from it is theirs to do: the target stays as it is.

    Raises:
        UnknownCorrectionError: there is no such correction.
        NotToBeDecidedError: it was decided before, or `by` or `note` is empty.
        FieldError: `by` is too long.
    """
    return _decide(session, correction_id, CorrectionState.ACCEPTED, by, note, now=now)


def dismiss(session: Session, correction_id: int, *, by: str, note: str, now: datetime) -> Correction:
    """Keep that a person found the correction wrong, or nothing to act on; raises as `accept` does."""
    return _decide(session, correction_id, CorrectionState.DISMISSED, by, note, now=now)


def erase_words(session: Session, now: datetime) -> int:
    """Erase the words of some corrections that were decided `WORDS_KEPT` ago; how many that were."""
    return erase_some(
        session,
        Correction,
        Correction.state != CorrectionState.OPEN,
        Correction.decided_at <= now - WORDS_KEPT,
        Correction.erased_at.is_(None),
        values={"words": "", "erased_at": now},
    )


def _decide(
    session: Session, correction_id: int, to: CorrectionState, by: str, note: str, *, now: datetime
) -> Correction:
    by, note = fitting(Correction.decided_by, clean_text(by)), note.strip()
    if not by or not note:
        raise NotToBeDecidedError("Say who decides, and what was found.")
    row = session.scalar(select(Correction).where(Correction.id == correction_id).with_for_update(of=Correction))
    if row is None:
        raise UnknownCorrectionError(
            f"There is no correction {correction_id}; `flask corrections list` has those that wait."
        )
    if row.state is not CorrectionState.OPEN:
        raise NotToBeDecidedError(f"The correction {correction_id} was {row.state} before, by {row.decided_by}.")
    row.state, row.decided_at, row.decided_by, row.note = to, now, by, note
    session.flush()
    return row

"""The kill switch: pauses that staff put on a campaign, a lane, a target, all letters, or all mail.

A brake stops what is claimed and what is about to be handed over; nobody's letter is turned away because of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import insert_or
from app.queue.models import Brake, BrakeScope


@dataclass(frozen=True, slots=True)
class Brakes:
    """All brakes that are on."""

    subjects: Mapping[BrakeScope, frozenset[int]] = field(default_factory=dict)

    def stops_all(self, *, letter: bool) -> bool:
        """Whether no letter (or no notice) may leave."""
        return BrakeScope.EVERYTHING in self.subjects or (letter and BrakeScope.LETTERS in self.subjects)

    def stops(self, scope: BrakeScope, subject_id: int) -> bool:
        """Whether this campaign, lane or target is stopped."""
        return subject_id in self.subjects.get(scope, ())


def brakes_on(session: Session) -> Brakes:
    """The brakes as they are now."""
    subjects = defaultdict(set)
    for scope, subject_id in session.execute(select(Brake.scope, Brake.subject_id)):
        subjects[scope].add(subject_id)
    return Brakes({scope: frozenset(ids) for scope, ids in subjects.items()})


def put_on(session: Session, scope: BrakeScope, subject_id: int, why: str, now: datetime) -> bool:
    """Stop what the scope and the subject name; returns false where it was stopped before."""
    row = {"scope": scope, "subject_id": subject_id, "why": why, "at": now}
    statement = insert_or(session, Brake).values(row).on_conflict_do_nothing().returning(Brake.id)
    return session.scalar(statement) is not None


def take_off(session: Session, scope: BrakeScope, subject_id: int) -> bool:
    """Let it go on; returns false where it was not stopped."""
    gone = delete(Brake).where(Brake.scope == scope, Brake.subject_id == subject_id).returning(Brake.id)
    return session.scalar(gone) is not None


def brakes_listed(session: Session) -> list[str]:
    """The brakes in words: what is stopped, since when, why."""
    return [
        f"{brake.scope} {brake.subject_id or ''}".rstrip() + f", since {brake.at:%Y-%m-%d %H:%M} UTC: {brake.why}"
        for brake in session.scalars(select(Brake).order_by(Brake.id))
    ]

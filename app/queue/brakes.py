"""The kill switch: pauses that staff put on a campaign, a lane, a target, all letters, or all mail.

A brake stops what is claimed and what is about to be handed over; nobody's letter is turned away because of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.campaigns.models import Campaign
from app.queue.models import Brake, BrakeScope, Lane
from app.ready import Ready
from app.statements import insert_or
from app.targets.models import Target, TargetList


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
    for scope, subject_id in _ON.run(session):
        subjects[scope].add(subject_id)
    return Brakes({scope: frozenset(ids) for scope, ids in subjects.items()})


_ON = Ready(lambda _: select(Brake.scope, Brake.subject_id))


def kept_on(session: Session, scope: BrakeScope, subjects: Collection[int]) -> set[int]:
    """Those of the subjects that are stopped. They stay so until the transaction ends: who lets one go on waits."""
    wanted = select(Brake.subject_id).where(Brake.scope == scope, Brake.subject_id.in_(subjects))
    return set(session.scalars(wanted.order_by(Brake.id).with_for_update(read=True)))


def put_on(session: Session, scope: BrakeScope, subject_id: int, why: str, now: datetime) -> bool:
    """Stop what the scope and the subject name; returns false where it was stopped before."""
    row = {"scope": scope, "subject_id": subject_id, "why": why, "at": now}
    statement = insert_or(session, Brake).values(row).on_conflict_do_nothing().returning(Brake.id)
    return session.scalar(statement) is not None


def take_off(session: Session, scope: BrakeScope, subject_id: int) -> bool:
    """Let it go on; returns false where it was not stopped."""
    gone = delete(Brake).where(Brake.scope == scope, Brake.subject_id == subject_id).returning(Brake.id)
    return session.scalar(gone) is not None


@dataclass(frozen=True, slots=True)
class ListedBrake:
    """One brake as staff see it."""

    scope: BrakeScope
    subject_id: int
    name: str
    """What it stops, as staff call it: `campaign own-streets`, `target councillors bob-sample`."""
    called: str
    """The same without its scope; empty for what has none. A target by its public name."""
    why: str
    at: datetime


def brakes_listed(session: Session) -> list[ListedBrake]:
    """The brakes that are on, oldest first."""
    listed = []
    for brake, *names, target in session.execute(_NAMED).all():
        keys = [*filter(None, names)]
        name, called = " ".join([brake.scope, *keys]), target or " ".join(keys)
        listed.append(ListedBrake(brake.scope, brake.subject_id, name, called, brake.why, brake.at))
    return listed


def _on(scope: BrakeScope, subject: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return (Brake.scope == scope) & (Brake.subject_id == subject)


_NAMED = (
    select(Brake, Campaign.slug, Lane.key, TargetList.slug, Target.external_id, Target.name)
    .outerjoin(Campaign, _on(BrakeScope.CAMPAIGN, Campaign.id))
    .outerjoin(Lane, _on(BrakeScope.LANE, Lane.id))
    .outerjoin(Target, _on(BrakeScope.TARGET, Target.id))
    .outerjoin(TargetList, TargetList.id == Target.list_id)
    .order_by(Brake.id)
)

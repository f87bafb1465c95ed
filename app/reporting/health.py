"""What distorts the figures, said beside them: a wrong address makes somebody look silent (writetothem #360)."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.activity import Step
from app.delivery.models import ReceivedReport, Standing
from app.queue.models import TargetCount
from app.queue.states import DeliveryState
from app.reporting.counters import states_of, steps_of
from app.reporting.overview import CAME_BACK, HANDED_OVER
from app.reporting.scope import Scope
from app.targets.freshness import day_of
from app.targets.models import Target

BAD_SHARE = 0.2
"""From this share of letters that came back an address is probably wrong."""
LEAST_LETTERS = 5
"""Fewer letters say nothing about an address."""


class Distorts(enum.StrEnum):
    """What may distort a figure."""

    NO_REPORTS = "no_reports"
    """Letters were handed over, and nobody has reported of any that it arrived."""
    UNCERTAIN = "uncertain"
    """Letters of which nobody knows whether they left."""
    UNATTRIBUTED = "unattributed"
    """Reports of which nobody knows the letter."""
    WRONG_ADDRESSES = "wrong_addresses"
    """Targets to whom many letters came back."""
    UNVERIFIED = "unverified"
    """Targets whose address nobody has checked."""
    STALE = "stale"
    """Targets from before an election."""
    UNSEEN_VIEWS = "unseen_views"
    """More have handed a letter in than were counted on the page: counting began later."""


@dataclass(frozen=True, slots=True)
class Distortion:
    """A warning, and of how many it is true."""

    what: Distorts
    number: int


def distortions(session: Session, scope: Scope, now: datetime) -> list[Distortion]:
    """What to know before reading the figures of some campaigns."""
    states, steps = states_of(session, scope), steps_of(session, scope)
    handed_over = sum(states[state] for state in HANDED_OVER)
    untold = 0 if states[DeliveryState.DELIVERED] else handed_over
    found = [
        Distortion(Distorts.NO_REPORTS, untold),
        Distortion(Distorts.UNCERTAIN, states[DeliveryState.UNCERTAIN]),
        Distortion(Distorts.UNATTRIBUTED, _unattributed(session)),
        Distortion(Distorts.UNSEEN_VIEWS, max(0, steps[Step.SUBMITTED] - steps[Step.VIEWED])),
    ]
    if not scope.whole:
        found += _of_targets(session, scope, now)
    return [one for one in found if one.number]


def _unattributed(session: Session) -> int:
    wanted = select(func.count()).select_from(ReceivedReport)
    return session.scalars(wanted.where(ReceivedReport.standing == Standing.UNATTRIBUTED)).one()


def _of_targets(session: Session, scope: Scope, now: datetime) -> Sequence[Distortion]:
    [campaign] = scope.campaigns
    written = select(TargetCount.target_id).where(TargetCount.campaign_id == campaign.id)
    targets = select(func.count()).select_from(Target).where(Target.id.in_(written), Target.archived_at.is_(None))
    returned: dict[int, list[int]] = {}
    counts = select(TargetCount.target_id, TargetCount.what, TargetCount.count)
    for target_id, what, number in session.execute(counts.where(TargetCount.campaign_id == campaign.id)):
        gone = returned.setdefault(target_id, [0, 0])
        gone[0] += number if what in CAME_BACK else 0
        gone[1] += number if what in (*HANDED_OVER, DeliveryState.FAILED) else 0
    wrong = sum(1 for back, gone in returned.values() if gone >= LEAST_LETTERS and back / gone >= BAD_SHARE)
    stale = targets.where(Target.stale_from <= day_of(now))
    return [
        Distortion(Distorts.WRONG_ADDRESSES, wrong),
        Distortion(Distorts.UNVERIFIED, session.scalars(targets.where(Target.verified_at.is_(None))).one()),
        Distortion(Distorts.STALE, session.scalars(stale).one()),
    ]

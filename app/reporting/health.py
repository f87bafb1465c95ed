"""What distorts the figures, said beside them: a wrong address makes somebody look silent (writetothem #360)."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.actions.activity import Step
from app.delivery.models import ReceivedReport, Standing
from app.queue.models import TargetCount
from app.queue.states import DeliveryState
from app.reporting.counters import Counters
from app.reporting.overview import CAME_BACK, HANDED_OVER
from app.targets.freshness import day_of
from app.targets.models import Target

BAD_SHARE = 0.2
"""From this share of letters that came back an address is probably wrong."""
LEAST_LETTERS = 5
"""Fewer letters say nothing about an address."""
_GONE = {*HANDED_OVER, *CAME_BACK}


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


def distortions(counters: Counters, now: datetime) -> list[Distortion]:
    """What to know before reading the figures of some campaigns."""
    states, steps = counters.states, counters.steps
    handed_over = sum(states[state] for state in HANDED_OVER)
    untold = 0 if states[DeliveryState.DELIVERED] else handed_over
    found = [
        Distortion(Distorts.NO_REPORTS, untold),
        Distortion(Distorts.UNCERTAIN, states[DeliveryState.UNCERTAIN]),
        Distortion(Distorts.UNATTRIBUTED, _unattributed(counters.session)),
        Distortion(Distorts.UNSEEN_VIEWS, max(0, steps[Step.SUBMITTED] - steps[Step.VIEWED])),
    ]
    if not counters.scope.whole:
        found += _of_targets(counters, now)
    return [one for one in found if one.number]


def _unattributed(session: Session) -> int:
    wanted = select(func.count()).select_from(ReceivedReport)
    return session.scalars(wanted.where(ReceivedReport.standing == Standing.UNATTRIBUTED)).one()


def _of_targets(counters: Counters, now: datetime) -> Sequence[Distortion]:
    [campaign] = counters.scope.campaigns
    back: Counter[int] = Counter()
    gone: Counter[int] = Counter()
    for target_id, what, number in counters.by_target:
        if what in _GONE:
            gone[target_id] += number
            back[target_id] += number if what in CAME_BACK else 0
    wrong = sum(1 for one, number in gone.items() if number >= LEAST_LETTERS and back[one] / number >= BAD_SHARE)
    written = select(TargetCount.target_id).where(TargetCount.campaign_id == campaign.id)
    unverified, stale = (
        func.coalesce(func.sum(case((of_them, 1), else_=0)), 0)
        for of_them in (Target.verified_at.is_(None), Target.stale_from <= day_of(now))
    )
    targets = select(unverified, stale).where(Target.id.in_(written), Target.archived_at.is_(None))
    unchecked, outdated = counters.session.execute(targets).one()
    return [
        Distortion(Distorts.WRONG_ADDRESSES, wrong),
        Distortion(Distorts.UNVERIFIED, unchecked),
        Distortion(Distorts.STALE, outdated),
    ]

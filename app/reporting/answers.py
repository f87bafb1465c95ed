"""To how many letters each target answered, as far as anybody told us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.reporting.counters import Counters
from app.reporting.outcomes import REPLIES
from app.reporting.scope import Scope
from app.reporting.targets import numbers_of


@dataclass(frozen=True, slots=True)
class TargetReplies:
    """To how many letters a target answered; none for a number that is withheld."""

    name: str
    answered: int | None
    automatic: int | None
    silent: int | None
    """Letters of which their writers tell that nothing came."""


def replies_by_target(session: Session, campaign: Campaign) -> Sequence[TargetReplies]:
    """What is known of each target of a campaign, who answered most first; under the rules of the tables by target."""
    found = [
        TargetReplies(target.name, *(numbers[column] for column in REPLIES))
        for target, numbers in numbers_of(Counters(session, Scope([campaign])), ("letters", *REPLIES))
        if any(numbers[column] for column in REPLIES)
    ]
    return sorted(found, key=lambda one: (-(one.answered or 0), one.name))

"""What supporters do in a campaign, counted step by step: in each hour, and by way, language and words.

Nothing here says who it was. A page that is seen twice counts twice, for nobody is followed from one to the other.
"""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Session

from app.actions.models import Action, CampaignTally
from app.counting import count
from app.queue.counters import count_in_hour
from app.statements import Totals

_TALLIES = Totals(CampaignTally, {"campaign_id": BigInteger(), "name": Text(), "label": Text(), "count": BigInteger()})


class Step(enum.StrEnum):
    """The steps to a letter; the states of its deliveries follow them."""

    VIEWED = "viewed"
    """The campaign's page was seen."""
    STARTED = "started"
    """The letter was opened for writing."""
    SUBMITTED = "submitted"
    """It was handed in, and waits to be confirmed."""
    CONFIRMED = "confirmed"


BY_SOURCE, BY_LANGUAGE, BY_SAMENESS, BY_SUBJECT = "source", "language", "sameness", "subject"
"""What the tallies of a step are taken by."""


def tally_name(step: Step, by: str) -> str:
    """The name of a step's tallies."""
    return f"{step}.{by}"


def count_step(
    session: Session, campaign_id: int, step: Step, now: datetime, *, source: str, language: str, number: int = 1
) -> None:
    """Count a step that was taken so many times by one way and in one language."""
    count_in_hour(session, campaign_id, step, now, number)
    _tally(session, campaign_id, step, {BY_SOURCE: source, BY_LANGUAGE: language}, number)


def count_act(session: Session, action: Action, step: Step, now: datetime) -> None:
    """Count a step of an action, by the subject too that its letter began with."""
    count_step(session, action.campaign_id, step, now, source=action.source, language=action.language)
    _tally(
        session, action.campaign_id, step, {BY_SUBJECT: subject_label(action.template_id, action.subject_variant)}, 1
    )


def count_sameness(session: Session, campaign_id: int, sameness: int) -> None:
    """Count how much of a confirmed letter is the campaign's own text (`app.letters.likeness`)."""
    _tally(session, campaign_id, Step.CONFIRMED, {BY_SAMENESS: sameness_label(sameness)}, 1)


def sameness_label(sameness: int) -> str:
    """The tenth that a sameness lies in; 100 is one of its own, the letter that was not changed."""
    return str(sameness // 10 * 10)


def subject_label(template_id: int, variant: int) -> str:
    """One of the subjects of one version of a letter."""
    return f"{template_id}/{variant}"


def _tally(session: Session, campaign_id: int, step: Step, labels: dict[str, str], number: int) -> None:
    counted = (((campaign_id, tally_name(step, by), label), number) for by, label in labels.items())
    count(session, _TALLIES, counted)

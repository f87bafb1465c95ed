"""The counters of the reports, recomputed from the rows: letters by target, what happened by the hour, supporters by
way, language and words. What supporters look at leaves no rows, so views and beginnings cannot be recomputed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Executable, Select, cast, func, literal_column, select
from sqlalchemy.orm import Session

from app.actions.activity import (
    BY_LANGUAGE,
    BY_SAMENESS,
    BY_SOURCE,
    BY_SUBJECT,
    Step,
    sameness_label,
    subject_label,
    tally_name,
)
from app.actions.models import Action, CampaignTally, Letter
from app.queue.models import LETTERS, CampaignHour, Delivery, DeliveryEvent, TargetCount
from app.queue.states import IN_HOUSE, DeliveryState

OUT = tuple(state for state in DeliveryState if state not in IN_HOUSE)
"""The states that are counted by target and by the hour."""
_UNSEEN = (Step.VIEWED, Step.STARTED)
"""Steps of which no row is kept."""
_MOMENTS = {Step.SUBMITTED: Action.submitted_at, Step.CONFIRMED: Action.confirmed_at}

_SUBJECTS = select(Action.campaign_id, Action.template_id, Action.subject_variant, func.count()).group_by(
    Action.campaign_id, Action.template_id, Action.subject_variant
)

Counts = dict[tuple[Hashable, ...], int]


def report_differences(session: Session) -> Iterator[str]:
    """Every counter of the reports that is not what the rows say, a line each."""
    yield from _lines(
        "campaign {}, target {}, {}",
        _read(session, select(TargetCount.campaign_id, TargetCount.target_id, TargetCount.what, TargetCount.count)),
        _targets(session),
    )
    hours = select(CampaignHour.campaign_id, CampaignHour.what, CampaignHour.hour, CampaignHour.count)
    yield from _lines(
        "campaign {}, {}, hour {}", _read(session, hours.where(CampaignHour.what.not_in(_UNSEEN))), _hours(session)
    )
    tallies = select(CampaignTally.campaign_id, CampaignTally.name, CampaignTally.label, CampaignTally.count)
    unseen = [tally_name(step, by) for step in _UNSEEN for by in (BY_SOURCE, BY_LANGUAGE)]
    yield from _lines(
        "campaign {}, {}, {}", _read(session, tallies.where(CampaignTally.name.not_in(unseen))), _supporters(session)
    )
    yield from _strayed(session)


def _lines(words: str, counted: Counts, there: Counts) -> Iterator[str]:
    for key in sorted(counted.keys() | there.keys(), key=str):
        said, found = counted.get(key, 0), there.get(key, 0)
        if said != found:
            yield f"{words.format(*key)}: the counter says {said}, there are {found}"


def _read(session: Session, wanted: Executable) -> Counts:
    """What a statement counts: its last column, by the others."""
    return {tuple(key): int(number) for *key, number in session.execute(wanted)}


def _targets(session: Session) -> Counts:
    letters = Delivery.target_id.is_not(None)
    all_of_them = select(Delivery.campaign_id, Delivery.target_id, func.count()).where(letters)
    found = _read(session, all_of_them.group_by(Delivery.campaign_id, Delivery.target_id))
    by_state = select(Delivery.campaign_id, Delivery.target_id, Delivery.state, func.count()).where(
        letters, Delivery.state.in_(OUT)
    )
    return {(*key, LETTERS): number for key, number in found.items()} | _read(
        session, by_state.group_by(Delivery.campaign_id, Delivery.target_id, Delivery.state)
    )


def _hours(session: Session) -> Counts:
    letters = Delivery.target_id.is_not(None)
    began = _hour(session, Delivery.created_at)
    made = select(Delivery.campaign_id, began, func.count()).where(letters).group_by(Delivery.campaign_id, began)
    found = _read(session, made)
    counts: Counts = {(campaign_id, LETTERS, hour): number for (campaign_id, hour), number in found.items()}
    at = _hour(session, DeliveryEvent.at)
    events = select(Delivery.campaign_id, DeliveryEvent.to_state, at, func.count()).join(
        Delivery, Delivery.id == DeliveryEvent.delivery_id
    )
    out = events.where(letters, DeliveryEvent.to_state.in_(OUT))
    counts |= _read(session, out.group_by(Delivery.campaign_id, DeliveryEvent.to_state, at))
    for step, moment in _MOMENTS.items():
        acted = select(Action.campaign_id, _hour(session, moment), func.count()).where(moment.is_not(None))
        found = _read(session, acted.group_by(Action.campaign_id, _hour(session, moment)))
        counts |= {(campaign_id, step, hour): number for (campaign_id, hour), number in found.items()}
    return counts


def _supporters(session: Session) -> Counts:
    counts: Counts = {}
    for step, moment in _MOMENTS.items():
        for by, column in ((BY_SOURCE, Action.source), (BY_LANGUAGE, Action.language)):
            found = _read(session, _acted(column).where(moment.is_not(None)))
            counts |= {
                (campaign_id, tally_name(step, by), label): number for (campaign_id, label), number in found.items()
            }
        for campaign_id, template_id, variant, number in session.execute(_SUBJECTS.where(moment.is_not(None))):
            counts[campaign_id, tally_name(step, BY_SUBJECT), subject_label(template_id, variant)] = int(number)
    for (campaign, sameness), number in _read(session, _acted(Action.sameness)).items():
        key = campaign, tally_name(Step.CONFIRMED, BY_SAMENESS), sameness_label(int(str(sameness)))
        counts[key] = counts.get(key, 0) + number
    return counts


def _acted(column: Any) -> Select[Any]:
    return (
        select(Action.campaign_id, column, func.count()).where(column.is_not(None)).group_by(Action.campaign_id, column)
    )


def _strayed(session: Session) -> Iterator[str]:
    """Deliveries that count for another target than the one whom their letter is to."""
    wanted = select(Delivery.id).outerjoin(Letter, Letter.id == Delivery.id)
    for delivery_id in session.scalars(wanted.where(Delivery.target_id.is_distinct_from(Letter.target_id)).limit(20)):
        yield f"delivery {delivery_id} counts for another target than its letter's"


def _hour(session: Session, moment: Any) -> ColumnElement[int]:
    """Which hour since 1970 a time lies in, as `app.queue.counters.hour_of` says."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(moment, BigInteger) // literal_column("3600000000")
    return cast(func.floor(func.extract("epoch", moment) / literal_column("3600")), BigInteger)

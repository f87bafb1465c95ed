"""When numbers of places and languages are published: once a day, and only if enough has changed.

Whoever reads a living table twice subtracts one reading from the other, and has what happened in between: one letter
from one ward. So these tables do not live. A column of them is taken down at the first sweep of the campaign's day, and
stays as it is until another day finds that about `LEAST` people's worth of it has changed: a day on which one person
wrote tells nothing of where. What is shown of it is a multiple of `LEAST` (`app.reporting.cells`), so no two readings
of a cell, of a sum of cells, or of what remains of one without the other, differ by less.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.actions.activity import BY_LANGUAGE, Step, tally_name
from app.campaigns.models import Campaign
from app.db import Sessions
from app.queue.models import StateCount
from app.queue.states import DeliveryState
from app.replies.models import ReplyCount
from app.reporting.cells import LEAST
from app.reporting.counters import Counters, Numbers
from app.reporting.models import PublishedColumn
from app.reporting.outcomes import COUNTED, REPLIES
from app.reporting.scope import Scope
from app.statements import insert_or

BY_TARGET, BY_LANE = "target", "lane"
LANE_STATES: Mapping[str, tuple[DeliveryState, ...]] = {
    "waiting": (DeliveryState.QUEUED, DeliveryState.SENDING),
    "held": (DeliveryState.HELD,),
}


@dataclass(frozen=True, slots=True)
class PublicationRound:
    """Publishes what is due."""

    sessions: Sessions

    def turn(self, now: datetime) -> int:
        """See to every campaign that has not been seen to on this day of its own; how many there were."""
        with self.sessions.read() as session:
            due = _due(session, now)
        for campaign_id in due:
            with self.sessions.write() as session:
                publish(session, session.get_one(Campaign, campaign_id), now)
        return len(due)


def publish(session: Session, campaign: Campaign, now: datetime) -> None:
    """Look at all columns of a campaign, unless that was done today, and publish those that have changed enough."""
    today = _day(campaign.time_zone, now)
    columns = dict(_columns(session, campaign))
    blank = [{"campaign_id": campaign.id, "name": name, "day": date.min, "numbers": {}} for name in sorted(columns)]
    session.execute(insert_or(session, PublishedColumn).on_conflict_do_nothing(), blank)
    # Of two workers the second waits here, and finds nothing to do.
    for row in session.scalars(_of(campaign).order_by(PublishedColumn.name).with_for_update()):
        if row.day < today and row.name in columns:
            row.numbers = dict(after(row.numbers, columns[row.name], _enough(campaign, row.name)))
            row.day = today


def after(published: Numbers, current: Numbers, enough: int) -> Numbers:
    """What is published next. A column changes as a whole or not at all."""
    changed = sum(abs(current.get(key, 0) - published.get(key, 0)) for key in {*published, *current})
    return {key: number for key, number in current.items() if number} if changed >= enough else published


def column_name(what: str, by: str) -> str:
    """The name of a published column."""
    return f"{what}.{by}"


def _of(campaign: Campaign) -> Select[PublishedColumn]:
    return select(PublishedColumn).where(PublishedColumn.campaign_id == campaign.id)


def _due(session: Session, now: datetime) -> list[int]:
    """The campaigns of which a column has not been looked at on this day of theirs."""
    oldest = select(PublishedColumn.campaign_id, func.min(PublishedColumn.day)).group_by(PublishedColumn.campaign_id)
    seen_to = dict(session.execute(oldest).all())
    zones = session.execute(select(Campaign.id, Campaign.time_zone).order_by(Campaign.id))
    return [campaign_id for campaign_id, zone in zones if seen_to.get(campaign_id, date.min) < _day(zone, now)]


def _day(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _enough(campaign: Campaign, name: str) -> int:
    """How much of a column five people change, when each has as many letters as most."""
    counts_people = name.endswith(f".{BY_LANGUAGE}")
    people, letters = campaign.confirmed_count, campaign.letter_count
    return LEAST if counts_people or not people else LEAST * -(-letters // people)


def _columns(session: Session, campaign: Campaign) -> Iterator[tuple[str, Numbers]]:
    """Every column as it stands at this moment."""
    counters = Counters(session, Scope([campaign]))
    yield from of_targets(counters)
    yield from _of_lanes(session, campaign)
    for step in Step:
        name = tally_name(step, BY_LANGUAGE)
        yield name, counters.tallies[name]


def of_targets(counters: Counters) -> Iterator[tuple[str, Numbers]]:
    """The columns by target of the one campaign, as they stand at this moment."""
    [campaign] = counters.scope.campaigns
    yield from _put_together(counters.by_target, COUNTED, BY_TARGET)
    replies = select(ReplyCount.target_id, ReplyCount.answer, ReplyCount.count)
    answers = {name: (answer,) for name, answer in REPLIES.items()}
    here = replies.where(ReplyCount.campaign_id == campaign.id)
    yield from _put_together(counters.session.execute(here), answers, BY_TARGET)


def _of_lanes(session: Session, campaign: Campaign) -> Iterator[tuple[str, Numbers]]:
    counts = select(StateCount.lane_id, StateCount.state, StateCount.count)
    here = counts.where(StateCount.campaign_id == campaign.id)
    yield from _put_together(session.execute(here), LANE_STATES, BY_LANE)


def _put_together(
    counts: Iterable[tuple[int, str, int]], columns: Mapping[str, Sequence[str]], by: str
) -> Iterator[tuple[str, Numbers]]:
    """Columns that are each the sum of what is counted of some kinds of things, by target or by lane."""
    columns_of: dict[str, list[str]] = defaultdict(list)
    for name, kinds in columns.items():
        for what in kinds:
            columns_of[what].append(name)
    found: dict[str, Counter[str]] = {name: Counter() for name in columns}
    for key, what, number in counts:
        for name in columns_of.get(what, ()):
            found[name][str(key)] += number
    for name, numbers in found.items():
        yield column_name(name, by), numbers

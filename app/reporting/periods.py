"""Hours, days and weeks by a clock on the wall, and what happened in them.

The counters know whole hours in UTC. A day of the campaign's time zone is made of those that begin in it: 23 of them
when the clock goes forward, 25 when it goes back. In a zone that is half an hour off, what happened in the hour around
midnight counts to the day in which that hour began.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, Text, bindparam, func, select
from sqlalchemy.orm import Session

from app.columns import UNIX_EPOCH
from app.queue.counters import hour_of
from app.queue.models import CampaignHour
from app.ready import GivenTable, Ready, one_of_given
from app.reporting.counters import SERIES, Counters
from app.reporting.scope import Scope
from app.reporting.tables import Row, Table


class Unit(enum.StrEnum):
    """How long a period is."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


MOST = {Unit.HOURS: 72, Unit.DAYS: 90, Unit.WEEKS: 260}
"""How many periods are told, the newest ones."""
COLUMNS = ("start", *SERIES)
"""The columns of all three tables."""


@dataclass(frozen=True, slots=True)
class Period:
    """Some hours that follow each other."""

    label: str
    """How it is written: `2026-11-24`, or `2026-11-24T09:00+00:00`."""
    start: int
    """Its first hour, as `hour_of` counts them."""
    end: int
    """The first hour that is not in it."""


def periods(unit: Unit, zone: ZoneInfo, first: datetime, now: datetime) -> list[Period]:
    """The periods from the one that `first` lies in to the one that `now` lies in; of many the newest."""
    if unit is Unit.HOURS:
        hours = range(max(hour_of(first), hour_of(now) - MOST[unit] + 1), hour_of(now) + 1)
        return [Period(_moment(hour).astimezone(zone).isoformat(timespec="minutes"), hour, hour + 1) for hour in hours]
    step = timedelta(days=7 if unit is Unit.WEEKS else 1)
    day, last = (_start_day(moment.astimezone(zone).date(), unit) for moment in (first, now))
    day = max(day, last - step * (MOST[unit] - 1))
    days = [day + step * number for number in range((last - day) // step + 2)]
    return [Period(one.isoformat(), _hour_at(one, zone), _hour_at(other, zone)) for one, other in pairwise(days)]


def by_time(counters: Counters, now: datetime) -> Mapping[Unit, Table]:
    """What happened by the hour, the day and the week, since the first of it."""
    if not counters.first_hours:
        return {unit: Table(unit, COLUMNS, []) for unit in Unit}
    began = _moment(min(counters.first_hours.values()))
    wanted = {unit: periods(unit, counters.scope.zone, began, now) for unit in Unit}
    sums = happened(counters.session, counters.scope, [one for some in wanted.values() for one in some], SERIES)
    places = count()
    return {unit: Table(unit, COLUMNS, _rows(zip(some, places, strict=False), sums)) for unit, some in wanted.items()}


def _rows(asked: Iterable[tuple[Period, int]], sums: Counter[tuple[int, str]]) -> list[Row]:
    return [(one.label, *(sums[place, what] for what in SERIES)) for one, place in asked]


def happened(session: Session, scope: Scope, asked: Sequence[Period], what: Sequence[str]) -> Counter[tuple[int, str]]:
    """How often each thing happened in each period, by the period's place; the database adds the hours up."""
    if not asked:
        return Counter()
    spans = _SPANS.values(session, [(place, one.start, one.end) for place, one in enumerate(asked)])
    found = _HAPPENED.run(session, ids=scope.ids, what=what, **spans)
    return Counter({(place, name): int(number) for place, name, number in found})


_SPANS = GivenTable({"place": BigInteger(), "start": BigInteger(), "end": BigInteger()})


def _in_spans(dialect: str) -> Select[int, str, int]:
    span = _SPANS.build(dialect)
    what = bindparam("what", type_=Text(), expanding=True)
    return (
        select(span.c.place, CampaignHour.what, func.sum(CampaignHour.count))
        .join_from(span, CampaignHour, (CampaignHour.hour >= span.c.start) & (CampaignHour.hour < span.c.end))
        .where(one_of_given(dialect, CampaignHour.campaign_id), CampaignHour.what.in_(what))
        .group_by(span.c.place, CampaignHour.what)
    )


_HAPPENED = Ready(_in_spans)


def _moment(hour: int) -> datetime:
    return UNIX_EPOCH + timedelta(hours=hour)


def _start_day(day: date, unit: Unit) -> date:
    """The day that a period begins with; weeks begin on a Monday."""
    return day - timedelta(days=day.weekday()) if unit is Unit.WEEKS else day


def _hour_at(day: date, zone: ZoneInfo) -> int:
    """The first hour that begins on a day."""
    midnight = datetime.combine(day, time(), zone).astimezone(UNIX_EPOCH.tzinfo)
    return -(-(midnight - UNIX_EPOCH) // timedelta(hours=1))

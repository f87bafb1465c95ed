"""Every table of a report by its name, for the pages and for whoever takes one away: the same figures either way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from sqlalchemy.orm import Session

from app.queue.lanes import LaneRules
from app.reporting import breakdowns, lanes, overview, periods, subjects, targets
from app.reporting.breakdowns import by_language, by_source, own_words
from app.reporting.counters import Counters
from app.reporting.lanes import LaneStand, lane_stands, lanes_table
from app.reporting.overview import campaigns_table, funnel, states_table
from app.reporting.periods import Unit, by_time
from app.reporting.scope import Scope
from app.reporting.subjects import Trials, by_subject, tried_subjects
from app.reporting.tables import Table
from app.reporting.targets import GROUPS, TargetTables, by_place, target_tables


@dataclass(frozen=True)
class Inquiry:
    """What is asked: of which campaigns, when, and by which rules letters leave. What several tables need
    is read once.
    """

    session: Session
    scope: Scope
    rules: LaneRules
    now: datetime

    @cached_property
    def counters(self) -> Counters:
        """Their counters."""
        return Counters(self.session, self.scope)

    @cached_property
    def stands(self) -> Sequence[LaneStand]:
        """The lanes."""
        return lane_stands(self.session, self.scope, self.rules, self.now)

    @cached_property
    def periods(self) -> Mapping[Unit, Table]:
        """What happened by hours, days and weeks."""
        return by_time(self.counters, self.now)

    @cached_property
    def targets(self) -> TargetTables:
        """The targets of the one campaign."""
        return target_tables(self.counters)

    @cached_property
    def subjects(self) -> Trials:
        """The subjects that letters began with."""
        return tried_subjects(self.counters)


Making: TypeAlias = Callable[[Inquiry], Table]


def _lanes(asked: Inquiry) -> Table:
    return lanes_table(asked.counters, asked.stands)


def _by(unit: Unit) -> Making:
    return lambda asked: asked.periods[unit]


def _group(number: int) -> Making:
    return lambda asked: asked.targets.groups[number]


@dataclass(frozen=True, slots=True)
class Kind:
    """What one table has in its columns, before anybody has made it, and how it is made."""

    columns: Sequence[str]
    make: Making


_ANY: Mapping[str, Kind] = {
    "funnel": Kind(overview.FUNNEL, lambda asked: funnel(asked.counters)),
    "states": Kind(overview.STATES, lambda asked: states_table(asked.counters)),
    "sources": Kind(breakdowns.SOURCES, lambda asked: by_source(asked.counters)),
    **{unit.value: Kind(periods.COLUMNS, _by(unit)) for unit in Unit},
}
HOUSE: Mapping[str, Kind] = {
    "campaigns": Kind(overview.CAMPAIGNS, lambda asked: campaigns_table(asked.counters)),
    "lanes": Kind(lanes.REFUSING, _lanes),
    **_ANY,
}
"""The tables over several campaigns. None of them divides people or places, for the campaigns' own tables do so, and
small numbers could be worked out from both."""
CAMPAIGN: Mapping[str, Kind] = {
    "lanes": Kind(lanes.LANES, _lanes),
    **_ANY,
    "targets": Kind(targets.TARGETS, lambda asked: asked.targets.targets),
    **{name: Kind((name, *targets.FIGURES), _group(number)) for number, name in enumerate(GROUPS)},
    "languages": Kind(breakdowns.LANGUAGES, lambda asked: by_language(asked.counters)),
    "words": Kind(breakdowns.WORDS, lambda asked: own_words(asked.counters)),
    "subjects": Kind(subjects.COLUMNS, lambda asked: by_subject(asked.subjects)),
}
"""The tables of one campaign."""


def make_table(asked: Inquiry, name: str) -> Table | None:
    """One table; none where there is none of that name."""
    kind = (HOUSE if asked.scope.whole else CAMPAIGN).get(name)
    return None if kind is None else kind.make(asked)


def tells_of_people(scope: Scope, name: str) -> bool:
    """Whether a table has numbers of places or of kinds of people, and so only what was published of them."""
    if scope.whole:
        return False
    return name == "languages" or (name in ("targets", "lanes", *GROUPS) and by_place(scope.campaigns[0]))

"""Which council or company turns letters away: since when, what it said, and what waits for it meanwhile."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.models import CampaignState
from app.hours import HOUSE_ZONE
from app.queue.brakes import Brakes, brakes_on
from app.queue.lanes import NOTICES, LaneRules, nameless
from app.queue.models import BrakeScope, Lane, StateCount
from app.queue.states import DeliveryState
from app.reporting.cells import Leaf, Protected, coarse
from app.reporting.counters import Counters, Numbers
from app.reporting.publication import BY_LANE, LANE_STATES, column_name
from app.reporting.scope import Scope
from app.reporting.tables import Cell, Table
from app.reporting.targets import by_place
from app.statements import among

S = DeliveryState
REFUSING = ("lane", "way", "refuses_since", "said")
"""The columns of the lanes that refuse."""
LANES = (*REFUSING, "waiting", "held")
"""The columns of one campaign's lanes."""


class Way(enum.StrEnum):
    """Whether letters go by a lane now."""

    OPEN = "open"
    CLOSED = "closed"
    """Outside its hours."""
    TRIES = "tries"
    """It turned letters away; single ones try again."""
    RESTS = "rests"
    """It turned letters away, and none is tried for now."""
    PAUSED = "paused"
    """Staff have stopped it."""


@dataclass(frozen=True, slots=True)
class LaneStand:
    """One lane with the letters of some campaigns."""

    lane: Lane
    way: Way
    states: Counter[DeliveryState]

    @property
    def refuses(self) -> bool:
        """Whether its receiver turns letters away."""
        return self.way in (Way.TRIES, Way.RESTS)

    @property
    def waiting(self) -> int:
        """Letters that wait for their turn."""
        return self.states[S.QUEUED] + self.states[S.SENDING]


def lane_stands(session: Session, scope: Scope, rules: LaneRules, now: datetime) -> list[LaneStand]:
    """The lanes that letters of these campaigns leave by: those that refuse first, then those where most waits."""
    wanted = (
        select(StateCount.lane_id, StateCount.state, func.sum(StateCount.count))
        .where(among(session, StateCount.campaign_id, scope.ids), StateCount.count > 0)
        .group_by(StateCount.lane_id, StateCount.state)
    )
    states: dict[int, Counter[DeliveryState]] = defaultdict(Counter)
    for lane_id, state, number in session.execute(wanted):
        states[lane_id][state] = int(number)
    lanes = session.scalars(select(Lane).where(among(session, Lane.id, states.keys()), Lane.key != NOTICES))
    brakes = brakes_on(session)
    stands = [LaneStand(lane, _way(lane, brakes, rules, now), states[lane.id]) for lane in lanes]
    return sorted(stands, key=lambda one: (not one.refuses, -one.waiting, one.lane.key))


def lanes_table(counters: Counters, stands: Sequence[LaneStand]) -> Table:
    """Lanes as they stand. How many letters each has is told for one campaign only: from several tables of campaigns
    that share a lane, small numbers could be worked out.

    A council's lane tells of a place. Of a campaign whose targets follow from where supporters live it has the numbers
    that were published, and no lane stands there for having a letter or two.
    """
    if counters.scope.whole:
        return Table("lanes", REFUSING, [_told(one) for one in stands if one.refuses])
    [campaign] = counters.scope.campaigns
    if not by_place(campaign):
        return Table("lanes", LANES, [(*_told(one), one.waiting, one.states[S.HELD]) for one in stands])
    stands = sorted(stands, key=lambda one: (not one.refuses, one.lane.key))
    columns = [_shown(stands, counters.published.get(column_name(what, BY_LANE), {})) for what in LANE_STATES]
    numbers = [[column[place] for column in columns] for place in range(len(stands))]
    rows = [(*_told(one), *row) for one, row in zip(stands, numbers, strict=True) if one.refuses or any(row)]
    return Table("lanes", LANES, rows)


def _shown(stands: Sequence[LaneStand], numbers: Numbers) -> list[int | None]:
    protected = Protected([Leaf(numbers.get(str(one.lane.id), 0)) for one in stands])
    return [coarse(protected.leaf(place)) for place in range(len(stands))]


def _told(one: LaneStand) -> tuple[Cell, ...]:
    """A lane's name, way, and what its receiver said while it refuses."""
    since = one.lane.troubled_since
    return (
        nameless(one.lane.key),
        one.way.value,
        since.isoformat(timespec="minutes") if since and one.refuses else "",
        one.lane.said if one.refuses else "",
    )


def _way(lane: Lane, brakes: Brakes, rules: LaneRules, now: datetime) -> Way:
    if brakes.stops_all(letter=True) or brakes.stops(BrakeScope.LANE, lane.id):
        return Way.PAUSED
    if lane.rests_until is not None and lane.rests_until > now:
        return Way.RESTS
    if lane.trips:
        return Way.TRIES
    return Way.OPEN if rules.hours_of(lane).open_at(now, HOUSE_ZONE) else Way.CLOSED


def campaign_rests(session: Session, scope: Scope) -> bool:
    """Whether no letter of one campaign goes out: it is paused, won, or stopped by a brake."""
    [campaign] = scope.campaigns
    resting = campaign.state not in (CampaignState.LIVE, CampaignState.CLOSED)
    return resting or brakes_on(session).stops(BrakeScope.CAMPAIGN, campaign.id)

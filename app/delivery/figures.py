"""How the house stands in numbers, for the metrics: nobody's address, and no cost for what waits.

Everything is read from rows, so that any process may be asked. The counters, tallies and lanes are few however many
letters there are; how old the oldest letter is, an index says for each campaign in each lane.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.lane_report import counts_by_lane
from app.delivery.models import Tally
from app.mail.reports import ReportKind
from app.mail.transport import Outcome
from app.queue.choose import open_streams
from app.queue.counters import Place
from app.queue.lanes import NOTICES, AnyLane, LaneRules, nameless
from app.queue.models import Brake, BrakeScope, Delivery, Heartbeat, Lane, StateCount
from app.queue.states import DeliveryState

LANES_NAMED = 500
"""Lanes that have a name of their own in the figures, the oldest ones; a number that only grows must not change its
name, so those that came later share one."""

OTHER_LANES = "other"

WATCHED_STATES = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.SENDING, DeliveryState.UNCERTAIN)
"""States that a delivery leaves again; these are counted for each lane."""

OUTCOMES = tuple(outcome.__name__.lower() for outcome in get_args(Outcome))

REPORTS = (*(kind.value for kind in ReportKind), "repeated", "unattributed", "ignored", "malformed", "refused")
"""What a report says, or what became of it; whole posts are refused, for their signature."""


class Kind(StrEnum):
    """What a mail is: a letter, or a notice of ours to a supporter."""

    LETTER = "letter"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class LaneFigures:
    """One lane, or those that share a name."""

    open: Mapping[DeliveryState, int]
    """Deliveries in the states of `WATCHED_STATES`."""
    sends: Mapping[str, int]
    """Answers to hand-overs since the house began, by their outcome."""
    resting: int
    """How many of them rest now."""
    troubled: int
    """How many of them turn us away: they rest, or try with single letters."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The house at one moment. What there is none of is there as 0."""

    deliveries: Mapping[tuple[Kind, DeliveryState], int]
    lanes: Mapping[str, LaneFigures]
    """By their names: a mail domain, `notices`, `*@` and a domain, `other`."""
    reports: Mapping[str, int]
    """Reports received since the house began, by what became of them."""
    brakes: Mapping[BrakeScope, int]
    oldest_due: Mapping[Kind, timedelta]
    """For how long the oldest queued delivery has been due, whatever it waits for."""
    overdue: Mapping[Kind, timedelta]
    """For how long something has lain that nothing keeps from leaving."""
    swept_at: datetime | None
    """When a worker swept last."""


def read_figures(session: Session, rules: LaneRules, now: datetime) -> Figures:
    """The figures as the rows say them now."""
    counts, tallies, oldest = counts_by_lane(session), _tallies(session), _oldest(session)
    # Lanes are added and never removed: read after what names them, they are all there.
    lanes = session.scalars(select(Lane).order_by(Lane.id)).all()
    kinds = {lane.id: _kind_of(lane) for lane in lanes}
    return Figures(
        deliveries=_deliveries(kinds, counts),
        lanes=_lanes(lanes, counts, tallies["sends"], now),
        reports=dict.fromkeys(REPORTS, 0) | {label: count for (_, label), count in tallies["reports"].items()},
        brakes=dict.fromkeys(BrakeScope, 0) | Counter(session.scalars(select(Brake.scope))),
        oldest_due=_ages(now, ((kinds[place.lane_id], due_at) for place, due_at in oldest.items())),
        overdue=_ages(now, _free_since(session, oldest, rules, now)),
        swept_at=session.scalar(select(Heartbeat.at).where(Heartbeat.id == 1)),
    )


def _kind_of(lane: AnyLane) -> Kind:
    return Kind.NOTICE if lane.key == NOTICES else Kind.LETTER


def _tallies(session: Session) -> dict[str, Counter[tuple[int, str]]]:
    tallies: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for name, lane_id, label, count in session.execute(select(Tally.name, Tally.lane_id, Tally.label, Tally.count)):
        tallies[name][lane_id, label] = count
    return tallies


def _deliveries(
    kinds: Mapping[int, Kind], counts: Mapping[int, Counter[DeliveryState]]
) -> dict[tuple[Kind, DeliveryState], int]:
    totals: Counter[tuple[Kind, DeliveryState]] = Counter()
    for lane_id, states in counts.items():
        for state, number in states.items():
            totals[kinds[lane_id], state] += number
    return {(kind, state): totals[kind, state] for kind in Kind for state in DeliveryState}


def _lanes(
    lanes: Iterable[Lane],
    counts: Mapping[int, Counter[DeliveryState]],
    sends: Counter[tuple[int, str]],
    now: datetime,
) -> dict[str, LaneFigures]:
    sharing: dict[str, list[Lane]] = defaultdict(list)
    for number, lane in enumerate(lanes):
        sharing[nameless(lane.key) if number < LANES_NAMED else OTHER_LANES].append(lane)
    return {
        name: LaneFigures(
            open={state: sum(counts[lane.id][state] for lane in some) for state in WATCHED_STATES},
            sends={outcome: sum(sends[lane.id, outcome] for lane in some) for outcome in OUTCOMES},
            resting=sum(lane.rests_until is not None and lane.rests_until > now for lane in some),
            troubled=sum(lane.troubled_since is not None for lane in some),
        )
        for name, some in sharing.items()
    }


_OLDEST = (
    select(Delivery.due_at)
    .where(
        Delivery.lane_id == StateCount.lane_id,
        Delivery.campaign_id == StateCount.campaign_id,
        Delivery.state == DeliveryState.QUEUED,
    )
    .order_by(Delivery.due_at, Delivery.id)
    .limit(1)
    .correlate(StateCount)
    .scalar_subquery()
)


def _oldest(session: Session) -> dict[Place, datetime]:
    """When what is due first of each campaign in each lane is due: one look into `ix_delivery_waiting` for each."""
    wanted = select(StateCount.lane_id, StateCount.campaign_id, _OLDEST).where(
        StateCount.state == DeliveryState.QUEUED, StateCount.count > 0
    )
    found = ((Place(lane_id, campaign_id), due_at) for lane_id, campaign_id, due_at in session.execute(wanted))
    return {place: due_at for place, due_at in found if due_at is not None}


def _free_since(
    session: Session, oldest: Mapping[Place, datetime], rules: LaneRules, now: datetime
) -> Iterable[tuple[Kind, datetime]]:
    """Since when nothing but a worker has been missing: it was due, and lane and campaign had their next turn."""
    for lane, campaign_id, campaign_turn in open_streams(session, now, rules):
        if (due_at := oldest.get(Place(lane.id, campaign_id))) is not None:
            turn = lane.next_at if rules.pace_of(lane) else None
            turns = (turn, campaign_turn, lane.rests_until, lane.tries_until)
            since = [due_at, *(time for time in turns if time is not None)]
            yield _kind_of(lane), max(since)


def _ages(now: datetime, since: Iterable[tuple[Kind, datetime]]) -> dict[Kind, timedelta]:
    """The age of the oldest of each kind; nothing, and what lies in the future, has none."""
    ages = dict.fromkeys(Kind, timedelta())
    for kind, time in since:
        ages[kind] = max(ages[kind], now - time)
    return ages

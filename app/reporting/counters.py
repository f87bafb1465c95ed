"""Reading the counters that the sending transactions keep. No page reads a letter's row."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.activity import BY_SOURCE, Step, tally_name
from app.actions.models import CampaignTally
from app.campaigns.models import Campaign
from app.db import among
from app.queue.lanes import NOTICES
from app.queue.models import CampaignHour, Lane, StateCount
from app.queue.states import DeliveryState
from app.reporting.scope import Scope


def states_of(session: Session, scope: Scope) -> Counter[DeliveryState]:
    """How many letters are in each state."""
    total: Counter[DeliveryState] = Counter()
    for states in states_by_campaign(session, scope).values():
        total.update(states)
    return total


def states_by_campaign(session: Session, scope: Scope) -> dict[int, Counter[DeliveryState]]:
    """How many letters of each campaign are in each state."""
    wanted = (
        select(StateCount.campaign_id, StateCount.state, func.sum(StateCount.count))
        .join(Lane, Lane.id == StateCount.lane_id)
        .where(Lane.key != NOTICES, among(session, StateCount.campaign_id, scope.ids))
        .group_by(StateCount.campaign_id, StateCount.state)
    )
    found: dict[int, Counter[DeliveryState]] = defaultdict(Counter)
    for campaign_id, state, number in session.execute(wanted):
        found[campaign_id][state] = int(number)
    return found


def steps_of(session: Session, scope: Scope) -> Counter[str]:
    """How often each step was taken, since it is counted."""
    by_step = {tally_name(step, BY_SOURCE): step for step in Step}
    counted: Counter[str] = Counter()
    for step in Step:
        counted[step] = 0
    for name, labels in tallies_of(session, scope, *by_step).items():
        counted[by_step[name]] = labels.total()
    return counted


def tallies_of(session: Session, scope: Scope, *names: str) -> dict[str, Counter[str]]:
    """Some tallies, by their labels."""
    wanted = (
        select(CampaignTally.name, CampaignTally.label, func.sum(CampaignTally.count))
        .where(among(session, CampaignTally.campaign_id, scope.ids), CampaignTally.name.in_(names))
        .group_by(CampaignTally.name, CampaignTally.label)
    )
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    for name, label, number in session.execute(wanted):
        found[name][label] = int(number)
    return found


def first_hour(session: Session, scope: Scope, *what: str) -> int | None:
    """The hour in which any of these things happened first: one look into the index for each campaign and thing."""
    earliest = select(func.min(CampaignHour.hour)).where(CampaignHour.campaign_id == Campaign.id)
    firsts = [earliest.where(CampaignHour.what == name).correlate(Campaign).scalar_subquery() for name in what]
    found = session.execute(select(*firsts).select_from(Campaign).where(among(session, Campaign.id, scope.ids)))
    return min((hour for row in found for hour in row if hour is not None), default=None)

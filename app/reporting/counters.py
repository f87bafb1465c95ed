"""Reading the counters that the sending transactions keep. No page reads a letter's row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.activity import BY_SOURCE, Step, tally_name
from app.actions.models import CampaignTally
from app.campaigns.models import Campaign
from app.queue.lanes import NOTICES
from app.queue.models import LETTERS, CampaignHour, Lane, StateCount, TargetCount
from app.queue.states import DeliveryState
from app.reporting.models import PublishedColumn
from app.reporting.scope import Scope
from app.statements import among

Numbers: TypeAlias = Mapping[str, int]
"""By target, lane or language."""
SERIES: tuple[str, ...] = (
    Step.VIEWED,
    Step.STARTED,
    Step.SUBMITTED,
    Step.CONFIRMED,
    LETTERS,
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.FAILED,
)
"""What is told of each period."""


@dataclass(frozen=True)
class Counters:
    """The counters of some campaigns. Those of a kind are read once, however many tables are made of them."""

    session: Session
    scope: Scope

    @cached_property
    def states_by_campaign(self) -> Mapping[int, Counter[DeliveryState]]:
        """How many letters of each campaign are in each state."""
        wanted = (
            select(StateCount.campaign_id, StateCount.state, func.sum(StateCount.count))
            .join(Lane, Lane.id == StateCount.lane_id)
            .where(Lane.key != NOTICES, among(self.session, StateCount.campaign_id, self.scope.ids))
            .group_by(StateCount.campaign_id, StateCount.state)
        )
        found: dict[int, Counter[DeliveryState]] = defaultdict(Counter)
        for campaign_id, state, number in self.session.execute(wanted):
            found[campaign_id][state] = int(number)
        return found

    @cached_property
    def states(self) -> Counter[DeliveryState]:
        """How many letters are in each state."""
        total: Counter[DeliveryState] = Counter()
        for states in self.states_by_campaign.values():
            total.update(states)
        return total

    @cached_property
    def tallies(self) -> Mapping[str, Counter[str]]:
        """Every tally by its name (`app.actions.activity.tally_name`), and in it how many under each label."""
        wanted = (
            select(CampaignTally.name, CampaignTally.label, func.sum(CampaignTally.count))
            .where(among(self.session, CampaignTally.campaign_id, self.scope.ids))
            .group_by(CampaignTally.name, CampaignTally.label)
        )
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for name, label, number in self.session.execute(wanted):
            found[name][label] = int(number)
        return found

    @cached_property
    def steps(self) -> Counter[str]:
        """How often each step was taken, since it is counted."""
        return Counter({step: self.tallies[tally_name(step, BY_SOURCE)].total() for step in Step})

    @cached_property
    def by_target(self) -> Sequence[tuple[int, str, int]]:
        """What came of the letters to each target, by its id: the states they passed, and how often."""
        wanted = select(TargetCount.target_id, TargetCount.what, TargetCount.count).where(
            among(self.session, TargetCount.campaign_id, self.scope.ids)
        )
        return self.session.execute(wanted).all()

    @cached_property
    def published(self) -> Mapping[str, Numbers]:
        """What is published of the one campaign (`app.reporting.publication`), by the name of the column."""
        [campaign] = self.scope.campaigns
        wanted = select(PublishedColumn.name, PublishedColumn.numbers)
        return dict(self.session.execute(wanted.where(PublishedColumn.campaign_id == campaign.id)).all())

    @cached_property
    def first_hours(self) -> Mapping[str, int]:
        """The hour in which each thing that is counted by hours happened first, as far as it did: one look into the
        index for each campaign and thing.
        """
        earliest = select(func.min(CampaignHour.hour)).where(CampaignHour.campaign_id == Campaign.id)
        firsts = [earliest.where(CampaignHour.what == name).correlate(Campaign).scalar_subquery() for name in SERIES]
        here = among(self.session, Campaign.id, self.scope.ids)
        rows = self.session.execute(select(*firsts).select_from(Campaign).where(here)).all()
        hours = {name: [row[place] for row in rows if row[place] is not None] for place, name in enumerate(SERIES)}
        return {name: min(some) for name, some in hours.items() if some}

"""What waits where: the letters of each campaign in each lane that may move now. The counters say it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.hours import Hours
from app.queue.brakes import Brakes
from app.queue.lanes import NOTICES, LaneRules
from app.queue.models import BrakeScope, Lane, StateCount
from app.queue.states import DeliveryState

SENDS = or_(
    Campaign.state == CampaignState.LIVE,
    and_(Campaign.state == CampaignState.CLOSED, Campaign.keeps_sending.is_not(False)),
    and_(Campaign.state == CampaignState.WON, Campaign.keeps_sending.is_(True)),
)
"""Whether a campaign's letters go out. Those confirmed before its end are still owed, unless staff have said that they
are not; after a win they are not, unless staff have said that they are. A pause keeps them waiting."""


class Stream(NamedTuple):
    """The deliveries of one campaign that wait in one lane."""

    lane_id: int
    campaign_id: int


def moving_streams(
    session: Session, now: datetime, rules: LaneRules, brakes: Brakes
) -> tuple[dict[Lane, list[Stream]], dict[Stream, int]]:
    """What waits in lanes that do not rest, of campaigns that are sending and within their hours, by lane; and the pace
    of those that have one of their own.
    """
    waiting = (
        select(Lane, StateCount.campaign_id, Campaign.time_zone, Campaign.hours, Campaign.pace)
        .join(StateCount, StateCount.lane_id == Lane.id)
        .outerjoin(Campaign, Campaign.id == StateCount.campaign_id)  # mail to staff is of none
        .where(
            StateCount.state == DeliveryState.QUEUED,
            StateCount.count > 0,
            or_(Lane.rests_until.is_(None), Lane.rests_until <= now),
            or_(Lane.tries_until.is_(None), Lane.tries_until <= now),
            or_(Lane.key == NOTICES, SENDS),
        )
    )
    by_lane: dict[Lane, list[Stream]] = defaultdict(list)
    paces: dict[Stream, int] = {}
    for lane, campaign_id, time_zone, hours, pace in session.execute(waiting):
        if _braked(brakes, lane, campaign_id) or not _open(lane, rules, hours, now, ZoneInfo(time_zone or "UTC")):
            continue
        stream = Stream(lane.id, campaign_id)
        by_lane[lane].append(stream)
        if pace is not None and lane.key != NOTICES:
            paces[stream] = pace
    return by_lane, paces


def _open(lane: Lane, rules: LaneRules, hours: str | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether both the lane and the campaign, which has `hours`, are within their hours; notices keep none."""
    own = Hours() if hours is None or lane.key == NOTICES else Hours.parse(hours)
    return rules.hours_of(lane).open_at(now, zone) and own.open_at(now, zone)


def _braked(brakes: Brakes, lane: Lane, campaign_id: int) -> bool:
    letter = lane.key != NOTICES
    return (
        brakes.stops_all(letter=letter)
        or brakes.stops(BrakeScope.LANE, lane.id)
        or (letter and brakes.stops(BrakeScope.CAMPAIGN, campaign_id))
    )


def resting_campaigns(session: Session) -> set[int]:
    """The campaigns whose letters do not go out in the state that they are in."""
    return set(session.scalars(select(Campaign.id).where(not_(SENDS))))

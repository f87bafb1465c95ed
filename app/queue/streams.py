"""What waits where: the letters of each campaign in each lane that may move now. The counters say it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, not_, or_, select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.columns import UtcDateTime
from app.hours import Hours
from app.queue.brakes import Brakes
from app.queue.lanes import NOTICES, LaneLook, LaneRules
from app.queue.models import BrakeScope, Lane, StateCount
from app.queue.states import DeliveryState
from app.ready import Ready

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
) -> tuple[dict[LaneLook, list[Stream]], dict[Stream, int]]:
    """What waits in lanes that do not rest, of campaigns that are sending and within their hours, by lane; and the pace
    of those that have one of their own.
    """
    by_lane: dict[LaneLook, list[Stream]] = defaultdict(list)
    paces: dict[Stream, int] = {}
    for campaign_id, time_zone, hours, pace, *looked_at in _WAITING.run(session, now=now).all():
        lane = LaneLook(*looked_at)
        if _braked(brakes, lane, campaign_id) or not _open(lane, rules, hours, now, ZoneInfo(time_zone or "UTC")):
            continue
        stream = Stream(lane.id, campaign_id)
        by_lane[lane].append(stream)
        if pace is not None and lane.key != NOTICES:
            paces[stream] = pace
    return by_lane, paces


def _waiting(_dialect: str) -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=UtcDateTime())
    looked_at = (Lane.__table__.c[name] for name in LaneLook._fields)
    return (
        select(StateCount.campaign_id, Campaign.time_zone, Campaign.hours, Campaign.pace, *looked_at)
        .join(Lane, Lane.id == StateCount.lane_id)
        .outerjoin(Campaign, Campaign.id == StateCount.campaign_id)  # mail to staff is of none
        .where(
            StateCount.state == DeliveryState.QUEUED,
            StateCount.count > 0,
            or_(Lane.rests_until.is_(None), Lane.rests_until <= now),
            or_(Lane.tries_until.is_(None), Lane.tries_until <= now),
            or_(Lane.key == NOTICES, SENDS),
        )
    )


_WAITING = Ready(_waiting)


def _open(lane: LaneLook, rules: LaneRules, hours: str | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether both the lane and the campaign, which has `hours`, are within their hours; notices keep none."""
    own = Hours() if hours is None or lane.key == NOTICES else Hours.parse(hours)
    return rules.hours_of(lane).open_at(now, zone) and own.open_at(now, zone)


def _braked(brakes: Brakes, lane: LaneLook, campaign_id: int) -> bool:
    letter = lane.key != NOTICES
    return (
        brakes.stops_all(letter=letter)
        or brakes.stops(BrakeScope.LANE, lane.id)
        or (letter and brakes.stops(BrakeScope.CAMPAIGN, campaign_id))
    )


def resting_campaigns(session: Session) -> set[int]:
    """The campaigns whose letters do not go out in the state that they are in."""
    return set(_RESTING.run(session).scalars())


_RESTING = Ready(lambda _: select(Campaign.id).where(not_(SENDS)))

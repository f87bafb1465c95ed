"""Opening and closing by time: once, by whichever worker, and never much too late."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.campaigns.models import Campaign, CampaignState, OpeningHeld
from app.db import Sessions
from app.running.clockwork import Clockwork
from app.staff.models import AuditEntry
from tests.running.conftest import MOST_LATE
from tests.support.builders import Scene, make_scene
from tests.support.threads import together

S = CampaignState
HOUR = timedelta(hours=1)


def campaign_of(scene: Scene) -> Campaign:
    with scene.sessions.read() as session:
        return session.get_one(Campaign, scene.campaign_id)


def deeds(scene: Scene) -> list[str]:
    with scene.sessions.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_it_opens_at_its_time_and_closes_at_its_time_and_not_before(scheduled: Scene, clockwork: Clockwork) -> None:
    seen = []
    for after in (HOUR - timedelta(seconds=1), HOUR, timedelta(days=7) - timedelta(seconds=1), timedelta(days=7)):
        clockwork.turn(scheduled.now + after)
        seen.append(campaign_of(scheduled).state)
    assert seen == [S.SCHEDULED, S.LIVE, S.LIVE, S.CLOSED]
    assert deeds(scheduled) == ["campaign.opened", "campaign.closed"]


def test_of_several_workers_one_opens_it_and_writes_it_down_once(scheduled: Scene, clockwork: Clockwork) -> None:
    together(*[lambda: clockwork.turn(scheduled.now + HOUR)] * 4)
    assert campaign_of(scheduled).state is S.LIVE
    assert Counter(deeds(scheduled)) == {"campaign.opened": 1}


@pytest.mark.parametrize(("late", "state"), [(MOST_LATE, S.LIVE), (MOST_LATE + timedelta(seconds=1), S.SCHEDULED)])
def test_an_opening_that_is_too_late_waits_for_a_person(
    scheduled: Scene, clockwork: Clockwork, late: timedelta, state: CampaignState
) -> None:
    for more in (timedelta(), timedelta(minutes=1)):
        clockwork.turn(scheduled.now + HOUR + late + more)
    campaign = campaign_of(scheduled)
    assert campaign.state is state
    assert campaign.opening_held is (None if state is S.LIVE else OpeningHeld.LATE)
    assert deeds(scheduled) == ["campaign.opened" if state is S.LIVE else "campaign.opening_held"]


def test_what_would_be_over_already_is_not_opened(sessions: Sessions, clockwork: Clockwork, now: datetime) -> None:
    scene = make_scene(sessions, now, state=S.SCHEDULED, opens_at=now - HOUR, closes_at=now - timedelta(minutes=5))
    clockwork.turn(now)
    assert campaign_of(scene).opening_held is OpeningHeld.LATE


@pytest.mark.parametrize("state", [S.LIVE, S.PAUSED])
def test_a_closing_is_never_too_late(
    sessions: Sessions, clockwork: Clockwork, now: datetime, state: CampaignState
) -> None:
    scene = make_scene(sessions, now, state=state, closes_at=now - timedelta(days=40))
    clockwork.turn(now)
    assert campaign_of(scene).state is S.CLOSED


@pytest.mark.parametrize("state", [S.DRAFT, S.LIVE, S.PAUSED, S.CLOSED, S.WON])
def test_only_scheduled_campaigns_open(
    sessions: Sessions, clockwork: Clockwork, now: datetime, state: CampaignState
) -> None:
    scene = make_scene(sessions, now, state=state, opens_at=now - HOUR)
    assert clockwork.turn(now) == []
    assert campaign_of(scene).state is state

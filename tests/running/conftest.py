"""A borough with a campaign that staff run, on each database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.campaigns.models import CampaignState
from app.db import Sessions
from app.running.clockwork import Clockwork
from app.staff_settings import LaunchSettings
from tests.support.builders import Scene, make_scene

MOST_LATE = timedelta(hours=2)


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """A live campaign to ward councillors; the test runs on each kind of database."""
    return make_scene(sessions, now)


@pytest.fixture
def scheduled(sessions: Sessions, now: datetime) -> Scene:
    """A campaign that opens in an hour, and closes a week later."""
    times = {"opens_at": now + timedelta(hours=1), "closes_at": now + timedelta(days=7)}
    return make_scene(sessions, now, state=CampaignState.SCHEDULED, **times)


@pytest.fixture
def clockwork(sessions: Sessions) -> Clockwork:
    """As a worker turns it."""
    return Clockwork(sessions, LaunchSettings(1000, MOST_LATE))

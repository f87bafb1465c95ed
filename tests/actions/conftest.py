"""A borough with a campaign, on each database or on SQLite alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from app.db import Sessions
from tests.support.builders import Scene, add_county, make_scene

MakeScene = Callable[..., Scene]


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """A live campaign to ward councillors; the test runs on each kind of database."""
    return make_scene(sessions, now)


@pytest.fixture
def sqlite_scene(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """The same, for what does not depend on the kind of database."""
    return make_scene(sqlite_sessions, now)


@pytest.fixture
def make_two_tiers(sessions: Sessions, now: datetime) -> MakeScene:
    """Zedmere and Thornshire, and a campaign with these columns."""

    def make(**columns: Any) -> Scene:
        scene = make_scene(sessions, now, **columns)
        with sessions.write() as session:
            add_county(session, now)
        return scene

    return make

"""A borough with a campaign, on each database or on SQLite alone."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.db import Sessions
from tests.support.builders import Scene, make_scene


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """A live campaign to ward councillors; the test runs on each kind of database."""
    return make_scene(sessions, now)


@pytest.fixture
def sqlite_scene(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """The same, for what does not depend on the kind of database."""
    return make_scene(sqlite_sessions, now)

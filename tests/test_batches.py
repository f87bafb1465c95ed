"""Forgetting a few rows at a time, by one key or by several."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.actions.models import Throttle
from app.actions.review_models import AlikeText
from app.batches import delete_some, erase_some
from app.db import Sessions
from tests.support.builders import Scene, make_scene


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """Each kind of database has ways of its own to limit what is deleted."""
    return make_scene(sessions, now)


def test_rows_go_a_few_at_a_time_until_none_is_left(scene: Scene) -> None:
    with scene.sessions.write() as session:
        for number in range(5):
            session.add(Throttle(bucket=bytes([number]) * 32, count=1, window_ends=scene.now))
        session.add(Throttle(bucket=b"k" * 32, count=1, window_ends=scene.now + timedelta(hours=1)))
    went = []
    for _ in range(4):
        with scene.sessions.write() as session:
            went.append(delete_some(session, Throttle, Throttle.window_ends <= scene.now, at_most=2))
    assert went == [2, 2, 1, 0]
    with scene.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Throttle)) == 1


def test_what_is_erased_is_only_what_was_asked_for(scene: Scene) -> None:
    with scene.sessions.write() as session:
        for number in range(3):
            mark = bytes([number]) * 32
            session.add(AlikeText(campaign_id=scene.campaign_id, mark=mark, count=number, seen_at=scene.now))
    with scene.sessions.write() as session:
        assert erase_some(session, AlikeText, AlikeText.count >= 1, AlikeText.count < 9, values={"count": 9}) == 2
    with scene.sessions.read() as session:
        assert sorted(session.scalars(select(AlikeText.count))) == [0, 9, 9]

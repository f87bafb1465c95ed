"""Housekeeping: in batches, each in a transaction of its own; what fails with one kind of thing keeps no other back."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.actions.models import Throttle
from app.db import Sessions
from app.worker.housekeeping import EVERY, PURGES, Housekeeping, Purge
from tests.support.builders import make_scene
from tests.support.fakes import FakeClock


def fill(sessions: Sessions, number: int, ends: datetime) -> None:
    with sessions.write() as session:
        for one in range(number):
            session.add(Throttle(bucket=one.to_bytes(32), count=1, window_ends=ends))


def left(sessions: Sessions) -> int:
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Throttle)) or 0


def test_every_purge_works_on_a_house_with_nothing_to_forget(
    sessions: Sessions, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    make_scene(sessions, now)
    Housekeeping(sessions, FakeClock(now), threading.Event()).turn()
    assert "round failed" not in caplog.text


def test_a_long_purge_lets_others_write_between_its_batches(sqlite_sessions: Sessions, now: datetime) -> None:
    fill(sqlite_sessions, 1100, now - timedelta(minutes=1))
    batches: list[int] = []
    windows = next(purge for purge in PURGES if purge.name == "windows")

    def forget(session: Session, at: datetime) -> int:
        batches.append(windows.forget(session, at))
        return batches[-1]

    Housekeeping(sqlite_sessions, FakeClock(now), threading.Event(), [Purge("windows", forget)]).turn()
    assert batches == [500, 500, 100]
    assert left(sqlite_sessions) == 0


def test_a_purge_that_fails_keeps_no_other_from_being_made(
    sqlite_sessions: Sessions, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fill(sqlite_sessions, 3, now - timedelta(minutes=1))

    def break_down(session: Session, _now: datetime) -> int:
        session.execute(text("DELETE FROM nowhere"))
        return 0

    purges = [Purge("broken", break_down), *PURGES]
    Housekeeping(sqlite_sessions, FakeClock(now), threading.Event(), purges).turn()
    assert left(sqlite_sessions) == 0
    assert "purge of broken" in caplog.text
    assert "'failed': 1" in caplog.text or "failed=1" in caplog.text


def test_the_house_is_kept_once_an_hour(sqlite_sessions: Sessions, now: datetime) -> None:
    made: list[datetime] = []

    def note(_session: Session, at: datetime) -> int:
        made.append(at)
        return 0

    clock = FakeClock(now)
    house = Housekeeping(sqlite_sessions, clock, threading.Event(), [Purge("noted", note)])
    for passed in (timedelta(), EVERY / 2, EVERY / 2):
        clock.advance(passed)
        house.turn()
    assert made == [now, now + EVERY]


def test_who_is_asked_to_stop_begins_no_other_batch(sqlite_sessions: Sessions, now: datetime) -> None:
    fill(sqlite_sessions, 600, now - timedelta(minutes=1))
    stopping = threading.Event()
    windows = next(purge for purge in PURGES if purge.name == "windows")

    def forget(session: Session, at: datetime) -> int:
        stopping.set()
        return windows.forget(session, at)

    Housekeeping(sqlite_sessions, FakeClock(now), stopping, [Purge("windows", forget)]).turn()
    assert left(sqlite_sessions) == 100

"""The three kinds of transaction: one that cannot write, one that does, and one that is undone."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import IDLE_SECONDS, Sessions
from app.queue.models import Heartbeat

REFUSED = r"read-?only"
BEAT = text("UPDATE heartbeat SET id = id")


class BrokenOffError(Exception):
    """A block breaks off."""


def break_off() -> None:
    raise BrokenOffError


@pytest.fixture
def beating(sessions: Sessions, now: datetime) -> Sessions:
    """A database with one row in it; its connection has written."""
    with sessions.write() as session:
        session.add(Heartbeat(id=1, at=now))
    return sessions


def beats(sessions: Sessions) -> list[int]:
    with sessions.read() as session:
        return list(session.scalars(select(Heartbeat.id)))


def test_what_would_write_is_refused_where_only_reading_was_asked_for(beating: Sessions) -> None:
    with pytest.raises(DBAPIError, match=REFUSED), beating.read() as session:
        session.execute(BEAT)
    with beating.write() as session:
        session.execute(BEAT)
    with pytest.raises(DBAPIError, match=REFUSED), beating.read() as session:
        session.execute(BEAT)


def test_what_was_changed_of_objects_that_were_read_is_not_written(beating: Sessions, now: datetime) -> None:
    with beating.read() as session:
        session.get_one(Heartbeat, 1).id = 2
        session.add(Heartbeat(id=3, at=now))
    assert beats(beating) == [1]


def test_a_trial_sees_what_it_writes_and_leaves_nothing(beating: Sessions, now: datetime) -> None:
    with beating.trial() as session:
        session.add(Heartbeat(id=2, at=now))
        assert session.scalars(select(Heartbeat.id).order_by(Heartbeat.id)).all() == [1, 2]
    assert beats(beating) == [1]


def test_what_raises_ends_each_kind_without_a_trace(beating: Sessions, now: datetime) -> None:
    for open_session in (beating.write, beating.trial, beating.read):
        with suppress(BrokenOffError), open_session() as session:
            session.add(Heartbeat(id=2, at=now))
            break_off()
    assert beats(beating) == [1]


def test_other_transactions_of_the_engine_may_write(beating: Sessions) -> None:
    assert beats(beating) == [1]
    with beating.engine.begin() as connection:
        connection.execute(BEAT)


def test_a_connection_whose_server_is_gone_is_replaced_once_it_was_idle(postgresql_sessions: Sessions) -> None:
    def answer(session: Session) -> int:
        return session.scalars(text("SELECT pg_backend_pid()")).one()

    open_session = postgresql_sessions.read
    with open_session() as one, open_session() as another:
        before = {answer(one), answer(another)}
    with open_session() as session:
        (gone,) = before - {answer(session)}
        session.execute(text("SELECT pg_terminate_backend(CAST(:pid AS INTEGER))"), {"pid": gone})
    time.sleep(IDLE_SECONDS * 1.2)
    with open_session() as one, open_session() as another:
        after = {answer(one), answer(another)}
    assert len(after - {gone}) == 2

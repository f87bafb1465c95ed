"""Statements that are built once do what they would if they were built each time, on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import BigInteger, Select, Text, Update, bindparam, select, update

from app.db import Sessions
from app.delivery.models import Tally
from app.queue.lanes import lanes_of
from app.queue.models import Lane
from app.ready import GivenHashes, GivenTable, Ready, ReadyObjects, one_of_given
from app.statements import Totals, among

ODD = ["", "NULL", "null", "a,b", "{}", '"quoted"', "back\\slash \\n", "line\nend\ttab", "ليلى", "’", " blank ", "42"]


def _lanes(sessions: Sessions, *keys: str) -> list[int]:
    with sessions.write() as session:
        return [lanes_of(session, [f"someone@{key}"])[f"someone@{key}"] for key in keys]


def test_it_is_built_once_for_each_dialect(sessions: Sessions) -> None:
    built: list[str] = []

    def build(dialect: str) -> Select[str]:
        built.append(dialect)
        return select(Lane.key).where(one_of_given(dialect, Lane.id))

    first, second = _lanes(sessions, "a.example", "b.example")
    ready = Ready(build)
    with sessions.read() as session:
        name = session.get_bind().dialect.name
        assert ready.run(session, ids=[first, second]).scalars().all() == ["a.example", "b.example"]
        assert ready.run(session, ids=[second]).scalars().all() == ["b.example"]
        assert ready.run(session, ids=[]).scalars().all() == []
    assert built == [name]


def test_what_waits_in_the_session_is_written_before(sessions: Sessions) -> None:
    ready = Ready(lambda _: select(Lane.id).where(Lane.said == bindparam("words")))
    (lane_id,) = _lanes(sessions, "a.example")
    with sessions.write() as session:
        session.get_one(Lane, lane_id).said = "not today"
        assert ready.run(session, words="not today").scalars().all() == [lane_id]


def test_objects_are_the_sessions_own(sessions: Sessions) -> None:
    ready = ReadyObjects(lambda dialect: select(Lane).where(one_of_given(dialect, Lane.id)))
    (lane_id,) = _lanes(sessions, "a.example")
    with sessions.write() as session:
        (lane,) = ready.all(session, ids=[lane_id])
        assert lane is session.get_one(Lane, lane_id)


def test_a_value_with_the_name_of_a_column_that_is_written_is_refused(sessions: Sessions, now: datetime) -> None:
    """SQLAlchemy would set the column to it."""

    def build(_dialect: str) -> Update:
        return update(Lane).where(Lane.next_at < bindparam("next_at")).values(said="turned away")

    ready = Ready(build)
    with sessions.write() as session, pytest.raises(ValueError, match="values with the names of columns: next_at"):
        ready.run(session, next_at=now)


def test_values_that_a_statement_does_not_name_are_left_out(sessions: Sessions, now: datetime) -> None:
    (lane_id,) = _lanes(sessions, "a.example")
    ready = Ready(lambda dialect: update(Lane).where(one_of_given(dialect, Lane.id)).values(said="turned away"))
    with sessions.write() as session:
        ready.run(session, ids=[lane_id], next_at=now)
        lane = session.get_one(Lane, lane_id)
        assert (lane.said, lane.next_at) == ("turned away", None)


def test_a_given_table_has_the_rows_that_it_was_given(sessions: Sessions) -> None:
    given = GivenTable({"number": BigInteger(), "words": Text()})

    def build(dialect: str) -> Select[int, str]:
        table = given.build(dialect)
        return select(table.c.number, table.c.words).order_by(table.c.number)

    ready, rows = Ready(build), [(2**40 + number, words) for number, words in enumerate(ODD)]
    with sessions.read() as session:
        assert ready.run(session, **given.values(session, rows)).all() == rows
        assert ready.run(session, **given.values(session, rows[:1])).all() == rows[:1]


def test_counters_are_added_up_under_their_keys(sessions: Sessions) -> None:

    totals = Totals(Tally, {"name": Text(), "lane_id": BigInteger(), "label": Text(), "count": BigInteger()})
    with sessions.write() as session:
        totals.add(session, [("odd", 0, label, number) for number, label in enumerate(sorted(ODD))])
        totals.add(session, [("odd", 0, label, 100) for label in sorted(ODD)])
        totals.add(session, [])
        found = {row.label: row.count for row in session.scalars(select(Tally))}
    assert found == {label: 100 + number for number, label in enumerate(sorted(ODD))}


def test_any_number_may_be_asked_for_at_once(sessions: Sessions) -> None:
    first, *_ = _lanes(sessions, "a.example", "b.example")
    with sessions.read() as session:
        wanted = among(session, Lane.id, {first, *range(10**6, 10**6 + 70_000)})
        assert session.scalars(select(Lane.key).where(wanted)).all() == ["a.example"]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_given_hashes_are_those_that_it_was_given(sessions: Sessions, number: int) -> None:
    given = GivenHashes(4)
    hashes = [b"\x00\xff'\\", b'"{,}', b"\n\r\x01\x80"][:number]
    ready = Ready(given.build)
    with sessions.read() as session:
        found = ready.run(session, **given.values(session, hashes)).scalars()
        assert sorted(map(bytes, found)) == sorted(hashes)

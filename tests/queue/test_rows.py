"""Putting deliveries on the queue and moving them from state to state."""

from __future__ import annotations

import itertools
from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.columns import Base
from app.queue.claim import NO_LEASE
from app.queue.lanes import notices_lane
from app.queue.models import Delivery, DeliveryEvent
from app.queue.rows import LONGEST_DETAIL, IllegalMoveError, Move, Parcel, move, put
from app.queue.states import TRANSITIONS, WITHDRAWABLE, DeliveryState, EventSource, Purpose
from tests.queue.conftest import Queue
from tests.support.threads import together

S = DeliveryState
LEGAL = {
    (S.QUEUED, S.SENDING),
    (S.QUEUED, S.HELD),
    (S.QUEUED, S.SUPPRESSED),
    (S.QUEUED, S.CANCELLED),
    (S.SENDING, S.SENT),
    (S.SENDING, S.QUEUED),
    (S.SENDING, S.HELD),
    (S.SENDING, S.SUPPRESSED),
    (S.SENDING, S.FAILED),
    (S.SENDING, S.UNCERTAIN),
    (S.HELD, S.QUEUED),
    (S.HELD, S.CANCELLED),
    (S.UNCERTAIN, S.SENT),
    (S.UNCERTAIN, S.DELIVERED),
    (S.UNCERTAIN, S.BOUNCED),
    (S.UNCERTAIN, S.QUEUED),
    (S.SENT, S.DELIVERED),
    (S.SENT, S.BOUNCED),
    (S.SENT, S.COMPLAINED),
    (S.DELIVERED, S.BOUNCED),
    (S.DELIVERED, S.COMPLAINED),
    (S.QUEUED, S.FAILED),
    (S.SENDING, S.CANCELLED),
    (S.BOUNCED, S.COMPLAINED),
    (S.BOUNCED, S.QUEUED),
    (S.QUEUED, S.DELIVERED),
    (S.HELD, S.DELIVERED),
}
WORKER = EventSource.WORKER


def test_every_state_has_its_line_in_the_table_of_moves() -> None:
    assert set(TRANSITIONS) == set(S)


@pytest.mark.parametrize(("origin", "to"), list(itertools.product(S, S)))
def test_the_table_of_moves_is_kept(origin: DeliveryState, to: DeliveryState) -> None:
    if (origin, to) in LEGAL:
        assert Move(origin, to, WORKER).to is to
    else:
        with pytest.raises(IllegalMoveError, match=f"^{origin} → {to}$"):
            Move(origin, to, WORKER)


def test_what_has_not_left_can_be_withdrawn() -> None:
    assert {S.QUEUED, S.HELD} == WITHDRAWABLE


def test_only_letters_must_not_arrive_twice() -> None:
    assert [purpose for purpose in Purpose if purpose.at_most_once] == [Purpose.LETTER]


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("delivery", "purpose", Purpose),
        ("delivery", "state", S),
        ("delivery_event", "source", EventSource),
        ("delivery_event", "from_state", S),
        ("delivery_event", "to_state", S),
    ],
)
def test_the_database_takes_the_words_of_the_enum_and_no_other(
    queue: Queue, table: str, column: str, kind: type[StrEnum]
) -> None:
    ids = queue.put(Purpose.LETTER)
    with queue.sessions.write() as session:
        move(session, ids, Move(S.QUEUED, S.HELD, WORKER), queue.now)
    change = text(f"UPDATE {table} SET {column} = :word WHERE id = (SELECT max(id) FROM {table})")  # noqa: S608 - ours
    for word in kind:
        with queue.sessions.trial() as session:
            assert session.execute(change, {"word": word.value}).rowcount == 1  # type: ignore[attr-defined] # a cursor's
    with pytest.raises(IntegrityError, match=f"ck_{table}_{column}"), queue.sessions.write() as session:
        session.execute(change, {"word": "elsewhere"})


@pytest.mark.parametrize("row", [Delivery, DeliveryEvent])
def test_no_check_of_what_every_letter_writes_is_slow_on_sqlite(sqlite_queue: Queue, row: type[Base]) -> None:
    """For an `IN` it builds a table of the values for each row (docs/adr/0031-what-a-letter-costs.md)."""
    with sqlite_queue.sessions.read() as session:
        written = session.scalars(
            text("SELECT sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL"),
            {"name": row.__tablename__},
        ).all()
    assert any("CHECK" in sql for sql in written)
    assert [sql for sql in written if " IN (" in sql] == []


def test_a_move_changes_the_row_and_is_recorded(sqlite_queue: Queue) -> None:
    queue, later = sqlite_queue, sqlite_queue.now + timedelta(minutes=1)
    for origin, to in sorted(LEGAL):
        [delivery_id] = queue.put(Purpose.LETTER, state=origin)
        change = Move(origin, to, EventSource.STAFF, reason="because", detail="450 4.2.1 Busy")
        with queue.sessions.write() as session:
            assert move(session, [delivery_id], change, later) == [delivery_id]
        row = queue.get(delivery_id)
        assert (row.state, row.reason, row.changed_at, row.due_at) == (to, "because", later, queue.now)
        event = queue.scene.story(delivery_id)[-1]
        assert (event.from_state, event.to_state, event.source) == (origin, to, EventSource.STAFF)
        assert (event.at, event.detail) == (later, "450 4.2.1 Busy")


def test_a_row_that_somebody_else_has_moved_is_left_alone(queue: Queue) -> None:
    moved, left = queue.put(Purpose.LETTER, Purpose.LETTER)
    with queue.sessions.write() as session:
        move(session, [left], Move(S.QUEUED, S.CANCELLED, WORKER), queue.now)
        assert move(session, [moved, left, 999_999], Move(S.QUEUED, S.HELD, WORKER), queue.now) == [moved]
    assert (queue.state(moved), queue.state(left)) == (S.HELD, S.CANCELLED)
    assert [event.to_state for event in queue.scene.story(left)] == [S.QUEUED, S.CANCELLED]


def test_a_move_under_another_lease_does_nothing(queue: Queue) -> None:
    [delivery_id] = queue.put(Purpose.LETTER)
    mine = queue.claim().lease_id
    sent = Move(S.SENDING, S.SENT, WORKER)
    with queue.sessions.write() as session:
        assert move(session, [delivery_id], sent, queue.now, lease=mine + 1) == []
        assert move(session, [delivery_id], sent, queue.now, lease=NO_LEASE) == []
    assert queue.state(delivery_id) is S.SENDING
    with queue.sessions.write() as session:
        assert move(session, [delivery_id], sent, queue.now, lease=mine) == [delivery_id]


def test_a_move_can_set_the_time_and_give_the_attempt_back(queue: Queue) -> None:
    [delivery_id] = queue.put(Purpose.LETTER, state=S.SENDING)
    with queue.sessions.write() as session:
        session.get_one(Delivery, delivery_id).attempts = 3
    due = queue.now + timedelta(hours=1)
    with queue.sessions.write() as session:
        move(session, [delivery_id], Move(S.SENDING, S.QUEUED, WORKER, due_at=due, refund=True), queue.now)
    row = queue.get(delivery_id)
    assert (row.attempts, row.due_at) == (2, due)


def test_no_rows_are_no_work(sqlite_queue: Queue) -> None:
    queue = sqlite_queue
    with queue.sessions.read() as session:
        assert move(session, [], Move(S.QUEUED, S.HELD, WORKER), queue.now) == []
        assert put(session, [], queue.now) == []


def test_of_many_who_move_one_row_at_one_moment_one_does(queue: Queue) -> None:
    [delivery_id] = queue.put(Purpose.LETTER)

    def hold() -> list[int]:
        with queue.sessions.write() as session:
            return move(session, [delivery_id], Move(S.QUEUED, S.HELD, WORKER), queue.now)

    assert sorted(together(*[hold] * 4)) == [[], [], [], [delivery_id]]
    assert len(queue.scene.story(delivery_id)) == 2


def test_a_detail_that_is_too_long_is_cut(sqlite_queue: Queue) -> None:
    queue = sqlite_queue
    [delivery_id] = queue.put(Purpose.LETTER)
    with queue.sessions.write() as session:
        move(session, [delivery_id], Move(S.QUEUED, S.HELD, WORKER, detail="x" * 5000), queue.now)
    assert queue.scene.story(delivery_id)[-1].detail == "x" * LONGEST_DETAIL


def test_put_answers_in_the_order_of_the_parcels(queue: Queue) -> None:
    purposes = list(itertools.islice(itertools.cycle(Purpose), 200))
    ids = queue.put(*purposes)
    assert [queue.get(delivery_id).purpose for delivery_id in ids] == purposes


def test_what_is_put_on_the_queue_is_due_at_once_and_recorded(sqlite_queue: Queue) -> None:
    queue = sqlite_queue
    with queue.sessions.write() as session:
        parcel = Parcel(Purpose.THANK_YOU, queue.scene.campaign_id, queue.action_id, notices_lane(session))
        [delivery_id] = put(session, [parcel], queue.now)
    row = queue.get(delivery_id)
    assert (row.state, row.due_at, row.attempts, row.reason) == (S.QUEUED, queue.now, 0, "")
    assert (row.created_at, row.changed_at, row.lease_id) == (queue.now, queue.now, None)
    [event] = queue.scene.story(delivery_id)
    assert (event.from_state, event.to_state, event.source) == (None, S.QUEUED, EventSource.SYSTEM)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(S), st.sampled_from(S)), max_size=30))
def test_the_events_are_the_history_of_the_row_whatever_is_tried(
    sqlite_queue: Queue, steps: list[tuple[DeliveryState, DeliveryState]]
) -> None:
    queue = sqlite_queue
    [delivery_id] = queue.put(Purpose.LETTER)
    history: list[DeliveryState] = [S.QUEUED]
    with queue.sessions.write() as session:
        for origin, to in steps:
            try:
                change = Move(origin, to, WORKER)
            except IllegalMoveError:
                continue
            moved = move(session, [delivery_id], change, queue.now)
            assert bool(moved) == (origin is history[-1])
            history += [to] if moved else []
    assert queue.state(delivery_id) is history[-1]
    events = queue.scene.story(delivery_id)
    assert [event.to_state for event in events] == history
    assert [event.from_state for event in events] == [None, *history[:-1]]

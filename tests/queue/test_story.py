"""What happened to a delivery is told from its row, its leases and its events, as if each change had its own row."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.queue.models import DeliveryEvent, Lease
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.queue.story import Change
from tests.queue.conftest import Queue

S, WORKER = DeliveryState, EventSource.WORKER
MINUTE = timedelta(minutes=1)


def test_a_row_without_events_is_told_as_it_began(queue: Queue) -> None:
    [delivery_id] = queue.put(Purpose.LETTER)
    assert queue.scene.story(delivery_id) == [Change(queue.now, EventSource.SYSTEM, None, S.QUEUED)]


def test_what_is_being_sent_is_told_by_its_lease(queue: Queue) -> None:
    [delivery_id] = queue.put(Purpose.LETTER)
    queue.claim(now=queue.now + MINUTE)
    assert queue.scene.story(delivery_id)[1:] == [Change(queue.now + MINUTE, WORKER, S.QUEUED, S.SENDING)]


def test_every_claim_stands_before_what_came_of_it(queue: Queue) -> None:
    [delivery_id] = queue.put(Purpose.LETTER)
    first, second, third = (queue.now + number * MINUTE for number in (1, 2, 3))
    for at, change in (
        (first, Move(S.SENDING, S.QUEUED, WORKER, detail="450 Busy", due_at=second)),
        (second, Move(S.SENDING, S.UNCERTAIN, WORKER, detail="silence")),
    ):
        lease = queue.claim(now=at).lease_id
        with queue.sessions.write() as session:
            assert move(session, [delivery_id], change, at + MINUTE / 2, lease=lease) == [delivery_id]
    with queue.sessions.write() as session:
        settled = Move(S.UNCERTAIN, S.SENT, EventSource.STAFF, detail="they have it")
        assert move(session, [delivery_id], settled, third) == [delivery_id]
    assert queue.scene.story(delivery_id)[1:] == [
        Change(first, WORKER, S.QUEUED, S.SENDING),
        Change(first + MINUTE / 2, WORKER, S.SENDING, S.QUEUED, "450 Busy"),
        Change(second, WORKER, S.QUEUED, S.SENDING),
        Change(second + MINUTE / 2, WORKER, S.SENDING, S.UNCERTAIN, "silence"),
        Change(third, EventSource.STAFF, S.UNCERTAIN, S.SENT, "they have it"),
    ]


def test_what_is_claimed_at_once_is_one_row_however_much_it_is(queue: Queue) -> None:
    ids = queue.put(*[Purpose.LETTER] * 20)
    assert queue.claim().ids == ids
    with queue.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Lease)) == 1
        assert session.scalar(select(func.count()).select_from(DeliveryEvent)) == 0


def test_a_settlement_of_several_leases_tells_each_delivery_its_own(queue: Queue) -> None:
    early, late = queue.put(Purpose.LETTER, Purpose.LETTER)
    leases = [queue.claim(1).lease_id, queue.claim(1).lease_id]
    with queue.sessions.write() as session:
        assert move(session, [early, late], Move(S.SENDING, S.SENT, WORKER), queue.now) == [early, late]
        told = session.execute(select(DeliveryEvent.delivery_id, DeliveryEvent.lease_id).order_by(DeliveryEvent.id))
        assert [tuple(row) for row in told] == [(early, leases[0]), (late, leases[1])]

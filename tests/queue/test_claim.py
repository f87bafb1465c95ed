"""Claiming what is due, and what becomes of a claim whose worker is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.campaigns.models import CampaignState
from app.queue.claim import LEASE, Claim, claim_due, release_expired
from app.queue.models import Lease
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.queue.conftest import UNPACED, Queue
from tests.support.fakes import Steady
from tests.support.threads import together

S = DeliveryState
LETTER, NOTICE = Purpose.LETTER, Purpose.CONFIRMATION
NOTICES = [purpose for purpose in Purpose if purpose is not LETTER]


def claim(queue: Queue, limit: int = 50, *, after: timedelta = timedelta()) -> Claim:
    return queue.claim(limit, now=queue.now + after)


def release(queue: Queue, *, after: timedelta) -> int:
    with queue.sessions.write() as session:
        return release_expired(session, queue.now + after)


def test_a_claim_marks_its_rows_before_anything_is_handed_over(queue: Queue) -> None:
    ids = queue.put(LETTER, NOTICE)
    made = claim(queue)
    assert made.ids == ids
    assert made.until == queue.now + LEASE
    with queue.sessions.read() as session:
        lease = session.get_one(Lease, made.lease_id)
    assert (lease.token, lease.taken_at, lease.until) == (made.token, queue.now, made.until)
    for delivery_id in ids:
        row = queue.get(delivery_id)
        assert (row.state, row.attempts, row.lease_id) == (S.SENDING, 1, made.lease_id)
        event = queue.scene.story(delivery_id)[-1]
        assert (event.source, event.from_state, event.to_state) == (EventSource.WORKER, S.QUEUED, S.SENDING)


def test_what_is_claimed_is_not_claimed_again(queue: Queue) -> None:
    queue.put(LETTER, NOTICE)
    first = claim(queue)
    second = claim(queue)
    assert second.ids == []
    with queue.sessions.read() as session:
        assert session.scalars(select(Lease.id)).all() == [first.lease_id]


def test_two_workers_at_one_moment_never_take_the_same_row(queue: Queue) -> None:
    ids = queue.put(*[LETTER, NOTICE] * 30)

    def work() -> list[int]:
        taken = []
        while made := claim(queue, 5).ids:
            taken += made
        return taken

    shares = together(work, work, work)
    assert sorted(delivery_id for share in shares for delivery_id in share) == ids
    assert {queue.get(delivery_id).attempts for delivery_id in ids} == {1}


def test_a_worker_passes_over_rows_that_another_is_claiming(postgresql_queue: Queue) -> None:
    queue = postgresql_queue
    ids = queue.put(*[LETTER] * 4)
    with queue.sessions.write() as session:
        assert claim_due(session, queue.now, 2, UNPACED, token="first", random=Steady()).ids == ids[:2]
        assert claim(queue, 2).ids == ids[2:]


def test_notices_go_before_letters_and_then_what_is_longest_due(sqlite_queue: Queue) -> None:
    queue = sqlite_queue
    late = queue.put(LETTER, due_in=timedelta(minutes=-1))
    later = queue.put(LETTER, due_in=timedelta(minutes=-5))
    latest = queue.put(LETTER, NOTICE, due_in=timedelta(minutes=-9))
    assert [claim(queue, 1).ids for _ in range(4)] == [[latest[1]], [latest[0]], later, late]


def test_what_is_not_due_waits(queue: Queue) -> None:
    ids = queue.put(LETTER, NOTICE, due_in=timedelta(minutes=1))
    assert claim(queue, after=timedelta(seconds=59)).ids == []
    assert claim(queue, after=timedelta(minutes=1)).ids == ids


def test_only_what_is_queued_is_claimed(sqlite_queue: Queue) -> None:
    for state in set(S) - {S.QUEUED}:
        sqlite_queue.put(LETTER, NOTICE, state=state)
    assert claim(sqlite_queue).ids == []


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.WON, CampaignState.DRAFT])
def test_letters_wait_while_their_campaign_does_not_send_and_notices_go(queue: Queue, state: CampaignState) -> None:
    letter, *notices = queue.put(LETTER, *NOTICES)
    queue.scene.move_campaign(state)
    assert claim(queue).ids == notices
    assert queue.state(letter) is S.QUEUED
    queue.scene.move_campaign(CampaignState.LIVE)
    assert claim(queue).ids == [letter]


def test_letters_that_a_closed_campaign_still_owes_go_out(sqlite_queue: Queue) -> None:
    queue = sqlite_queue
    ids = queue.put(LETTER)
    queue.scene.move_campaign(CampaignState.CLOSED)
    assert claim(queue).ids == ids


def test_a_letter_whose_worker_is_gone_is_uncertain_and_a_notice_goes_again(queue: Queue) -> None:
    letter, *notices = queue.put(LETTER, *NOTICES)
    claim(queue)
    gone = LEASE + timedelta(seconds=1)
    assert release(queue, after=gone) == len([letter, *notices])
    row = queue.get(letter)
    assert (row.state, row.reason) == (S.UNCERTAIN, "lease_expired")
    for notice in notices:
        row = queue.get(notice)
        assert (row.state, row.reason, row.due_at) == (S.QUEUED, "lease_expired", queue.now + gone)
    assert claim(queue, after=gone).ids == notices
    assert queue.get(notices[0]).attempts == 2


def test_what_is_being_sent_under_no_lease_is_in_nobodys_hands(queue: Queue) -> None:
    [letter] = queue.put(LETTER, state=S.SENDING)
    assert release(queue, after=timedelta()) == 1
    assert queue.state(letter) is S.UNCERTAIN


def test_a_claim_whose_time_is_not_over_is_left_alone(sqlite_queue: Queue) -> None:
    queue = sqlite_queue
    queue.put(LETTER, NOTICE)
    claim(queue)
    assert release(queue, after=LEASE) == 0
    assert release(queue, after=LEASE + timedelta(seconds=1)) == 2
    assert release(queue, after=LEASE * 2) == 0


def test_sweepers_at_one_moment_settle_each_claim_once(queue: Queue) -> None:
    ids = queue.put(*[LETTER, NOTICE] * 5)
    claim(queue)
    settled = together(*[lambda: release(queue, after=LEASE * 2)] * 3)
    assert sum(settled) == len(ids)
    assert {len(queue.scene.story(delivery_id)) for delivery_id in ids} == {3}

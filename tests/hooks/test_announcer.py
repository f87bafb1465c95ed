"""Going round: what is sent, when it is sent again, and when it ends."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.announcements.models import AnnouncementState, Hook, HookState
from app.hooks.announcer import AT_ONCE, LEASE, Announcer
from app.hooks.desk import BOTH_SIGN, HookDesk, UnknownHookError, hook_called
from app.hooks.outlet import Answer, Post
from app.hooks.settle import KEPT, RETRY_AFTER, forget_announcements
from app.hooks.signature import sign
from app.staff.models import AuditEntry, MemberState, StaffMember
from tests.hooks.conftest import URL, Exchange
from tests.support.dumps import raw_bytes
from tests.support.fakes import FakeOutlet, Steady
from tests.support.threads import together

A = AnnouncementState


class WorkerDied(BaseException):
    """What no worker catches."""


def states(exchange: Exchange) -> list[AnnouncementState]:
    return [row.state for row in exchange.announcements()]


def write(exchange: Exchange, number: int) -> None:
    """So many people confirm."""
    for each in range(number):
        exchange.scene.confirmed(f"supporter{each}@supporter.example")


def signed(post: Post, secret: str) -> bool:
    seconds = int(post.headers["webhook-timestamp"])
    return sign(secret, post.headers["webhook-id"], seconds, post.body) in post.headers["webhook-signature"].split(" ")


def test_what_happened_arrives_signed_and_once(exchange: Exchange) -> None:
    hook_id = exchange.add()
    action_id = exchange.scene.confirmed()
    assert exchange.go_round() == 1
    [post] = exchange.outlet.posts
    assert post.url == URL
    assert json.loads(post.body) == {
        "type": "action.confirmed",
        "timestamp": "2026-11-24T09:30:00.000Z",
        "data": {
            "action_id": action_id,
            "campaign": "abolish-reporting",
            "campaign_id": exchange.scene.campaign_id,
            "letters": 2,
            "people": 1,
        },
    }
    assert post.headers["webhook-timestamp"] == str(int(exchange.clock().timestamp()))
    assert signed(post, exchange.hook(hook_id).secret)
    assert states(exchange) == [A.TAKEN]
    assert exchange.go_round(after=timedelta(days=1)) == 0
    assert len(exchange.outlet.posts) == 1


def test_more_than_one_claim_is_sent_in_one_round(sqlite_exchange: Exchange) -> None:
    sqlite_exchange.add()
    write(sqlite_exchange, AT_ONCE + 3)
    assert sqlite_exchange.go_round() == AT_ONCE + 3
    assert len(set(sqlite_exchange.outlet.ids())) == AT_ONCE + 3


def test_a_worker_that_dies_leaves_it_to_another_with_the_same_id(exchange: Exchange) -> None:
    exchange.add()
    exchange.scene.confirmed()

    def die(_post: Post) -> Answer:
        raise WorkerDied

    dying = FakeOutlet(die)
    with pytest.raises(WorkerDied):
        exchange.go_round(outlet=dying)
    assert exchange.go_round(after=LEASE / 2) == 0, "it is still claimed"
    assert exchange.go_round(after=LEASE) == 1
    assert dying.ids() == exchange.outlet.ids()
    assert dying.posts[0].body == exchange.outlet.posts[0].body


def test_two_workers_share_the_work(exchange: Exchange) -> None:
    exchange.add()
    write(exchange, 5)
    announcers = [Announcer(exchange.sessions, exchange.outlet, exchange.clock, Steady()) for _ in range(2)]
    assert sum(together(*(one.go_round for one in announcers))) == 5
    assert sorted(exchange.outlet.ids()) == sorted(set(exchange.outlet.ids()))
    assert states(exchange) == [A.TAKEN] * 5


@pytest.mark.parametrize("trouble", ["no answer in time", 500, 503, 302, 307, 429, 408])
def test_trouble_of_the_receivers_ends_the_round_and_is_tried_later(
    sqlite_exchange: Exchange, trouble: str | int
) -> None:
    exchange = sqlite_exchange
    hook_id = exchange.add()
    write(exchange, 3)
    exchange.outlet.answer = lambda _post: trouble if isinstance(trouble, str) else Answer(trouble)
    assert exchange.go_round() == 0
    assert len(exchange.outlet.posts) == 1, "the next message would fare no better"
    assert exchange.hook(hook_id).rests_until == exchange.clock() + RETRY_AFTER[0]
    assert exchange.go_round(after=RETRY_AFTER[0] / 2) == 0
    assert len(exchange.outlet.posts) == 1
    exchange.outlet.answer = lambda _post: Answer(200)
    assert exchange.go_round(after=RETRY_AFTER[0]) == 3
    assert len(set(exchange.outlet.ids())) == 3
    assert exchange.hook(hook_id).failures == 0


def test_a_receiver_may_ask_for_a_longer_wait(sqlite_exchange: Exchange) -> None:
    hook_id = sqlite_exchange.add()
    sqlite_exchange.scene.confirmed()
    sqlite_exchange.outlet.answer = lambda _post: Answer(429, timedelta(hours=1))
    sqlite_exchange.go_round()
    assert sqlite_exchange.hook(hook_id).rests_until == sqlite_exchange.clock() + timedelta(hours=1)


def test_a_message_that_is_not_wanted_does_not_keep_the_others(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    exchange.add()
    write(exchange, 3)
    bad = exchange.announcements()[0].id
    exchange.outlet.answer = lambda post: Answer(422 if post.headers["webhook-id"].endswith(f"_{bad}") else 204)
    assert exchange.go_round() == 2
    assert sorted(states(exchange)) == sorted([A.WAITING, A.TAKEN, A.TAKEN])
    for wait in RETRY_AFTER:
        exchange.scene.confirmed(f"later{wait.total_seconds()}@supporter.example")
        exchange.go_round(after=wait)
    assert [row.state for row in exchange.announcements() if row.id == bad] == [A.FAILED]
    assert exchange.hook(1).state is HookState.ACTIVE, "it takes everything else"


def test_after_days_in_vain_it_is_paused_and_its_owner_told(exchange: Exchange) -> None:
    hook_id = exchange.add()
    exchange.scene.confirmed()
    exchange.outlet.answer = lambda _post: "no answer in time"
    exchange.go_round()
    for wait in RETRY_AFTER:
        assert exchange.hook(hook_id).state is HookState.ACTIVE
        exchange.go_round(after=wait)
    hook = exchange.hook(hook_id)
    assert (hook.state, hook.why) == (HookState.PAUSED, "failing")
    assert sum(RETRY_AFTER, timedelta()) > timedelta(days=3)
    assert len(exchange.outlet.posts) == len(RETRY_AFTER) + 1
    assert len(set(exchange.outlet.ids())) == 1
    assert len(exchange.mails()) == 1
    with exchange.sessions.read() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (last.action, last.actor_id, last.after) == ("hook.paused", None, {"why": "failing"})
    exchange.scene.confirmed("later@supporter.example")
    assert len(exchange.announcements()) == 1, "nothing new is written down for it"


def test_what_is_refused_every_time_pauses_too(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    hook_id = exchange.add()
    exchange.scene.confirmed()
    exchange.outlet.answer = lambda _post: Answer(401)
    exchange.go_round()
    for wait in RETRY_AFTER:
        exchange.go_round(after=wait)
    assert states(exchange) == [A.FAILED]
    assert exchange.hook(hook_id).why == "failing"
    assert len(exchange.mails()) == 1


def test_a_receiver_that_is_gone_is_believed_at_once(sqlite_exchange: Exchange) -> None:
    hook_id = sqlite_exchange.add()
    write(sqlite_exchange, 2)
    sqlite_exchange.outlet.answer = lambda _post: Answer(410)
    sqlite_exchange.go_round()
    assert (sqlite_exchange.hook(hook_id).why, len(sqlite_exchange.outlet.posts)) == ("gone", 1)
    assert len(sqlite_exchange.mails()) == 1


def test_when_its_owner_has_left_every_admin_is_told(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    exchange.add()
    exchange.scene.confirmed()
    with exchange.sessions.write() as session:
        owner = session.get_one(StaffMember, exchange.owner_id)
        owner.state = MemberState.DEACTIVATED
        columns = {c.name: getattr(owner, c.name) for c in StaffMember.__table__.c}
        for number in (1, 2):
            more = {"id": None, "email_hash": bytes([number]) * 32, "state": MemberState.ACTIVE}
            session.add(StaffMember(**{**columns, **more}))
    exchange.outlet.answer = lambda _post: Answer(410)
    exchange.go_round()
    assert len(exchange.mails()) == 2


def test_going_on_sends_what_was_not_taken(exchange: Exchange) -> None:
    hook_id = exchange.add()
    write(exchange, 2)
    exchange.outlet.answer = lambda _post: Answer(410)
    exchange.go_round()
    exchange.outlet.answer = lambda _post: Answer(204)
    assert exchange.go_round(after=timedelta(days=1)) == 0
    exchange.decide(HookDesk.resume, hook_id)
    assert exchange.go_round() == 2
    assert states(exchange) == [A.TAKEN] * 2


def test_one_slow_receiver_does_not_keep_another_waiting(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    exchange.add("https://slow.example.org/")
    exchange.add("https://quick.example.org/")
    exchange.scene.confirmed()
    exchange.outlet.answer = lambda post: "no answer in time" if "slow" in post.url else Answer(204)
    assert exchange.go_round() == 1


def test_a_webhook_that_cannot_be_read_does_not_keep_another_waiting(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    broken = exchange.add()
    exchange.add()
    exchange.scene.confirmed()
    with exchange.sessions.write() as session:
        session.connection().exec_driver_sql("UPDATE hook SET secret = name WHERE id = ?", (broken,))
    assert exchange.go_round() == 1


def test_a_test_arrives_even_while_the_receiver_rests(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    hook_id = exchange.add()
    exchange.scene.confirmed()
    exchange.outlet.answer = lambda _post: Answer(500)
    exchange.go_round()
    exchange.outlet.answer = lambda _post: Answer(204)
    exchange.decide(HookDesk.test, hook_id)
    assert exchange.go_round() == 2
    assert [json.loads(post.body)["type"] for post in exchange.outlet.posts].count("hook.test") == 1


def test_both_secrets_sign_for_a_day_and_then_the_new_one_alone(exchange: Exchange) -> None:
    hook_id = exchange.add()
    old = exchange.hook(hook_id).secret
    exchange.decide(HookDesk.rotate, hook_id)
    new = exchange.hook(hook_id).secret
    assert new != old
    exchange.scene.confirmed()
    exchange.go_round()
    exchange.clock.advance(BOTH_SIGN)
    exchange.scene.confirmed("later@supporter.example")
    exchange.go_round()
    first, last = exchange.outlet.posts
    assert (signed(first, old), signed(first, new)) == (True, True)
    assert (signed(last, old), signed(last, new)) == (False, True)


def test_neither_address_nor_secret_can_be_read_from_the_database(exchange: Exchange) -> None:
    hook_id = exchange.add("https://crm.example.org/a-key-in-the-path")
    exchange.decide(HookDesk.rotate, hook_id)
    hook = exchange.hook(hook_id)
    heap = raw_bytes(exchange.sessions.engine)
    for secret in ("a-key-in-the-path", hook.secret, hook.old_secret or "-"):
        assert secret.encode() not in heap
    exchange.decide(HookDesk.remove, hook_id)
    with exchange.sessions.read() as session:
        gone = session.get_one(Hook, hook_id)
        assert (gone.url, gone.secret, gone.old_secret) == ("", "", None)
        with pytest.raises(UnknownHookError):
            hook_called(session, hook_id)


def test_a_removed_webhook_is_sent_nothing(sqlite_exchange: Exchange) -> None:
    hook_id = sqlite_exchange.add()
    sqlite_exchange.scene.confirmed()
    sqlite_exchange.decide(HookDesk.remove, hook_id)
    assert sqlite_exchange.go_round() == 0
    assert sqlite_exchange.outlet.posts == []


def test_what_is_old_is_forgotten(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    exchange.add()
    exchange.scene.confirmed()
    for age, left in ((KEPT - timedelta(seconds=1), 1), (KEPT, 0)):
        with exchange.sessions.write() as session:
            forget_announcements(session, exchange.clock() + age)
        assert len(exchange.announcements()) == left


def test_a_worker_that_is_asked_to_stop_gives_back_what_it_has_not_sent(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    exchange.add()
    write(exchange, 3)
    announcer = Announcer(exchange.sessions, exchange.outlet, exchange.clock, Steady())
    assert announcer.go_round(lambda: len(exchange.outlet.posts) > 0) == 1
    assert [(row.attempts, row.lease_until) for row in exchange.announcements()] == [(1, None), (0, None), (0, None)]
    assert exchange.go_round() == 2

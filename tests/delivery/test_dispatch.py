"""Claim, hand over, settle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from app.actions.models import Action
from app.actions.retention import expire_actions
from app.campaigns.models import CampaignState
from app.db import Sessions, make_engine
from app.delivery.batch import LEASE_MARGIN, UNREADABLE_WAIT
from app.delivery.dispatch import BATCH
from app.delivery.prepared import Prepared
from app.delivery.release import release_verified
from app.delivery.render import Renderer
from app.delivery.settle import GIVE_UP_AFTER, RETRY_AFTER
from app.mail.message import Message
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain
from app.privacy.keys import FieldKeys
from app.queue.claim import LEASE
from app.queue.lanes import TRIPS_AFTER
from app.queue.models import Delivery, Lane
from app.queue.states import DeliveryState, EventSource, Purpose
from app.targets.by_key import target_to_change
from app.targets.verify import verify as verify_address
from tests.delivery.conftest import Office, renderer
from tests.support.builders import BOB, CONFIRM_WITHIN
from tests.support.fakes import FakeTransport, accept
from tests.support.threads import together

S = DeliveryState
LETTER, CONFIRMATION, THANK_YOU = Purpose.LETTER, Purpose.CONFIRMATION, Purpose.THANK_YOU
MINUTE = timedelta(minutes=1)


class WireCutError(Exception):
    """The transport has broken down, which no transport should."""


@contextmanager
def answering(office: Office, outcome: Outcome) -> Iterator[None]:
    """Let the transport give one answer to everything."""
    before, office.transport.answer = office.transport.answer, lambda _message: outcome
    yield
    office.transport.answer = before


def test_a_letter_that_is_taken_is_sent(office: Office) -> None:
    letter = office.letter()
    assert office.deliver() == 3
    row = office.get(letter)
    assert (row.state, row.attempts, row.reason) == (S.SENT, 1, "")
    events = office.scene.story(letter)
    assert [event.to_state for event in events] == [S.QUEUED, S.SENDING, S.SENT]
    assert (events[-1].source, events[-1].detail) == (EventSource.WORKER, "250 2.0.0 Accepted")
    assert len(office.transport.to("bob.sample@zedmere.example")) == 1


def test_delivering_again_sends_nothing_again(office: Office) -> None:
    office.letter()
    office.deliver()
    sent = len(office.transport.messages)
    assert office.deliver() == 0
    assert office.sweep(after=LEASE * 2) == 0
    assert len(office.transport.messages) == sent


def test_two_workers_at_one_moment_send_each_mail_once(office: Office) -> None:
    for number in range(12):
        office.scene.confirmed(f"supporter{number}@supporter.example")
    together(*[office.deliver] * 3)
    ids = [message.id for message in office.transport.messages]
    assert len(ids) == len(set(ids)) == 12 * 3
    assert set(office.scene.states(LETTER)) == {S.SENT}


@pytest.mark.parametrize("purpose", [LETTER, THANK_YOU])
def test_a_deferred_mail_is_tried_again_later_and_later(sqlite_office: Office, purpose: Purpose) -> None:
    office = sqlite_office
    office.letter()
    with answering(office, Deferred("450 4.2.1 Busy")):
        for attempt, wait in enumerate(RETRY_AFTER, 1):
            office.deliver()
            row = office.only(purpose)
            assert (row.state, row.reason, row.attempts) == (S.QUEUED, "deferred", attempt)
            assert row.due_at == office.clock.now + wait
            assert office.scene.story(row.id)[-1].detail == "450 4.2.1 Busy"
            assert office.deliver(after=wait - timedelta(seconds=1)) == 0
            office.clock.advance(timedelta(seconds=1))
    office.deliver()
    assert office.only(purpose).state is S.SENT


def test_the_waits_grow_from_a_minute_to_a_day() -> None:
    assert list(RETRY_AFTER) == sorted(RETRY_AFTER)
    assert (RETRY_AFTER[0], RETRY_AFTER[-1]) == (MINUTE, timedelta(days=1))


def test_after_seven_days_of_trying_it_is_given_up(sqlite_office: Office) -> None:
    office = sqlite_office
    letter, start = office.letter(), office.clock.now
    last = start
    with answering(office, Deferred("451 4.7.1 Greylisted")):
        while office.get(letter).state is S.QUEUED:
            last = office.get(letter).due_at
            office.clock.now = last
            office.deliver()
    row = office.get(letter)
    assert (row.state, row.reason) == (S.FAILED, "gave_up")
    assert GIVE_UP_AFTER - timedelta(days=1) < last - start <= GIVE_UP_AFTER
    assert office.sweep(after=GIVE_UP_AFTER) == len([Purpose.UNREACHABLE])
    assert office.get(letter).state is S.FAILED


def test_a_letter_that_waited_long_for_its_campaign_still_gets_its_tries(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    office.scene.move_campaign(CampaignState.PAUSED)
    office.deliver()
    office.scene.move_campaign(CampaignState.LIVE)
    with answering(office, Deferred("451 4.7.1 Greylisted")):
        office.deliver(after=GIVE_UP_AFTER * 2)
    assert (office.get(letter).state, office.get(letter).reason) == (S.QUEUED, "deferred")
    office.deliver(after=RETRY_AFTER[0])
    assert office.get(letter).state is S.SENT


@pytest.mark.parametrize("purpose", [LETTER, THANK_YOU])
def test_a_refused_mail_has_failed_for_good(sqlite_office: Office, purpose: Purpose) -> None:
    office = sqlite_office
    office.letter()
    with answering(office, Refused("550 5.1.1 No such user")):
        office.deliver()
    row = office.only(purpose)
    assert (row.state, row.reason) == (S.FAILED, "refused")
    assert office.scene.story(row.id)[-1].detail == "550 5.1.1 No such user"
    office.sweep(after=timedelta(days=2))
    assert office.get(row.id).attempts == 1


@pytest.mark.parametrize(
    ("said", "rests"),
    [
        ("550 5.1.1 No such user", False),
        ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", False),
        ("550 5.7.1 Blocked by policy", True),
        ("550 Not here", True),
    ],
)
def test_mailboxes_that_are_dead_or_closed_do_not_close_the_way_to_their_neighbours(
    sqlite_office: Office, *, said: str, rests: bool
) -> None:
    office = sqlite_office
    for number in range(TRIPS_AFTER):
        office.scene.confirmed(f"supporter{number}@supporter.example")
    with answering(office, Refused(said)):
        office.deliver()
    with office.scene.sessions.read() as session:
        lane = session.scalars(select(Lane).where(Lane.key == "zedmere.example")).one()
    assert (lane.rests_until is not None, lane.trouble > 0) == (rests, rests)


@pytest.mark.parametrize(
    "outcome",
    [Uncertain("timed out after DATA"), Deferred("no relay", ours=True), Refused("550 5.1.1 No such user")],
)
def test_a_trial_that_tells_nothing_of_the_receiver_lets_the_next_letter_try(
    sqlite_office: Office, outcome: Outcome
) -> None:
    office = sqlite_office
    office.letter()
    with office.scene.sessions.write() as session:
        session.execute(
            update(Lane).where(Lane.key == "zedmere.example").values(trips=1, troubled_since=office.clock.now)
        )
    with answering(office, outcome):
        office.deliver()
    with office.scene.sessions.read() as session:
        lane = session.scalars(select(Lane).where(Lane.key == "zedmere.example")).one()
    assert (lane.trips, lane.tries_until, lane.rests_until) == (1, None, None)


def test_a_letter_whose_answer_was_lost_waits_for_a_person(office: Office) -> None:
    letter = office.letter()
    with answering(office, Uncertain("timed out after DATA")):
        office.deliver()
    row = office.get(letter)
    assert (row.state, row.reason) == (S.UNCERTAIN, "answer_lost")
    office.sweep(after=timedelta(days=8))
    assert len(office.transport.to("bob.sample@zedmere.example")) == 1


def test_a_notice_whose_answer_was_lost_is_sent_again(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.submit()
    with answering(office, Uncertain("timed out after DATA")):
        office.deliver()
    assert (office.only(CONFIRMATION).state, office.only(CONFIRMATION).reason) == (S.QUEUED, "deferred")
    office.deliver(after=RETRY_AFTER[0])
    assert office.only(CONFIRMATION).state is S.SENT


def test_each_mail_of_a_batch_goes_where_its_own_answer_puts_it(sqlite_office: Office) -> None:
    office = sqlite_office
    answers = {
        "bob.sample@zedmere.example": Refused("550 No"),
        "carla.verde@zedmere.example": Uncertain("silence"),
        "alice@supporter.example": Accepted("250 Yes"),
    }
    office.transport.answer = lambda message: answers[message.to_address]
    office.scene.confirmed()
    office.deliver()
    assert office.scene.states(LETTER) == [S.FAILED, S.UNCERTAIN]
    assert office.only(THANK_YOU).state is S.SENT


def test_everything_due_is_delivered_batch_by_batch(sqlite_office: Office) -> None:
    for number in range(BATCH // 4 + 1):
        sqlite_office.scene.confirmed(f"supporter{number}@supporter.example")
    assert sqlite_office.deliver() == BATCH // 4 * 4 + 4 > BATCH
    assert set(sqlite_office.scene.states(LETTER)) == {S.SENT}


def test_a_worker_that_stops_gives_back_what_it_has_not_handed_over(office: Office) -> None:
    for number in range(5):
        office.scene.submit(f"supporter{number}@supporter.example")
    claimed = office.dispatcher.deliver_due(lambda: len(office.transport.messages) == 2)
    assert claimed == 5
    rows = office.scene.deliveries(CONFIRMATION)
    assert [row.state for row in rows] == [S.SENT] * 2 + [S.QUEUED] * 3
    for row in rows[2:]:
        assert (row.attempts, row.reason, row.due_at) == (0, "not_handed_over", office.clock.now)
    assert office.deliver() == 3
    assert len(office.transport.messages) == 5


def test_a_worker_that_is_stopping_claims_nothing(sqlite_office: Office) -> None:
    sqlite_office.scene.submit()
    assert sqlite_office.dispatcher.deliver_due(lambda: True) == 0
    assert sqlite_office.only(CONFIRMATION).state is S.QUEUED


def test_a_batch_that_takes_too_long_is_cut_before_its_lease_ends(sqlite_office: Office) -> None:
    office = sqlite_office

    def slow(message: Message) -> Outcome:
        office.clock.advance(LEASE - LEASE_MARGIN + MINUTE)
        return accept(message)

    office.scene.confirmed()
    office.transport.answer = slow
    office.deliver()
    # Each batch handed over one mail and gave the rest back, which the next batch took.
    assert set(office.scene.states(LETTER)) == {S.SENT}
    assert len(office.transport.messages) == 3
    assert {row.attempts for row in office.scene.deliveries(LETTER)} == {1}


def test_what_a_broken_transport_had_in_its_hands_is_in_doubt_and_the_rest_goes_back(office: Office) -> None:
    def breaking(message: Message) -> Outcome:
        if message.to_address == "carla.verde@zedmere.example":
            raise WireCutError
        return accept(message)

    office.scene.confirmed()
    office.scene.confirmed(BOB)
    office.transport.answer = breaking
    with pytest.raises(WireCutError):
        office.deliver()
    assert office.scene.states(LETTER) == [S.SENT, S.UNCERTAIN, S.QUEUED, S.QUEUED]
    assert [row.attempts for row in office.scene.deliveries(LETTER)] == [1, 1, 0, 0]
    office.transport.answer = accept
    office.deliver()
    assert office.scene.states(LETTER) == [S.SENT, S.UNCERTAIN, S.SENT, S.SENT]
    assert len(office.transport.to("carla.verde@zedmere.example")) == 2


def test_a_yes_that_came_after_the_lease_had_run_out_settles_the_doubt(office: Office) -> None:
    letter = office.letter()
    office.transport.answer = lambda message: answer_late(office, message, Accepted("250 At last"))
    office.deliver()
    assert office.get(letter).state is S.SENT
    events = office.scene.story(letter)
    assert [event.to_state for event in events] == [S.QUEUED, S.SENDING, S.UNCERTAIN, S.SENT]
    assert events[-1].detail == "250 At last"


def test_a_late_word_that_nothing_was_taken_lets_the_letter_go_again(office: Office) -> None:
    letter = office.letter()
    office.transport.answer = lambda message: answer_late(office, message, Deferred("450 Busy"))
    office.deliver()
    assert (office.get(letter).state, office.get(letter).reason) == (S.QUEUED, "deferred")


@pytest.mark.parametrize("outcome", [Refused("550 No"), Uncertain("silence")])
def test_any_other_late_answer_leaves_the_doubt(sqlite_office: Office, outcome: Outcome) -> None:
    office = sqlite_office
    letter = office.letter()
    office.transport.answer = lambda message: answer_late(office, message, outcome)
    office.deliver()
    assert office.get(letter).state is S.UNCERTAIN


def test_a_late_answer_about_a_notice_that_another_worker_has_sent_changes_nothing(office: Office) -> None:
    office.scene.submit()
    office.transport.answer = lambda message: answer_late(office, message, Accepted("250 At last"))
    office.deliver()
    [delivery] = office.scene.deliveries(CONFIRMATION)
    assert (delivery.state, delivery.attempts) == (S.SENT, 2)
    assert office.scene.story(delivery.id)[-1].detail == "250 2.0.0 Accepted"


def answer_late(office: Office, message: Message, outcome: Outcome) -> Outcome:
    """Answer only after the lease has run out and another worker has swept; thanks are taken at once."""
    if message.subject.startswith("Thank you"):
        return accept(message)
    office.clock.advance(LEASE + MINUTE)
    replace(office, transport=FakeTransport()).dispatcher.sweep()
    return outcome


def test_an_unverified_target_is_held_by_a_transport_that_reaches_people(office: Office) -> None:
    letter = office.letter()
    office.transport.reaches_people = True
    office.deliver()
    row = office.get(letter)
    assert (row.state, row.reason, row.attempts) == (S.HELD, "unverified_target", 0)
    assert office.transport.to("bob.sample@zedmere.example") == []
    assert office.only(THANK_YOU).state is S.SENT


def test_an_unverified_target_is_sent_to_by_a_transport_that_does_not(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    office.deliver()
    assert office.get(letter).state is S.SENT


def test_verifying_a_target_lets_its_letters_go_and_nobody_elses(office: Office) -> None:
    office.transport.reaches_people = True
    office.scene.confirmed()
    office.deliver()
    assert verify(office, "bob-sample") == 1
    assert verify(office, "bob-sample") == 0
    assert office.scene.states(LETTER) == [S.QUEUED, S.HELD]
    released = office.scene.deliveries(LETTER)[0]
    assert released.reason == "verified"
    assert office.scene.story(released.id)[-1].source is EventSource.STAFF
    office.deliver()
    assert office.scene.states(LETTER) == [S.SENT, S.HELD]


def test_verifying_lets_nothing_go_that_is_held_for_another_reason(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    office.scene.change_target("bob-sample", archived_at=office.clock.now)
    office.deliver()
    assert verify(office, "bob-sample") == 0
    assert office.get(letter).state is S.HELD


def verify(office: Office, external_id: str) -> int:
    now = office.clock.now
    with office.scene.sessions.write() as session:
        target = target_to_change(session, "councillors", external_id)
        verify_address(target, "Read on the council's website.", now)
        return len(release_verified(session, target.id, now))


@pytest.mark.parametrize(
    ("reason", "columns"),
    [("target_archived", {"archived_at": datetime(2026, 11, 24, tzinfo=UTC)}), ("no_address", {"email": ""})],
)
def test_a_letter_to_somebody_who_has_left_is_held(sqlite_office: Office, reason: str, columns: dict[str, Any]) -> None:
    office = sqlite_office
    letter = office.letter()
    office.scene.change_target("bob-sample", **columns)
    office.deliver()
    row = office.get(letter)
    assert (row.state, row.reason, row.attempts) == (S.HELD, reason, 0)
    assert office.transport.to("bob.sample@zedmere.example") == []


@pytest.mark.parametrize("column", ["own_words", "name", "postcode", "body", "subject"])
def test_a_letter_whose_text_is_not_what_was_confirmed_is_held(sqlite_office: Office, column: str) -> None:
    office = sqlite_office
    letter = office.letter()
    with office.scene.sessions.write() as session:
        session.execute(update(Action).values({column: "Not what she wrote."}))
    office.deliver()
    assert (office.get(letter).state, office.get(letter).reason) == (S.HELD, "text_changed")


def test_a_confirmation_of_an_expired_letter_is_not_sent(office: Office) -> None:
    office.scene.submit()
    with office.scene.sessions.write() as session:
        expire_actions(session, office.clock.advance(CONFIRM_WITHIN))
    office.deliver()
    row = office.only(CONFIRMATION)
    assert (row.state, row.reason) == (S.FAILED, "action_expired")
    assert office.transport.messages == []


def test_a_confirmation_of_a_confirmed_letter_is_not_sent(sqlite_office: Office) -> None:
    office = sqlite_office
    office.letter()
    office.deliver()
    assert (office.only(CONFIRMATION).state, office.only(CONFIRMATION).reason) == (S.FAILED, "action_confirmed")


def test_letters_that_cannot_be_read_go_back_untouched(office: Office, database_url: str) -> None:
    letter = office.letter()
    stranger = make_engine(database_url, FieldKeys.random())
    blind = replace(office, scene=replace(office.scene, sessions=Sessions(stranger))).dispatcher
    assert blind.deliver_due() == 3
    stranger.dispose()
    row = office.get(letter)
    assert (row.state, row.reason, row.attempts) == (S.QUEUED, "not_rendered", 0)
    assert office.deliver() == 0, "they wait a while"
    assert office.deliver(after=UNREADABLE_WAIT) == 3
    assert office.get(letter).state is S.SENT


def test_one_letter_that_cannot_be_read_does_not_hold_up_the_others(office: Office) -> None:
    readable, broken = office.scene.confirmed(), office.scene.confirmed(BOB)
    with office.scene.sessions.write() as session:
        # Another column's bytes: they are whole, and not what this column wrote.
        session.execute(text("UPDATE action SET own_words = name WHERE id = :id"), {"id": broken})
    office.deliver()
    letters = office.scene.deliveries(LETTER)
    assert {row.state for row in letters if row.action_id == readable} == {S.SENT}
    assert {(row.state, row.reason) for row in letters if row.action_id == broken} == {(S.QUEUED, "not_rendered")}


class BreakingRenderer(Renderer):
    """A renderer with a mistake in it."""

    def prepare(self, *_args: object) -> Prepared:
        raise ZeroDivisionError


def test_when_rendering_itself_breaks_down_nothing_is_in_doubt(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    broken = BreakingRenderer(renderer().sender, "Us")
    with pytest.raises(ZeroDivisionError):
        replace(office.dispatcher, renderer=broken).deliver_due()
    row = office.get(letter)
    assert (row.state, row.reason, row.attempts) == (S.QUEUED, "not_rendered", 0)
    assert office.deliver(after=RETRY_AFTER[0]) == 3


def test_no_transaction_is_open_while_the_network_is_used(office: Office) -> None:
    def write_meanwhile(message: Message) -> Outcome:
        with office.scene.sessions.write() as session:
            session.execute(update(Delivery).where(Delivery.id == message.id).values(reason="read while sending"))
        return accept(message)

    office.letter()
    office.transport.answer = write_meanwhile
    office.deliver()
    assert office.only(LETTER).state is S.SENT


def test_a_letter_to_stale_data_is_held_by_a_transport_that_reaches_people(office: Office) -> None:
    letter = office.letter()
    office.transport.reaches_people = True
    office.scene.change_target("bob-sample", verified_at=office.clock.now, stale_from=office.clock.now.date())
    office.deliver()
    row = office.get(letter)
    assert (row.state, row.reason, row.attempts) == (S.HELD, "stale_target", 0)
    assert office.transport.to("bob.sample@zedmere.example") == []
    assert office.only(THANK_YOU).state is S.SENT


def test_a_letter_leaves_before_the_day_of_a_coming_election(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    office.transport.reaches_people = True
    tomorrow = office.clock.now.date() + timedelta(days=1)
    office.scene.change_target("bob-sample", verified_at=office.clock.now, stale_from=tomorrow)
    office.deliver()
    assert office.get(letter).state is S.SENT


def test_a_letter_to_stale_data_is_written_to_files_all_the_same(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    office.scene.change_target("bob-sample", stale_from=office.clock.now.date())
    office.deliver()
    assert office.get(letter).state is S.SENT

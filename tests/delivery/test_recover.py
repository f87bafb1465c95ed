"""What a dead worker's journal tells, what lateness and patience mean, and a way out that is shut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.campaigns.models import CampaignState
from app.delivery.dispatch import RESTS
from app.delivery.journal import Journal, orphans
from app.delivery.ledger import differences
from app.delivery.settle import GIVE_UP_AFTER
from app.mail.message import Message
from app.mail.transport import Accepted, Deferred, Outcome, Uncertain, Watcher
from app.queue.brakes import brakes_on, put_on, take_off
from app.queue.models import BrakeScope, Lane
from app.queue.states import DeliveryState, Purpose
from tests.delivery.conftest import Office
from tests.support.builders import BOB
from tests.support.fakes import FakeTransport, accept

S, LETTER = DeliveryState, Purpose.LETTER
BOB_SAMPLE, CARLA = "bob.sample@zedmere.example", "carla.verde@zedmere.example"


def die(office: Office, answers: dict[str, Outcome]) -> Path:
    """A worker claims, hands over what has an answer, and is gone at the first that has none; gives its journal."""
    before = set(office.journals.glob("*.journal"))

    def answer(message: Message) -> Outcome:
        if message.to_address not in answers:
            os._exit(0)  # as a killed process goes: nothing is settled, nothing cleaned up
        return answers[message.to_address]

    pid = os.fork()
    if pid == 0:
        try:
            office.scene.sessions.engine.dispose(close=False)
            office.transport.answer = answer
            office.deliver()
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    [journal] = set(office.journals.glob("*.journal")) - before
    return journal


def ledger_holds(office: Office) -> bool:
    with office.scene.sessions.read() as session:
        return list(differences(session)) == []


THANKED: dict[str, Outcome] = {"alice@supporter.example": Accepted("250 Thanked")}


def test_a_worker_that_died_before_the_answer_leaves_that_one_letter_in_doubt(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.confirmed()
    office.scene.confirmed(BOB)
    die(office, THANKED | {"bob@supporter.example": Accepted("250 Thanked"), BOB_SAMPLE: Accepted("250 In")})
    assert set(office.scene.states(LETTER)) == {S.SENDING}
    office.sweep()
    assert office.scene.states(LETTER) == [S.SENT, S.UNCERTAIN, S.SENT, S.SENT]
    sent, doubtful, *others = office.scene.deliveries(LETTER)
    assert office.scene.story(sent.id)[-1].detail == "250 In"
    assert office.scene.story(doubtful.id)[-1].detail == "the worker died before the answer"
    assert {row.attempts for row in others} == {1}
    assert set(office.scene.states(Purpose.THANK_YOU)) == {S.SENT}
    assert ledger_holds(office)


def test_what_a_dead_worker_left_behind_is_settled_once(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.confirmed()
    journal = die(office, THANKED)
    office.sweep()
    events = [len(office.scene.story(row.id)) for row in office.scene.deliveries()]
    office.sweep()
    assert [len(office.scene.story(row.id)) for row in office.scene.deliveries()] == events
    assert not journal.exists()


def test_a_journal_of_another_start_of_the_machine_proves_only_what_it_says(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.confirmed()
    journal = die(office, THANKED | {BOB_SAMPLE: Accepted("250 In")})
    _, _, rest = journal.read_text().partition("\n")
    journal.write_text(f"boot another\n{rest}")
    office.sweep()
    assert office.scene.states(LETTER) == [S.SENT, S.UNCERTAIN]


def test_a_journal_after_the_lease_still_settles_the_doubt(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.confirmed()
    die(office, THANKED | {BOB_SAMPLE: Accepted("250 In")})
    elsewhere = replace(office, journals=office.journals.parent / "another machine")
    elsewhere.sweep(after=timedelta(hours=1))
    assert office.scene.states(LETTER) == [S.UNCERTAIN, S.UNCERTAIN]
    office.sweep()
    assert office.scene.states(LETTER) == [S.SENT, S.UNCERTAIN]


def test_a_doubt_of_an_earlier_claim_stays_when_the_worker_dies_in_a_later_one(sqlite_office: Office) -> None:
    office = sqlite_office
    office.transport.answer = lambda message: Uncertain("lost") if message.group else accept(message)
    office.scene.confirmed()
    worker = office.worker()
    worker.deliver_due()
    office.scene.confirmed(BOB)
    worker._claim()
    assert office.scene.states(LETTER) == [S.UNCERTAIN, S.UNCERTAIN, S.SENDING, S.SENDING]
    os.close(worker._journal._file)  # the kernel does so when a process dies, and its lock is gone
    office.transport.answer = accept
    office.sweep()
    assert office.scene.states(LETTER) == [S.UNCERTAIN, S.UNCERTAIN, S.SENT, S.SENT]
    assert ledger_holds(office)


def test_the_journal_of_a_living_worker_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    lease = journal.new_lease()
    journal.leaving([1])
    assert list(orphans(tmp_path)) == []
    journal.close()
    assert list(tmp_path.iterdir()) == []
    assert lease.endswith(".1")


def test_what_was_returned_is_in_doubt_again_only_when_it_leaves_again(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        journal = Journal(tmp_path)
        journal.new_lease()
        journal.leaving([1, 2, 3])
        journal.returned([1, 2, 3])
        journal.leaving([2])
        os._exit(0)
    os.waitpid(pid, 0)
    [orphan] = orphans(tmp_path)
    assert (orphan.notes.complete, orphan.notes.leaving) == (True, {2})


def test_a_line_that_was_cut_counts_for_nothing(tmp_path: Path) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    (tmp_path / "x.journal").write_text(f"boot {boot}\nleaving 1\nnonsense\naccepted 1 250 Yes, sir\nleaving 23")
    [orphan] = orphans(tmp_path)
    assert (orphan.notes.complete, orphan.notes.leaving) == (True, {1})
    assert orphan.notes.answers == {1: Accepted("250 Yes, sir")}


def test_letters_that_waited_while_no_worker_ran_wait_for_a_person(office: Office) -> None:
    office.worker(lateness=timedelta(hours=12)).sweep()
    office.letter()
    office.clock.advance(timedelta(hours=13))
    office.worker(lateness=timedelta(hours=12)).sweep()
    assert office.only(LETTER).state is S.QUEUED
    assert office.only(Purpose.THANK_YOU).state is S.SENT
    with office.scene.sessions.write() as session:
        assert brakes_on(session).stops_all(letter=True)
        assert take_off(session, BrakeScope.LETTERS, 0)
    office.worker(lateness=timedelta(hours=12)).sweep()
    assert office.only(LETTER).state is S.SENT


@pytest.mark.parametrize("hours", [11, 13])
def test_a_pause_with_nothing_waiting_or_a_short_one_stops_nothing(sqlite_office: Office, hours: int) -> None:
    office = sqlite_office
    office.worker(lateness=timedelta(hours=12)).sweep()
    if hours < 12:
        office.letter()
    office.clock.advance(timedelta(hours=hours))
    office.worker(lateness=timedelta(hours=12)).sweep()
    with office.scene.sessions.read() as session:
        assert not brakes_on(session).stops_all(letter=True)


def test_what_waited_seven_days_in_a_blocked_lane_has_failed_and_its_writer_is_told_once(
    office: Office,
) -> None:
    office.scene.confirmed()
    with office.scene.sessions.write() as session:
        lane = session.scalars(select(Lane).where(Lane.key == "zedmere.example")).one()
        lane.trips, lane.rests_until = 9, office.clock.now + timedelta(days=30)
        lane.troubled_since = office.clock.now
    office.sweep(after=GIVE_UP_AFTER)
    assert office.scene.states(LETTER) == [S.QUEUED] * 2
    office.sweep(after=timedelta(minutes=1))
    assert office.scene.states(LETTER) == [S.FAILED] * 2
    office.sweep(after=timedelta(hours=1))
    told = [message for message in office.transport.messages if message.subject.startswith("Your letter could not")]
    assert len(told) == 1
    assert "Cllr Bob Sample and Cllr Carla Verde" in told[0].text
    assert ledger_holds(office)


def test_when_there_is_no_way_out_one_mail_tries_ever_later_and_nothing_is_lost(sqlite_office: Office) -> None:
    office = sqlite_office
    for number in range(5):
        office.scene.confirmed(f"supporter{number}@supporter.example")
    office.transport.answer = lambda _message: Deferred("not connected: Connection refused", ours=True)
    worker = office.worker()
    for tries, rest in enumerate(RESTS, 1):
        worker.deliver_due()
        assert len(office.transport.messages) == tries
        assert worker.deliver_due() == 0
        office.clock.advance(rest)
    assert {row.attempts for row in office.scene.deliveries(LETTER)} == {0}
    with office.scene.sessions.read() as session:
        assert set(session.scalars(select(Lane.trouble))) == {0}
    office.transport.answer = accept
    office.clock.advance(timedelta(minutes=2))
    worker.deliver_due()
    assert set(office.scene.states(LETTER)) == {S.SENT}
    assert ledger_holds(office)


def test_a_wait_that_the_provider_asks_for_is_kept(sqlite_office: Office) -> None:
    office = sqlite_office
    office.letter()
    office.transport.answer = lambda _message: Deferred("429", ours=True, wait=timedelta(minutes=7))
    worker = office.worker()
    worker.deliver_due()
    office.clock.advance(timedelta(minutes=7) - timedelta(seconds=1))
    assert worker.deliver_due() == 0
    office.clock.advance(timedelta(seconds=1))
    assert worker.deliver_due() > 0


def test_a_target_that_goes_on_while_its_letters_are_to_be_held_gets_them(office: Office) -> None:
    """The rendering saw the pause; whoever ended it found nothing held yet, and does not come back."""
    office.scene.confirmed()
    target_id = office.scene.target_id("bob-sample")
    with office.scene.sessions.write() as session:
        put_on(session, BrakeScope.TARGET, target_id, "on leave", office.clock.now)

    def meanwhile(message: Message) -> Outcome:
        with office.scene.sessions.write() as session:
            take_off(session, BrakeScope.TARGET, target_id)
        return accept(message)

    office.transport.answer = meanwhile
    office.deliver()
    assert office.scene.states(LETTER) == [S.SENT, S.SENT]
    assert {row.attempts for row in office.scene.deliveries(LETTER)} == {1}
    assert ledger_holds(office)


class Eager(FakeTransport):
    """Takes all it can before it gives the first answer, as adapters with several connections do."""

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        super().hand_over(iter(list(messages)), watcher)


def test_of_several_waits_that_the_provider_asks_for_the_longest_is_kept(sqlite_office: Office) -> None:
    waits = iter([timedelta(minutes=3), timedelta(minutes=7), None, timedelta(minutes=5)])
    office = replace(
        sqlite_office, transport=Eager(lambda _message: Deferred("429", ours=True, wait=next(waits, None)))
    )
    office.scene.confirmed()
    office.scene.confirmed(BOB)
    worker = office.worker()
    worker.deliver_due()
    assert next(waits, "none left") == "none left"
    office.clock.advance(timedelta(minutes=7) - timedelta(seconds=1))
    assert worker.deliver_due() == 0
    office.clock.advance(timedelta(seconds=1))
    assert worker.deliver_due() > 0


def test_a_brake_bites_within_a_batch(office: Office) -> None:
    for number in range(5):
        office.scene.confirmed(f"supporter{number}@supporter.example")

    def pull(message: Message) -> Outcome:
        if message.to_address == BOB_SAMPLE:
            with office.scene.sessions.write() as session:
                put_on(session, BrakeScope.LETTERS, 0, "a test", office.clock.now)
            office.clock.advance(timedelta(seconds=1))
        return accept(message)

    office.transport.answer = pull
    office.deliver()
    assert sorted(office.scene.states(LETTER)) == [S.QUEUED] * 9 + [S.SENT]
    assert {row.attempts for row in office.scene.deliveries(LETTER) if row.state is S.QUEUED} == {0}


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.WON])
def test_a_campaign_that_stops_sending_stops_within_a_batch(office: Office, state: CampaignState) -> None:
    for number in range(3):
        office.scene.confirmed(f"supporter{number}@supporter.example")

    def stop(message: Message) -> Outcome:
        if message.to_address == BOB_SAMPLE:
            office.scene.move_campaign(state)
            office.clock.advance(timedelta(seconds=1))
        return accept(message)

    office.transport.answer = stop
    office.deliver()
    assert sorted(office.scene.states(LETTER)) == [S.QUEUED] * 5 + [S.SENT]
    assert set(office.scene.states(Purpose.THANK_YOU)) == {S.SENT}


def test_a_settlement_that_failed_is_made_up_for_before_anything_else(office: Office) -> None:
    letter = office.letter()
    worker = office.worker()
    with office.scene.sessions.engine.begin() as connection:
        connection.execute(text("ALTER TABLE tally RENAME TO tally_away"))
    with pytest.raises(Exception, match="tally"):
        worker.deliver_due()
    assert office.get(letter).state is S.SENDING
    with office.scene.sessions.engine.begin() as connection:
        connection.execute(text("ALTER TABLE tally_away RENAME TO tally"))
    worker.deliver_due()
    assert office.get(letter).state is S.SENT
    assert len(office.transport.to(BOB_SAMPLE)) == 1
    assert ledger_holds(office)


def test_a_claim_that_could_not_even_be_given_back_is_given_back_before_anything_else(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    worker = office.worker()
    engine = office.scene.sessions.engine
    with engine.begin() as connection:  # as when the database goes away after the claim
        connection.execute(text("ALTER TABLE letter RENAME TO letter_away"))
        connection.execute(
            text(
                "CREATE TRIGGER away BEFORE UPDATE ON delivery WHEN OLD.state = 'sending' "
                "BEGIN SELECT RAISE(ABORT, 'the database is away'); END"
            )
        )
    with pytest.raises(IntegrityError, match="away"):
        worker.deliver_due()
    assert office.get(letter).state is S.SENDING
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER away"))
        connection.execute(text("ALTER TABLE letter_away RENAME TO letter"))
    worker.deliver_due()
    assert (office.get(letter).state, office.get(letter).attempts) == (S.SENT, 1)
    assert ledger_holds(office)


def test_a_letter_withdrawn_while_it_was_handed_over_goes_no_second_time(office: Office) -> None:
    letter = office.letter()
    action_id = office.get(letter).action_id

    def withdrawn_meanwhile(message: Message) -> Outcome:
        if message.id == letter:
            office.scene.withdraw(action_id)
            return Deferred("450 Busy")
        return accept(message)

    office.transport.answer = withdrawn_meanwhile
    office.deliver()
    assert office.get(letter).state is S.QUEUED
    office.deliver(after=timedelta(hours=1))
    assert (office.get(letter).state, office.get(letter).reason) == (S.CANCELLED, "withdrawn")


def test_a_letter_whose_target_has_moved_leaves_by_the_lane_of_the_new_address(office: Office) -> None:
    letter = office.letter()
    office.scene.change_target("bob-sample", email="bob@new.example")
    office.deliver()
    assert office.get(letter).state is S.SENT
    assert len(office.transport.to("bob@new.example")) == 1
    assert ledger_holds(office)

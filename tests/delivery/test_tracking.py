"""Reports of what became of mails: each once, in whatever order they come."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.delivery.lane_desk import split
from app.delivery.ledger import differences
from app.delivery.models import ReceivedReport, Standing, Suppression, SuppressionReason
from app.delivery.tracking import Received, apply_waiting, attribute, receive
from app.mail.message import Message
from app.mail.reports import Report, ReportKind
from app.mail.transport import Outcome, Uncertain
from app.queue.models import Delivery, Lane
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.delivery.conftest import Office
from tests.support.builders import BOB
from tests.support.fakes import Steady, accept
from tests.support.threads import together

S, K = DeliveryState, ReportKind
ADDRESS = "bob.sample@zedmere.example"


def report(office: Office, delivery_id: int | None, kind: ReportKind, *, seconds: int = 0, address: str = "") -> Report:
    return Report(kind, office.clock.now + timedelta(seconds=seconds), delivery_id, address, "550 5.7.1 said so")


def tell(office: Office, *reports: Report) -> Received:
    with office.scene.sessions.write() as session:
        return receive(session, reports, office.clock.now, Steady())


def sent(office: Office) -> int:
    letter = office.letter()
    office.deliver()
    assert office.get(letter).state is S.SENT
    return letter


def lane(office: Office) -> Lane:
    with office.scene.sessions.read() as session:
        return session.scalars(select(Lane).where(Lane.key == "zedmere.example")).one()


def suppressions(office: Office) -> list[Suppression]:
    with office.scene.sessions.read() as session:
        return list(session.scalars(select(Suppression)))


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (K.PROCESSED, S.SENT),
        (K.DEFERRED, S.SENT),
        (K.DELIVERED, S.DELIVERED),
        (K.BOUNCED, S.BOUNCED),
        (K.SOFT_BOUNCED, S.BOUNCED),
        (K.BLOCKED, S.BOUNCED),
        (K.DROPPED, S.BOUNCED),
        (K.COMPLAINED, S.COMPLAINED),
    ],
)
def test_each_report_puts_a_sent_letter_where_it_belongs(
    office: Office, kind: ReportKind, state: DeliveryState
) -> None:
    letter = sent(office)
    assert tell(office, report(office, letter, kind)) == Received(new=1, repeated=0, unattributed=0)
    assert office.get(letter).state is state
    if state is not S.SENT:
        event = office.scene.story(letter)[-1]
        assert (event.source, event.detail) == (EventSource.PROVIDER, "550 5.7.1 said so")


def test_a_report_that_is_told_again_does_nothing_again(office: Office) -> None:
    letter = sent(office)
    one = report(office, letter, K.DELIVERED)
    assert tell(office, one, one).repeated == 1
    assert tell(office, one) == Received(new=0, repeated=1, unattributed=0)
    assert len(office.scene.story(letter)) == 4


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_reports_in_any_order_end_alike(sqlite_office: Office, order: tuple[int, ...]) -> None:
    office = sqlite_office
    letter = sent(office)
    told = [report(office, letter, kind, seconds=n) for n, kind in enumerate((K.PROCESSED, K.DELIVERED, K.COMPLAINED))]
    for number in order:
        tell(office, told[number])
    assert office.get(letter).state is S.COMPLAINED


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (K.PROCESSED, S.SENT),
        (K.DELIVERED, S.DELIVERED),
        (K.BOUNCED, S.BOUNCED),
        (K.COMPLAINED, S.COMPLAINED),
        (K.DEFERRED, S.UNCERTAIN),
    ],
)
def test_a_late_report_settles_a_doubt(office: Office, kind: ReportKind, state: DeliveryState) -> None:
    letter = office.letter()
    office.transport.answer = lambda _message: Uncertain("timed out")
    office.deliver()
    tell(office, report(office, letter, kind))
    assert office.get(letter).state is state
    with office.scene.sessions.read() as session:
        assert list(differences(session)) == []


def test_a_report_that_comes_before_the_hand_over_is_settled_waits_for_it(office: Office) -> None:
    letter = office.letter()

    def reported_at_once(message: Message) -> Outcome:
        tell(office, report(office, message.id, K.DELIVERED))
        return accept(message)

    office.transport.answer = reported_at_once
    office.deliver()
    assert office.get(letter).state is S.SENT
    with office.scene.sessions.write() as session:
        assert apply_waiting(session, office.clock.now, Steady()) > 0
        assert apply_waiting(session, office.clock.now, Steady()) == 0
    assert office.get(letter).state is S.DELIVERED


def test_a_sweep_applies_what_waited(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()

    def reported_at_once(message: Message) -> Outcome:
        tell(office, report(office, message.id, K.DELIVERED))
        return accept(message)

    office.transport.answer = reported_at_once
    office.deliver()
    office.sweep()
    assert office.get(letter).state is S.DELIVERED


@pytest.mark.parametrize(
    ("kind", "reason"), [(K.BOUNCED, SuppressionReason.HARD_BOUNCE), (K.COMPLAINED, SuppressionReason.COMPLAINT)]
)
def test_a_dead_address_and_a_complaint_are_never_mailed_again(
    office: Office, kind: ReportKind, reason: SuppressionReason
) -> None:
    tell(office, report(office, sent(office), kind))
    assert [row.reason for row in suppressions(office)] == [reason]
    office.scene.confirmed(BOB)
    office.deliver(after=timedelta(hours=1))
    [_first, second] = office.scene.deliveries(Purpose.LETTER)
    assert (second.state, second.reason) == (S.SUPPRESSED, "suppressed_address")
    assert len(office.transport.to(ADDRESS)) == 1


@pytest.mark.parametrize("kind", [K.SOFT_BOUNCED, K.BLOCKED, K.DROPPED, K.DEFERRED])
def test_nothing_less_condemns_an_address(sqlite_office: Office, kind: ReportKind) -> None:
    tell(sqlite_office, report(sqlite_office, sent(sqlite_office), kind))
    assert suppressions(sqlite_office) == []


def test_a_block_lets_the_lane_rest_and_what_waits_there_waits(office: Office) -> None:
    letter = sent(office)
    tell(office, report(office, letter, K.BLOCKED))
    assert lane(office).rests_until is not None
    assert lane(office).said == "550 5.7.1 said so"
    office.scene.confirmed(BOB)
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == [S.BOUNCED, S.QUEUED]
    office.deliver(after=timedelta(minutes=6))
    assert office.scene.states(Purpose.LETTER) == [S.BOUNCED, S.SENT]


def test_no_log_names_the_mailbox_that_a_block_is_about(
    sqlite_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office = sqlite_office
    letter = office.letter()
    split(office.scene.sessions, ADDRESS)
    office.deliver()
    tell(office, report(office, letter, K.BLOCKED))
    assert 'event="lane rests" lane=*@zedmere.example' in caplog.text
    assert "bob" not in caplog.text


def test_a_swarm_of_reports_of_one_block_is_one_rest(sqlite_office: Office) -> None:
    office = sqlite_office
    for number in range(5):
        office.scene.confirmed(f"supporter{number}@supporter.example")
    office.deliver()
    letters = [row.id for row in office.scene.deliveries(Purpose.LETTER)]
    tell(office, *(report(office, letter, K.BLOCKED) for letter in letters))
    assert lane(office).trips == 1


def test_a_block_of_our_mail_to_supporters_stops_no_other_notice(sqlite_office: Office) -> None:
    office = sqlite_office
    sent(office)
    thanks = office.only(Purpose.THANK_YOU)
    tell(office, report(office, thanks.id, K.BLOCKED))
    office.scene.submit(BOB)
    office.deliver()
    assert office.scene.deliveries(Purpose.CONFIRMATION)[-1].state is S.SENT


def test_the_writer_is_told_whom_a_letter_that_came_back_could_not_reach(office: Office) -> None:
    tell(office, report(office, sent(office), K.BOUNCED))
    notice = office.only(Purpose.UNREACHABLE)
    office.deliver(after=timedelta(hours=1))
    assert office.get(notice.id).state is S.SENT
    mail = office.transport.messages[-1]
    assert mail.text.startswith("Your letter could not be delivered to Cllr Bob Sample.")


def test_without_our_number_the_only_letter_to_that_address_is_meant(office: Office) -> None:
    letter = sent(office)
    tell(office, report(office, None, K.BOUNCED, address=ADDRESS.upper(), seconds=30))
    assert office.get(letter).state is S.BOUNCED


def test_what_may_be_about_two_letters_is_kept_for_a_person(office: Office) -> None:
    letter = sent(office)
    office.scene.confirmed(BOB)
    office.deliver()
    unclear = report(office, None, K.BOUNCED, address=ADDRESS, seconds=30)
    assert tell(office, unclear) == Received(new=1, repeated=0, unattributed=1)
    assert set(office.scene.states(Purpose.LETTER)) == {S.SENT}
    with office.scene.sessions.write() as session:
        row = session.scalars(select(ReceivedReport)).one()
        assert (row.standing, row.delivery_id, row.lane_id) == (Standing.UNATTRIBUTED, None, lane(office).id)
        attribute(session, row.id, letter, office.clock.now, Steady())
    assert office.get(letter).state is S.BOUNCED


@pytest.mark.parametrize("earlier", [K.DELIVERED, K.SOFT_BOUNCED])
def test_a_late_report_without_our_number_settles_no_doubt_about_another_letter(
    office: Office, earlier: ReportKind
) -> None:
    letter = sent(office)
    office.transport.answer = lambda _message: Uncertain("timed out")
    office.scene.confirmed(BOB)
    office.deliver()
    late = report(office, None, K.PROCESSED, address=ADDRESS, seconds=1)
    office.clock.advance(timedelta(hours=1))
    tell(office, report(office, letter, earlier))
    assert tell(office, late).unattributed == 1
    assert [letter.state for letter in office.scene.deliveries(Purpose.LETTER)][1] is S.UNCERTAIN


def test_who_takes_a_report_in_waits_for_nobody_who_changes_its_delivery(postgresql_office: Office) -> None:
    office = postgresql_office
    letter = sent(office)
    with office.scene.sessions.write() as other:
        other.execute(update(Delivery).where(Delivery.id == letter).values(reason="being changed"))
        with office.scene.sessions.write() as session:
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
            receive(session, [report(office, letter, K.DELIVERED)], office.clock.now, Steady())
    assert office.get(letter).state is S.SENT
    office.sweep()
    assert office.get(letter).state is S.DELIVERED


def test_the_same_reports_twice_at_once_are_kept_once(postgresql_office: Office) -> None:
    office = postgresql_office
    reports = [report(office, number, K.PROCESSED) for number in range(900_000, 900_200)]
    some, others = together(lambda: tell(office, *reports), lambda: tell(office, *reversed(reports)))
    assert (some.new + others.new, some.repeated + others.repeated) == (200, 200)


@pytest.mark.parametrize("number", [999_999, 2**31 - 1])
def test_a_number_that_nothing_has_is_kept_as_unattributed(office: Office, number: int) -> None:
    sent(office)
    assert tell(office, report(office, number, K.DELIVERED)).unattributed == 1


def test_a_report_keeps_no_address_of_a_supporter(sqlite_office: Office) -> None:
    office = sqlite_office
    sent(office)
    tell(office, replace(report(office, None, K.BOUNCED, address="alice@supporter.example"), said="<address> unknown"))
    with office.scene.sessions.read() as session:
        row = session.scalars(select(ReceivedReport)).one()
    assert (row.lane_id, row.said) == (None, "<address> unknown")

"""A letter that its receiver blocked is sent once more when a person says so, and no copy of it arrives twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.delivery.desk import settle
from app.delivery.ledger import differences
from app.delivery.resend import blocked, resend, resend_all
from app.delivery.tracking import receive
from app.mail.reports import Report, ReportKind
from app.mail.transport import Uncertain
from app.queue.brakes import put_on
from app.queue.models import BrakeScope, Lane
from app.queue.states import DeliveryState, Purpose
from tests.delivery.conftest import Office
from tests.support.builders import BOB
from tests.support.fakes import Steady, accept

S, K = DeliveryState, ReportKind
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BOB_SAMPLE = "bob.sample@zedmere.example"


def tell(office: Office, delivery_id: int, kind: ReportKind, *, ago: timedelta = timedelta()) -> None:
    with office.scene.sessions.write() as session:
        one = Report(kind, office.clock.now - ago, delivery_id, "", "550 5.7.1 said so")
        receive(session, [one], office.clock.now, Steady())


def again(office: Office, *ids: int) -> list[int]:
    with office.scene.sessions.write() as session:
        session.execute(update(Lane).values(trips=0, rests_until=None))
        return resend(session, ids, "they let us in again", office.clock.now)


def ledger_holds(office: Office) -> bool:
    with office.scene.sessions.read() as session:
        return list(differences(session)) == []


def came_back(office: Office, kind: ReportKind = K.BLOCKED) -> int:
    """A letter that was handed over and came back a minute later."""
    letter = office.letter()
    office.deliver()
    office.clock.advance(MINUTE)
    tell(office, letter, kind)
    assert office.get(letter).state is S.BOUNCED
    return letter


def test_a_blocked_letter_is_sent_once_more_each_time_a_person_says_so(office: Office) -> None:
    letter = came_back(office)
    for copies in (2, 3):
        office.clock.advance(DAY)
        assert again(office, letter) == [letter]
        assert again(office, letter) == []
        office.deliver()
        office.deliver(after=DAY)
        assert office.get(letter).state is S.SENT
        assert len(office.transport.to(BOB_SAMPLE)) == copies
        tell(office, letter, K.BLOCKED)
        assert office.get(letter).state is S.BOUNCED
    assert ledger_holds(office)


def test_the_copy_that_was_sent_once_more_is_delivered_whatever_is_still_said_of_the_first(office: Office) -> None:
    letter = came_back(office)
    office.clock.advance(DAY)
    again(office, letter)
    office.deliver(after=MINUTE)
    for kind in (K.BLOCKED, K.SOFT_BOUNCED):
        tell(office, letter, kind, ago=DAY)
        assert office.get(letter).state is S.SENT
    tell(office, letter, K.DELIVERED)
    tell(office, letter, K.BLOCKED, ago=DAY - MINUTE)
    assert office.get(letter).state is S.DELIVERED
    assert ledger_holds(office)


@pytest.mark.parametrize("held", [False, True])
def test_a_copy_that_arrived_after_all_keeps_the_next_one_from_going(office: Office, held: bool) -> None:  # noqa: FBT001 - a case
    letter = came_back(office)
    again(office, letter)
    if held:
        with office.scene.sessions.write() as session:
            put_on(session, BrakeScope.TARGET, office.scene.target_id("bob-sample"), "on leave", office.clock.now)
        office.deliver()
    assert office.get(letter).state is (S.HELD if held else S.QUEUED)
    tell(office, letter, K.DELIVERED, ago=MINUTE)
    assert office.get(letter).state is S.DELIVERED
    office.deliver(after=DAY)
    assert len(office.transport.to(BOB_SAMPLE)) == 1
    assert ledger_holds(office)


def test_a_doubt_that_was_settled_as_queued_ends_when_the_letter_is_reported_to_have_arrived(office: Office) -> None:
    letter = office.letter()
    office.transport.answer = lambda _message: Uncertain("timed out")
    office.deliver()
    with office.scene.sessions.write() as session:
        assert settle(session, [letter], S.QUEUED, "not in their log", office.clock.now) == [letter]
    tell(office, letter, K.DELIVERED)
    office.transport.answer = accept
    office.deliver(after=DAY)
    assert (office.get(letter).state, len(office.transport.to(BOB_SAMPLE))) == (S.DELIVERED, 1)


@pytest.mark.parametrize("kind", [K.BOUNCED, K.SOFT_BOUNCED, K.DROPPED])
def test_what_came_back_for_another_reason_is_not_sent_again(sqlite_office: Office, kind: ReportKind) -> None:
    letter = came_back(sqlite_office, kind)
    assert again(sqlite_office, letter) == []
    assert sqlite_office.get(letter).state is S.BOUNCED


def test_what_was_reported_to_have_arrived_is_not_sent_again(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = office.letter()
    office.deliver()
    tell(office, letter, K.DELIVERED)
    tell(office, letter, K.BLOCKED)
    assert again(office, letter) == []
    with office.scene.sessions.read() as session:
        assert session.scalars(blocked()).all() == []


def test_all_that_a_lane_blocked_is_queued_again_in_parts(office: Office) -> None:
    office.scene.confirmed()
    office.scene.confirmed(BOB)
    office.deliver()
    letters = [letter.id for letter in office.scene.deliveries(Purpose.LETTER)]
    for letter in letters:
        tell(office, letter, K.BLOCKED)
    sessions, now = office.scene.sessions, office.clock.now
    assert resend_all(sessions, "elsewhere.example", "they let us in again", now) == 0
    assert resend_all(sessions, "zedmere.example", "they let us in again", now, at_once=2) == len(letters) == 4
    assert set(office.scene.states(Purpose.LETTER)) == {S.QUEUED}
    assert ledger_holds(office)


def test_the_writer_is_not_told_of_a_letter_that_is_on_its_way_again(office: Office) -> None:
    letter = came_back(office)
    again(office, letter)
    office.deliver(after=timedelta(hours=1))
    notice = office.only(Purpose.UNREACHABLE)
    assert (notice.state, notice.reason) == (S.FAILED, "nobody_unreached")

"""A letter to several targets behind one mailbox, on its way out: what holds it, and what it costs."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.actions.models import FrozenRecipient
from app.delivery.batch import BRAKES_EVERY
from app.delivery.desk import release_all
from app.delivery.release import release_verified
from app.mail.message import Message, to_mime
from app.mail.transport import Outcome
from app.queue.brakes import put_on, take_off
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState as S
from app.queue.states import Purpose
from app.targets.by_key import target_to_change
from app.targets.verify import verify
from tests.delivery.conftest import Office
from tests.support.costs import statements
from tests.support.fakes import accept

SHARED = "members@zedmere.example"
BOTH = ["bob-sample", "carla-verde"]


def share(office: Office) -> None:
    for external_id in BOTH:
        office.scene.change_target(external_id, email=SHARED)


def letter_to_both(office: Office) -> int:
    """A letter to both that waits; its delivery's id."""
    share(office)
    office.scene.confirmed()
    return office.only(Purpose.LETTER).id


def pause(office: Office, external_id: str) -> None:
    with office.scene.sessions.write() as session:
        put_on(session, BrakeScope.TARGET, office.scene.target_id(external_id), "on leave", office.clock.now)


def resume(office: Office, external_id: str) -> int:
    """Let the target go on as `flask deliveries resume` does; how many letters that queued."""
    target_id = office.scene.target_id(external_id)
    with office.scene.sessions.write() as session:
        take_off(session, BrakeScope.TARGET, target_id)
    return release_all(office.scene.sessions, "target_paused", "back", office.clock.now, target_id=target_id)


def state(office: Office, letter: int) -> tuple[S, str]:
    row = office.get(letter)
    return row.state, row.reason


def test_one_mail_greets_both(office: Office) -> None:
    letter_to_both(office)
    office.deliver()
    [message] = office.transport.to(SHARED)
    assert message.to_name == "Cllr Bob Sample and Cllr Carla Verde"
    assert message.text.startswith("Dear Cllr Sample and Cllr Verde,\n")
    assert office.only(Purpose.LETTER).state is S.SENT


def test_thanks_name_each_of_them_in_the_supporters_own_language(sqlite_office: Office) -> None:
    office = sqlite_office
    share(office)
    office.scene.confirmed(language="ar")
    office.scene.confirmed("bob@supporter.example")
    office.deliver()
    arabic, english = (message.text for message in office.transport.messages if "/letters/" in message.text)
    assert "Cllr Bob Sample وCllr Carla Verde" in arabic
    assert "your letter to Cllr Bob Sample and Cllr Carla Verde." in english


@pytest.mark.parametrize("one", BOTH)
def test_a_pause_of_one_holds_the_letter_to_both_until_that_one_goes_on(office: Office, one: str) -> None:
    letter = letter_to_both(office)
    pause(office, one)
    office.deliver()
    assert state(office, letter) == (S.HELD, "target_paused")
    assert resume(office, one) == 1
    office.deliver()
    assert state(office, letter)[0] is S.SENT


def test_while_the_other_is_paused_it_is_held_once_more(sqlite_office: Office) -> None:
    office = sqlite_office
    letter = letter_to_both(office)
    for one in BOTH:
        pause(office, one)
    office.deliver()
    assert resume(office, "carla-verde") == 1
    office.deliver()
    assert state(office, letter) == (S.HELD, "target_paused")
    assert resume(office, "bob-sample") == 1
    office.deliver()
    assert state(office, letter)[0] is S.SENT


@pytest.mark.parametrize("one", BOTH)
def test_one_who_goes_on_while_the_letter_is_to_be_held_gets_it(office: Office, one: str) -> None:
    """The rendering saw the pause; whoever ended it found nothing held yet, and does not come back."""
    share(office)
    office.scene.change_target("dan-moss", area_id=office.scene.area_id("Canalside"))
    office.scene.confirmed()
    pause(office, one)

    def meanwhile(message: Message) -> Outcome:
        resume(office, one)
        return accept(message)

    office.transport.answer = meanwhile
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == [S.SENT, S.SENT]


@pytest.mark.parametrize("one", BOTH)
def test_a_pause_while_the_batch_is_on_its_way_stops_it_too(sqlite_office: Office, one: str) -> None:
    office = sqlite_office
    letter_to_both(office)
    office.scene.confirmed("bob@supporter.example")

    def pause_now(message: Message) -> Outcome:
        if message.to_address == SHARED:
            pause(office, one)
            office.clock.advance(BRAKES_EVERY)
        return accept(message)

    office.transport.answer = pause_now
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == [S.SENT, S.HELD]
    assert len(office.transport.to(SHARED)) == 1
    moves = [event.to_state for event in office.scene.story(office.scene.deliveries(Purpose.LETTER)[1].id)]
    assert moves == [S.QUEUED, S.SENDING, S.QUEUED, S.SENDING, S.HELD], "it was fed, and came back before its end"


@pytest.mark.parametrize("one", BOTH)
def test_when_one_of_them_has_left_office_nobody_gets_a_letter_that_names_them(office: Office, one: str) -> None:
    letter = letter_to_both(office)
    office.scene.change_target(one, archived_at=office.clock.now)
    office.deliver()
    assert state(office, letter) == (S.HELD, "target_archived")
    assert office.transport.to(SHARED) == []


@pytest.mark.parametrize("one", BOTH)
@pytest.mark.parametrize("address", ["alone@zedmere.example", ""])
def test_when_one_has_another_address_a_person_decides(sqlite_office: Office, one: str, address: str) -> None:
    office = sqlite_office
    letter = letter_to_both(office)
    office.scene.change_target(one, email=address)
    office.deliver()
    reason = "no_address" if (one, address) == ("bob-sample", "") else "mailbox_parted"
    assert state(office, letter) == (S.HELD, reason)
    assert office.transport.to(SHARED) == []
    office.scene.change_target(one, email=SHARED.upper())
    assert release_all(office.scene.sessions, reason, "set right", office.clock.now) == 1
    office.deliver()
    assert state(office, letter)[0] is S.SENT


@pytest.mark.parametrize("one", BOTH)
def test_an_address_that_was_checked_for_one_of_them_is_checked(office: Office, one: str) -> None:
    office.transport.reaches_people = True
    letter = letter_to_both(office)
    office.deliver()
    assert state(office, letter) == (S.HELD, "unverified_target")
    with office.scene.sessions.write() as session:
        target = target_to_change(session, "councillors", one)
        verify(target, "Read on the council's website.", office.clock.now)
        assert release_verified(session, target.id, office.clock.now) == [letter]
    office.deliver()
    assert state(office, letter)[0] is S.SENT


def test_an_address_that_was_checked_for_another_mailbox_is_not(sqlite_office: Office) -> None:
    office = sqlite_office
    office.transport.reaches_people = True
    letter = letter_to_both(office)
    office.scene.change_target("carla-verde", email="carla@zedmere.example", verified_at=office.clock.now)
    office.deliver()
    assert state(office, letter) == (S.HELD, "unverified_target")


def test_a_letter_whose_names_were_changed_is_held(sqlite_office: Office) -> None:
    letter = letter_to_both(sqlite_office)
    with sqlite_office.scene.sessions.write() as session:
        session.execute(update(FrozenRecipient).values(salutation="Dear Cllr Sample"))
    sqlite_office.deliver()
    assert state(sqlite_office, letter) == (S.HELD, "text_changed")


def test_many_names_can_be_written_on_the_wire(sqlite_office: Office) -> None:
    office = sqlite_office
    share(office)
    office.scene.change_target("bob-sample", name="Zoë, “the Voice”; " + "Ö" * 90)
    office.scene.confirmed()
    office.deliver()
    [message] = office.transport.to(SHARED)
    assert to_mime(message, office.clock.now).isascii()


def test_letters_to_one_each_cost_no_more_statements_and_shared_ones_one_more(sqlite_office: Office) -> None:
    office = sqlite_office
    counts = []
    for number, shared in enumerate((False, True, True)):
        if shared:
            share(office)
        for each in range(number + 1):
            office.scene.confirmed(f"{number}.{each}@supporter.example")
        ids = [row.id for row in office.scene.deliveries(Purpose.LETTER) if row.state is S.QUEUED]
        with office.scene.sessions.read() as session, statements(office.scene.sessions.engine) as told:
            office.dispatcher.renderer.prepare(session, ids, office.clock())
        counts.append(len(told))
        office.deliver()
    assert counts[1] == counts[0] + 1 == counts[2]

"""What a person decides about deliveries and lanes, on each kind of database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.delivery.desk import (
    NotToBeReleasedError,
    cancel,
    in_state,
    lines,
    reasons,
    release,
    release_all,
    settle,
)
from app.delivery.forecast import forecast
from app.delivery.lane_desk import split
from app.delivery.ledger import differences
from app.mail.transport import Uncertain
from app.queue.brakes import brakes_listed, put_on
from app.queue.models import BrakeScope, Lane
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.delivery.conftest import UNPACED, Office, renderer
from tests.support.builders import BOB

S, LETTER = DeliveryState, Purpose.LETTER
WHY = "read in the relay's log"


def ledger_of(office: Office) -> list[str]:
    with office.scene.sessions.read() as session:
        return list(differences(session))


def in_doubt(office: Office) -> int:
    """A letter whose answer was lost."""
    letter = office.letter()
    office.transport.answer = lambda _message: Uncertain("timed out after the data")
    office.deliver()
    assert office.get(letter).state is S.UNCERTAIN
    return letter


def held_letters(office: Office) -> list[int]:
    """Two letters to a target that has left."""
    office.scene.change_target("carla-verde", email="")
    for email in ("alice@supporter.example", BOB):
        office.scene.confirmed(email)
    office.scene.change_target("bob-sample", archived_at=office.clock())
    office.deliver()
    assert office.scene.states(LETTER) == [S.HELD, S.HELD]
    return [letter.id for letter in office.scene.deliveries(LETTER)]


def test_a_settled_doubt_is_a_fact_of_staffs_with_the_reason_why(office: Office) -> None:
    letter = in_doubt(office)
    with office.scene.sessions.write() as session:
        assert settle(session, [letter], S.DELIVERED, WHY, office.clock()) == [letter]
    last = office.scene.story(letter)[-1]
    assert (last.source, last.from_state, last.to_state, last.detail) == (
        EventSource.STAFF,
        S.UNCERTAIN,
        S.DELIVERED,
        WHY,
    )
    assert ledger_of(office) == []


def test_a_doubt_that_is_queued_is_due_at_once(office: Office) -> None:
    letter = in_doubt(office)
    office.clock.advance(timedelta(hours=1))
    with office.scene.sessions.write() as session:
        settle(session, [letter], S.QUEUED, WHY, office.clock())
    assert office.get(letter).due_at == office.clock()


def test_only_what_is_in_doubt_is_settled(office: Office) -> None:
    letter = office.letter()
    with office.scene.sessions.write() as session:
        assert settle(session, [letter], S.SENT, WHY, office.clock()) == []
    assert office.get(letter).state is S.QUEUED


def test_whoever_wrote_a_letter_that_came_back_is_told(office: Office) -> None:
    letter = in_doubt(office)
    with office.scene.sessions.write() as session:
        settle(session, [letter], S.BOUNCED, WHY, office.clock())
    assert office.only(Purpose.UNREACHABLE).action_id == office.get(letter).action_id


def test_a_doubt_is_listed_with_what_is_known(office: Office) -> None:
    claimed = office.clock()
    letter = in_doubt(office)
    with office.scene.sessions.read() as session:
        [line] = in_state(session, S.UNCERTAIN)
    assert (line.id, line.recipient, line.lane) == (letter, "Cllr Bob Sample", "zedmere.example")
    assert (line.claimed_at, line.said) == (claimed, "timed out after the data")


def test_a_notice_names_nobody(office: Office) -> None:
    office.scene.confirmed()
    notice = office.only(Purpose.CONFIRMATION).id
    with office.scene.sessions.read() as session:
        [line] = lines(session, [notice])
    assert (line.recipient, line.lane, line.claimed_at, line.said) == ("", "notices", None, "")


def test_all_that_is_held_for_a_reason_is_released_in_parts(office: Office) -> None:
    held = held_letters(office)
    with office.scene.sessions.read() as session:
        assert reasons(session, S.HELD) == {"target_archived": 2}
    released = release_all(office.scene.sessions, "target_archived", WHY, office.clock(), at_once=1)
    assert released == len(held)
    assert office.scene.states(LETTER) == [S.QUEUED, S.QUEUED]
    assert ledger_of(office) == []


def test_a_target_is_released_without_the_others(office: Office) -> None:
    held_letters(office)
    other = office.scene.target_id("carla-verde")
    assert release_all(office.scene.sessions, "target_archived", WHY, office.clock(), target_id=other) == 0
    bob = office.scene.target_id("bob-sample")
    assert release_all(office.scene.sessions, "target_archived", WHY, office.clock(), target_id=bob) == 2


def test_one_letter_that_cannot_be_released_keeps_the_others(office: Office) -> None:
    office.transport.reaches_people = True
    office.scene.change_target("carla-verde", verified_at=office.clock())
    office.scene.confirmed()
    office.scene.change_target("carla-verde", archived_at=office.clock())
    office.deliver()
    ids = [letter.id for letter in office.scene.deliveries(LETTER)]
    with pytest.raises(NotToBeReleasedError, match="flask targets verify"), office.scene.sessions.write() as session:
        release(session, ids, WHY, office.clock())
    assert office.scene.states(LETTER) == [S.HELD, S.HELD]


def test_what_waits_is_cancelled_and_what_is_on_its_way_is_not(office: Office) -> None:
    office.scene.confirmed()
    waiting, leaving = (letter.id for letter in office.scene.deliveries(LETTER))
    cancelled: list[int] = []

    def cancel_meanwhile(_message: object) -> Uncertain:
        with office.scene.sessions.write() as session:
            cancelled.extend(cancel(session, [waiting, leaving], WHY, office.clock()))
        return Uncertain("timed out after the data")

    office.transport.answer = cancel_meanwhile
    office.deliver()
    assert cancelled == [], "both were claimed"
    with office.scene.sessions.write() as session:
        settle(session, [waiting], S.QUEUED, WHY, office.clock())
        assert cancel(session, [waiting, leaving], WHY, office.clock()) == [waiting]
    assert office.scene.states(LETTER) == [S.CANCELLED, S.UNCERTAIN]
    assert ledger_of(office) == []


def test_the_forecast_is_what_then_leaves(office: Office) -> None:
    office.scene.confirmed()
    office.scene.confirmed(BOB)
    with office.scene.sessions.read() as session:
        told = forecast(session, renderer(), UNPACED, office.clock(), 100)
    office.deliver()
    assert [one.line.id for one in told if not one.obstacle] == [message.id for message in office.transport.messages]


def test_brakes_are_listed_by_the_names_that_staff_use(office: Office) -> None:
    office.scene.confirmed()
    with office.scene.sessions.write() as session:
        lane = session.scalars(select(Lane).where(Lane.key == "zedmere.example")).one()
        for scope, subject in (
            (BrakeScope.CAMPAIGN, office.scene.campaign_id),
            (BrakeScope.LANE, lane.id),
            (BrakeScope.TARGET, office.scene.target_id("bob-sample")),
            (BrakeScope.LETTERS, 0),
        ):
            put_on(session, scope, subject, WHY, office.clock())
        names = [brake.name for brake in brakes_listed(session)]
    assert names == ["campaign abolish-reporting", "lane zedmere.example", "target councillors bob-sample", "letters"]


def test_a_mailbox_that_is_set_apart_takes_along_what_waits_and_what_is_held(office: Office) -> None:
    held = held_letters(office)
    office.scene.change_target("bob-sample", archived_at=None)
    release_all(office.scene.sessions, "target_archived", WHY, office.clock())
    assert split(office.scene.sessions, "Bob.Sample@zedmere.example", at_once=1) == len(held)
    assert split(office.scene.sessions, "bob.sample@zedmere.example") == 0
    assert ledger_of(office) == []
    office.deliver()
    assert office.scene.states(LETTER) == [S.SENT, S.SENT]

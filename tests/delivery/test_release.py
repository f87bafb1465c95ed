"""Letters that were held go when what held them is settled: newer data, an acceptance, verified addresses."""

from __future__ import annotations

from datetime import date, timedelta

from app.delivery.release import release_all_verified, release_fresh
from app.queue.states import DeliveryState, Purpose
from app.targets.elections import store_elections
from app.targets.freshness import accept
from app.targets.importers.elections import ElectionRow
from tests.delivery.conftest import Office

S = DeliveryState
ELECTION = date(2026, 11, 19)
"""After the day that the councillors' list describes, and before the tests' now."""


def hold_all(office: Office) -> None:
    """Let letters to everybody in Canalside be held because Zedmere was elected since."""
    office.transport.reaches_people = True
    for external_id in ("bob-sample", "carla-verde"):
        office.scene.change_target(external_id, verified_at=office.clock.now)
    with office.scene.sessions.write() as session:
        store_elections(session, [ElectionRow("", "Z09000001", ELECTION)], "Invented for a test")
    office.scene.confirmed()
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == [S.HELD, S.HELD]


def test_nothing_goes_while_the_data_are_stale(office: Office) -> None:
    hold_all(office)
    assert release_fresh(office.scene.sessions, office.clock.now) == []


def test_letters_go_when_staff_accept_what_there_is(office: Office) -> None:
    hold_all(office)
    with office.scene.sessions.write() as session:
        accept(session, "Z09000001", ELECTION, by="Ann", why="the same were elected", now=office.clock.now)
    released = release_fresh(office.scene.sessions, office.clock.now, at_once=1)
    assert released == [row.id for row in office.scene.deliveries(Purpose.LETTER)]
    assert office.get(released[0]).reason == "fresh"
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == [S.SENT, S.SENT]


def test_only_letters_to_those_who_are_fresh_go(office: Office) -> None:
    hold_all(office)
    office.scene.change_target("bob-sample", stale_from=None)
    bob, _carla = office.scene.deliveries(Purpose.LETTER)
    assert release_fresh(office.scene.sessions, office.clock.now) == [bob.id]


def test_letters_go_while_the_next_election_is_still_to_come(office: Office) -> None:
    hold_all(office)
    office.scene.change_target("carla-verde", stale_from=office.clock.now.date() + timedelta(days=1))
    _bob, carla = office.scene.deliveries(Purpose.LETTER)
    assert release_fresh(office.scene.sessions, office.clock.now) == [carla.id]


def test_what_is_held_for_another_reason_stays(office: Office) -> None:
    office.letter()
    office.transport.reaches_people = True
    office.deliver()
    assert office.only(Purpose.LETTER).reason == "unverified_target"
    assert release_fresh(office.scene.sessions, office.clock.now) == []


def test_letters_go_when_whole_lists_are_verified(office: Office) -> None:
    office.transport.reaches_people = True
    office.scene.confirmed()
    office.deliver()
    bob, carla = office.scene.deliveries(Purpose.LETTER)
    assert (bob.reason, carla.reason) == ("unverified_target", "unverified_target")
    assert release_all_verified(office.scene.sessions, office.clock.now) == []
    office.scene.change_target("carla-verde", verified_at=office.clock.now)
    assert release_all_verified(office.scene.sessions, office.clock.now, at_once=1) == [carla.id]
    office.scene.change_target("bob-sample", verified_at=office.clock.now)
    assert release_all_verified(office.scene.sessions, office.clock.now, at_once=1) == [bob.id]
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == [S.SENT, S.SENT]

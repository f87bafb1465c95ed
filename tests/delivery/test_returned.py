"""Whose addresses send mail back."""

from __future__ import annotations

from app.delivery.models import SuppressionReason
from app.delivery.returned import bounced_by_area
from app.delivery.suppressions import suppress
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.delivery.conftest import Office

S = DeliveryState


def bounce(office: Office, delivery_id: int, reason: str = "") -> None:
    change = Move(S.SENT, S.BOUNCED, EventSource.PROVIDER, reason=reason)
    with office.scene.sessions.write() as session:
        assert move(session, [delivery_id], change, office.clock.now) == [delivery_id]


def bounced(office: Office) -> dict[str, int]:
    with office.scene.sessions.read() as session:
        counted = bounced_by_area(session)
    places = {office.scene.area_id(name): name for name in ("Canalside", "Station Road")}
    return {places[area or 0]: number for area, number in counted.items()}


def test_an_address_that_sent_a_letter_back_counts_once(office: Office) -> None:
    for number in range(2):
        office.scene.confirmed(f"person{number}@supporter.example")
    office.deliver()
    to_bob = [row.id for row in office.scene.deliveries(Purpose.LETTER)][::2]
    for delivery_id in to_bob:
        bounce(office, delivery_id)
    assert bounced(office) == {"Canalside": 1}


def test_an_address_that_must_not_be_mailed_counts_in_any_case_of_letters(office: Office) -> None:
    with office.scene.sessions.write() as session:
        for address in ("Bob.Sample@zedmere.example", "dan.moss@zedmere.example", "alice@supporter.example"):
            suppress(session, address, SuppressionReason.HARD_BOUNCE, "550 5.1.1", office.clock.now)
    assert bounced(office) == {"Canalside": 1, "Station Road": 1}


def test_a_receiver_that_blocks_us_says_nothing_about_an_address(office: Office) -> None:
    letter = office.letter()
    office.deliver()
    bounce(office, letter, "blocked")
    assert bounced(office) == {}


def test_who_has_left_does_not_count(office: Office) -> None:
    letter = office.letter()
    office.deliver()
    bounce(office, letter)
    assert bounced(office) == {"Canalside": 1}
    office.scene.change_target("bob-sample", archived_at=office.clock.now)
    assert bounced(office) == {}

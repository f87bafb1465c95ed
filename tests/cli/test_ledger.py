"""`flask ledger` and `flask suppressions`, as staff type them."""

from __future__ import annotations

from app.queue.states import DeliveryState, Purpose
from tests.cli.conftest import House
from tests.support.builders import BOB

S, LETTER = DeliveryState, Purpose.LETTER


def test_the_ledger_is_shown_as_an_equation(house: House) -> None:
    house.scene.confirmed()
    house.deliver()
    house.scene.withdraw(house.scene.confirmed(BOB))
    told = house.says("ledger", "show")
    assert "abolish-reporting: 4 letters = 2 sent + 2 cancelled" in told
    assert "in all: 4 letters" in told


def test_a_ledger_that_does_not_add_up_says_where(house: House) -> None:
    house.scene.confirmed()
    with house.platform.sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET state = 'sent' WHERE purpose = 'letter'")
    told = house.refuses("ledger", "check")
    assert "the counter says" in told
    assert "its last event says queued" in told


def test_addresses_are_suppressed_listed_and_lifted(house: House) -> None:
    house.says("suppressions", "add", "BOB.sample@zedmere.example", "--why", "asked us to stop")
    house.says("suppressions", "add", "alice@supporter.example", "--why", "asked us to stop")
    told = house.says("suppressions", "list")
    assert "bob.sample@zedmere.example: staff" in told
    assert "and 1 that belong to no target" in told
    assert "alice" not in told
    house.scene.confirmed()
    house.deliver()
    assert house.scene.states(LETTER) == [S.SUPPRESSED, S.SENT]
    assert "may be mailed" in house.says("suppressions", "lift", "bob.sample@zedmere.example")
    assert "was not" in house.says("suppressions", "lift", "bob.sample@zedmere.example")

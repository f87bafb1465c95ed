"""The commands of the queue, as staff type them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.bootstrap import Platform
from app.mail.transport import Deferred, Outcome, Uncertain
from app.queue.states import DeliveryState, Purpose
from tests.cli.conftest import Run, running, unchanged
from tests.support.builders import BOB, Scene, make_scene
from tests.support.fakes import FakeDoorbell, FakeTransport, accept

S, LETTER = DeliveryState, Purpose.LETTER


class House:
    """A platform with a scene, a scripted transport, and the commands on them."""

    def __init__(self, platform: Platform) -> None:
        self.transport, self.doorbell = FakeTransport(), FakeDoorbell()
        self.platform = replace(platform, transport=self.transport, doorbell=self.doorbell)
        self.scene: Scene = make_scene(platform.sessions, datetime.now(UTC))
        self.run: Run = running(self.platform)

    def deliver(self, outcome: Outcome | None = None) -> int:
        self.transport.answer = accept if outcome is None else lambda _message: outcome
        return self.platform.dispatcher.deliver_due()

    def says(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def refuses(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code != 0
        return result.output


@pytest.fixture
def house(platform: Platform) -> House:
    return House(platform)


def test_due_shows_what_would_go_in_order_and_changes_nothing(house: House) -> None:
    house.scene.confirmed()
    with unchanged(house.platform):
        told = house.says("deliveries", "due").splitlines()
    sent_in_order = [line.split()[0] for line in told if line.endswith("goes")]
    assert any("to Cllr Bob Sample by zedmere.example" in line for line in told)
    assert not any("Alice" in line or "alice" in line for line in told)
    house.deliver()
    assert [str(message.id) for message in house.transport.messages] == sent_in_order


def test_due_says_what_would_be_held_and_why(house: House) -> None:
    house.transport.reaches_people = True
    house.scene.confirmed()
    assert "held: unverified_target" in house.says("deliveries", "due")


@pytest.mark.parametrize(
    "subject",
    [
        ["--everything"],
        ["--letters"],
        ["--campaign", "abolish-reporting"],
        ["--lane", "zedmere.example"],
    ],
)
def test_what_is_paused_waits_and_goes_on(house: House, subject: list[str]) -> None:
    house.scene.confirmed()
    assert "is paused" in house.says("deliveries", "pause", *subject, "--why", "they rang")
    assert "already" in house.says("deliveries", "pause", *subject, "--why", "again")
    house.scene.confirmed(BOB)
    house.deliver()
    assert set(house.scene.states(LETTER)) == {S.QUEUED}
    assert len(house.scene.states(LETTER)) == 4, "letters are still accepted"
    assert "they rang" in house.says("deliveries", "paused")
    assert "paused: " in house.says("deliveries", "due")
    assert "goes on" in house.says("deliveries", "resume", *subject)
    assert len(house.doorbell.rings) == 1
    house.deliver()
    assert set(house.scene.states(LETTER)) == {S.SENT}
    assert "was not paused" in house.says("deliveries", "resume", *subject)


def test_a_paused_targets_letters_are_held_and_go_when_it_goes_on(house: House) -> None:
    house.says("deliveries", "pause", "--target", "councillors", "bob-sample", "--why", "on leave")
    house.scene.confirmed()
    house.deliver()
    assert house.scene.states(LETTER) == [S.HELD, S.SENT]
    house.says("deliveries", "resume", "--target", "councillors", "bob-sample")
    house.deliver()
    assert house.scene.states(LETTER) == [S.SENT, S.SENT]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--campaign", "none"], "There is no campaign none."),
        (["--lane", "none.example"], "There is no lane none.example."),
        (["--target", "councillors", "none"], "There is no target councillors none."),
        ([], "Say one thing"),
        (["--letters", "--everything"], "Say one thing"),
    ],
)
def test_what_is_not_there_cannot_be_paused(house: House, arguments: list[str], words: str) -> None:
    with unchanged(house.platform):
        assert words in house.refuses("deliveries", "pause", *arguments, "--why", "x")


def uncertain(house: House) -> str:
    house.scene.change_target("carla-verde", email="")
    house.scene.confirmed()
    house.deliver(Uncertain("timed out after the data"))
    [letter] = house.scene.deliveries(LETTER)
    assert letter.state is S.UNCERTAIN
    return str(letter.id)


def test_uncertain_letters_are_listed_with_what_is_known(house: House) -> None:
    letter = uncertain(house)
    told = house.says("deliveries", "uncertain")
    assert told.startswith(f"{letter} letter abolish-reporting to Cllr Bob Sample by zedmere.example")
    assert f"<{letter}." in told
    assert "timed out after the data" in told


@pytest.mark.parametrize("state", [S.SENT, S.DELIVERED, S.BOUNCED, S.QUEUED])
def test_a_person_settles_a_doubt(house: House, state: DeliveryState) -> None:
    letter = uncertain(house)
    house.says("deliveries", "settle", letter, "--as", state.value, "--why", "read in the relay's log")
    assert house.scene.states(LETTER) == [state]
    assert "read in the relay's log" in house.says("deliveries", "show", letter)
    assert "Left alone" in house.refuses("deliveries", "settle", letter, "--as", "sent", "--why", "x")
    assert "The ledger holds: 1 letters." in house.says("ledger", "check")


def test_held_letters_are_listed_released_and_cancelled(house: House) -> None:
    house.scene.confirmed()
    house.scene.change_target("bob-sample", archived_at=datetime.now(UTC))
    house.deliver()
    [held, sent] = house.scene.deliveries(LETTER)
    assert "(target_archived)" in house.says("deliveries", "held", "--reason", "target_archived")
    assert house.says("deliveries", "held", "--reason", "no_address") == ""
    house.scene.change_target("bob-sample", archived_at=None)
    assert house.says("deliveries", "release", "--reason", "target_archived", "--why", "back") == "1 queued\n"
    assert "Left alone" in house.refuses("deliveries", "cancel", str(held.id), str(sent.id), "--why", "asked")
    assert house.scene.states(LETTER) == [S.CANCELLED, S.SENT]


@pytest.mark.parametrize("arguments", [[], ["1", "--reason", "x"]])
def test_a_release_names_either_ids_or_a_reason(house: House, arguments: list[str]) -> None:
    assert "either" in house.refuses("deliveries", "release", *arguments, "--why", "x")


def test_an_unverified_target_is_verified_not_released(house: House) -> None:
    house.transport.reaches_people = True
    house.scene.confirmed()
    house.deliver()
    letter = str(house.scene.deliveries(LETTER)[0].id)
    assert "flask targets verify" in house.refuses("deliveries", "release", letter, "--why", "x")
    assert set(house.scene.states(LETTER)) == {S.HELD}


def test_a_delivery_that_is_not_there_has_no_story(house: House) -> None:
    assert "There is no delivery 99." in house.refuses("deliveries", "show", "99")


def test_lanes_tell_who_turns_us_away_and_what_they_said(house: House) -> None:
    for number in range(3):
        house.scene.confirmed(f"supporter{number}@supporter.example")
    house.deliver(Deferred("421 4.7.0 Try again later"))
    told = house.says("lanes", "list", "--troubled")
    assert told.startswith("zedmere.example: rests until")
    assert "421 4.7.0 Try again later" in told
    assert "notices" not in told
    house.says("lanes", "probe", "zedmere.example")
    assert "tries with single letters" in house.says("lanes", "list")
    house.says("lanes", "probe", "zedmere.example", "--sound")
    assert house.says("lanes", "list", "--troubled") == ""


def test_a_lane_gets_rules_of_its_own_and_gives_them_back(house: House) -> None:
    house.scene.confirmed()
    house.says("lanes", "set", "zedmere.example", "--pace", "30", "--hours", "mon-fri 09:00-17:00")
    assert "30 an hour, mon-fri 09:00-17:00" in house.says("lanes", "list")
    house.says("lanes", "set", "zedmere.example", "--pace", "house", "--hours", "house")
    assert "08:00-20:00" in house.says("lanes", "list")
    assert "whole number" in house.refuses("lanes", "set", "zedmere.example", "--pace", "fast", "--hours", "always")
    assert "--hours" in house.refuses("lanes", "set", "zedmere.example", "--pace", "1", "--hours", "noon")
    assert "no lane" in house.refuses("lanes", "set", "none.example", "--pace", "1", "--hours", "always")


def test_a_mailbox_that_is_set_apart_takes_what_waits_for_it_along(house: House) -> None:
    house.scene.confirmed()
    assert "1 that wait" in house.says("lanes", "split", "Bob.Sample@zedmere.example")
    house.scene.confirmed(BOB)
    assert "bob.sample@zedmere.example: open; 2 waiting" in house.says("lanes", "list")
    assert "holds" in house.says("ledger", "check")
    house.deliver()
    assert set(house.scene.states(LETTER)) == {S.SENT}


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

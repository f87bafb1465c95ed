"""`flask lanes`, as staff type it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.mail.transport import Deferred
from app.queue.states import DeliveryState, Purpose
from tests.cli.conftest import House, running, unchanged
from tests.support.builders import BOB

S, LETTER = DeliveryState, Purpose.LETTER


def test_lanes_tell_who_turns_us_away_and_what_they_said(house: House) -> None:
    for number in range(3):
        house.scene.confirmed(f"supporter{number}@supporter.example")
    house.deliver(Deferred("421 4.7.0 Try again later"))
    told = house.says("lanes", "list", "--troubled")
    assert told.startswith("zedmere.example: rests until")
    assert "421 4.7.0 Try again later" in told
    assert "notices" not in told
    house.says("lanes", "probe", "zedmere.example")
    assert len(house.doorbell.rings) == 1
    assert "tries with single letters" in house.says("lanes", "list")
    house.says("lanes", "probe", "zedmere.example", "--sound")
    assert house.says("lanes", "list", "--troubled") == ""


def test_a_lane_gets_rules_of_its_own_and_gives_them_back(house: House) -> None:
    house.transport.reaches_people = True
    house.scene.confirmed()
    house.says("lanes", "set", "zedmere.example", "--pace", "30")
    house.says("lanes", "set", "zedmere.example", "--hours", "mon-fri 09:00-17:00")
    assert "30 an hour, mon-fri 09:00-17:00" in house.says("lanes", "list")
    house.says("lanes", "set", "zedmere.example", "--pace", "house", "--hours", "house")
    [notices, lane] = house.says("lanes", "list").splitlines()
    assert notices.endswith("no limit, always")
    assert lane.endswith(f"{house.platform.config.lanes.pace} an hour, {house.platform.config.lanes.hours}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["set", "zedmere.example", "--pace", "fast"], "whole number"),
        (["set", "zedmere.example", "--pace", "9999999"], "whole number"),
        (["set", "zedmere.example", "--pace", "1", "--hours", "noon"], "--hours takes"),
        (["set", "zedmere.example"], "Give --pace"),
        (["set", "none.example", "--pace", "1"], "There is no lane none.example."),
        (["probe", "none.example"], "There is no lane none.example."),
        (["split", "alice@supporter.example"], "No target has this address."),
    ],
)
def test_what_cannot_be_done_to_a_lane_is_said_and_changes_nothing(
    house: House, arguments: list[str], words: str
) -> None:
    house.scene.confirmed()
    with unchanged(house.platform):
        assert words in house.refuses("lanes", *arguments)


@pytest.mark.parametrize(("hours", "standing"), [("always", "open"), ("00:00-00:01", "closed until its hours")])
def test_a_lane_says_whether_it_is_open(house: House, hours: str, standing: str) -> None:
    midday = datetime(2026, 7, 1, 12, tzinfo=UTC)
    flask = running(replace(house.platform, clock=lambda: midday))
    house.scene.confirmed()
    house.says("lanes", "set", "zedmere.example", "--hours", hours)
    assert f"zedmere.example: {standing}; 2 waiting" in flask("lanes", "list").output


def test_what_is_paused_says_so_and_notices_go_on(house: House) -> None:
    house.scene.confirmed()
    house.says("deliveries", "pause", "--letters", "--why", "they rang")
    told = house.says("lanes", "list")
    assert "notices: open" in told
    assert "zedmere.example: paused" in told


def test_a_mailbox_that_is_set_apart_takes_what_waits_for_it_along(house: House) -> None:
    house.scene.confirmed()
    assert "1 that wait" in house.says("lanes", "split", "Bob.Sample@zedmere.example")
    house.scene.confirmed(BOB)
    assert "bob.sample@zedmere.example: open; 2 waiting" in house.says("lanes", "list")
    assert "holds" in house.says("ledger", "check")
    house.deliver()
    assert set(house.scene.states(LETTER)) == {S.SENT}


def test_no_log_names_a_mailbox_that_is_set_apart(house: House, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(5):
        house.scene.confirmed(f"supporter{number}@supporter.example")
    house.says("lanes", "split", "bob.sample@zedmere.example")
    house.deliver(Deferred("421 4.7.0 Try again later"))
    assert 'event="lane rests" lane=*@zedmere.example' in caplog.text
    assert 'event="lane rests" lane=zedmere.example' in caplog.text
    assert "bob" not in caplog.text


def test_a_mailbox_that_is_set_apart_does_not_get_round_its_domains_brake_or_block(house: House) -> None:
    for number in range(3):
        house.scene.confirmed(f"supporter{number}@supporter.example")
    house.deliver(Deferred("421 4.7.0 Try again later"))
    house.says("deliveries", "pause", "--lane", "zedmere.example", "--why", "they rang")
    house.says("lanes", "split", "bob.sample@zedmere.example")
    assert "lane bob.sample@zedmere.example is paused" in house.says("deliveries", "paused")
    house.says("deliveries", "resume", "--all")
    assert "bob.sample@zedmere.example: rests until" in house.says("lanes", "list", "--troubled")
    assert "0 that wait" in house.says("lanes", "split", "bob.sample@zedmere.example")

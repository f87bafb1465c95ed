"""`flask deliveries`, as staff type it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from app.delivery.desk import SHOWN
from app.delivery.tracking import receive
from app.mail.reports import Report, ReportKind
from app.mail.transport import Uncertain
from app.queue.brakes import take_off
from app.queue.models import BrakeScope, Delivery
from app.queue.states import DeliveryState, Purpose
from tests.cli.conftest import House, unchanged
from tests.support.builders import BOB

S, LETTER = DeliveryState, Purpose.LETTER


def test_due_shows_what_would_go_in_order_and_changes_nothing(house: House) -> None:
    house.scene.confirmed()
    with unchanged(house.platform):
        told = house.says("deliveries", "due").splitlines()
    sent_in_order = [line.split()[0] for line in told if line.endswith("goes")]
    assert any("to Cllr Bob Sample by zedmere.example" in line for line in told)
    assert not any("Alice" in line or "alice" in line for line in told)
    house.deliver()
    assert [str(message.id) for message in house.transport.messages] == sent_in_order


def test_what_waits_is_listed_with_its_message_id_even_when_it_is_paused(house: House) -> None:
    house.scene.confirmed()
    house.says("deliveries", "pause", "--letters", "--why", "restored")
    with unchanged(house.platform):
        told = house.says("deliveries", "waiting").splitlines()
        first, more = house.says("deliveries", "waiting", "--limit", "1").splitlines()
        due = house.says("deliveries", "due")
    waiting = [delivery.id for delivery in house.scene.deliveries()]
    assert [int(line.split()[0]) for line in told] == waiting
    assert (first, more) == (told[0], f"and {len(waiting) - 1} more")
    assert not any("alice" in line.lower() for line in told)
    assert f"{waiting[1]} letter " not in due
    house.says("deliveries", "resume", "--letters")
    house.deliver()
    sent = {message.id: message.message_id for message in house.transport.messages}
    assert sent.items() <= {int(line.split()[0]): line.split()[-1] for line in told}.items()


def test_due_names_what_cannot_be_rendered_and_shows_the_rest(house: House) -> None:
    house.scene.confirmed()
    with house.platform.sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE letter_template SET body = '{{ nobody_knows_this }}'")
    told = house.says("deliveries", "due").splitlines()
    ends = [line.rsplit(". ")[-1] for line in told]
    assert ends == ["failed: action_confirmed", "goes", "queued: not_rendered", "queued: not_rendered"]


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
    assert house.says("deliveries", "due").startswith(" ".join(subject).removeprefix("--") + " is paused since")
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
    assert "target councillors bob-sample is paused" in house.says("deliveries", "paused")
    assert "letters let go: 1" in house.says("deliveries", "resume", "--target", "councillors", "bob-sample")
    assert len(house.doorbell.rings) == 1
    house.deliver()
    assert house.scene.states(LETTER) == [S.SENT, S.SENT]


def test_everything_that_is_paused_goes_on_at_once(house: House) -> None:
    house.says("deliveries", "pause", "--target", "councillors", "bob-sample", "--why", "on leave")
    house.scene.confirmed()
    house.deliver()
    house.says("deliveries", "pause", "--letters", "--why", "a mistake in the text")
    told = house.says("deliveries", "resume", "--all")
    assert "target councillors bob-sample goes on\nletters goes on\n" in told
    assert house.says("deliveries", "paused") == house.says("deliveries", "resume", "--all") == ""
    house.deliver()
    assert house.scene.states(LETTER) == [S.SENT, S.SENT]
    assert len(house.doorbell.rings) == 1


def test_a_letter_that_was_held_late_goes_when_its_target_is_resumed_again(house: House) -> None:
    house.says("deliveries", "pause", "--target", "councillors", "bob-sample", "--why", "on leave")
    house.scene.confirmed()
    house.deliver()
    with house.platform.sessions.write() as session:
        take_off(session, BrakeScope.TARGET, house.scene.target_id("bob-sample"))
    told = house.says("deliveries", "resume", "--target", "councillors", "bob-sample")
    assert told == "target councillors bob-sample was not paused\nletters let go: 1\n"
    assert len(house.doorbell.rings) == 1


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
    assert "claimed 20" in told
    assert "timed out after the data" in told


@pytest.mark.parametrize("state", [S.SENT, S.DELIVERED, S.BOUNCED, S.QUEUED])
def test_a_person_settles_a_doubt(house: House, state: DeliveryState) -> None:
    letter = uncertain(house)
    told = house.says("deliveries", "settle", letter, "--as", state.value, "--why", "read in the relay's log")
    assert ("may arrive twice" in told) == (state is S.QUEUED)
    assert len(house.doorbell.rings) == (state is S.QUEUED)
    assert house.scene.states(LETTER) == [state]
    assert "read in the relay's log" in house.says("deliveries", "show", letter)
    assert "Left alone" in house.refuses("deliveries", "settle", letter, "--as", "sent", "--why", "x")
    assert "The ledger holds: 1 letters." in house.says("ledger", "check")


def test_held_letters_are_listed_released_and_cancelled(house: House) -> None:
    house.scene.confirmed()
    house.scene.change_target("bob-sample", archived_at=datetime.now(UTC))
    house.deliver()
    [held, sent] = house.scene.deliveries(LETTER)
    told = house.says("deliveries", "held", "--reason", "target_archived")
    assert told.startswith(f"1 held as target_archived\n{held.id} letter")
    assert told == house.says("deliveries", "held")
    assert house.says("deliveries", "held", "--reason", "no_address") == ""
    house.scene.change_target("bob-sample", archived_at=None)
    assert house.says("deliveries", "release", "--reason", "target_archived", "--why", "back") == "1 queued\n"
    assert "Nothing is held as target_archived." in house.refuses(
        "deliveries", "release", "--reason", "target_archived", "--why", "back"
    )
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
    for which in ([letter], ["--reason", "unverified_target"]):
        assert "flask targets verify" in house.refuses("deliveries", "release", *which, "--why", "x")
    assert set(house.scene.states(LETTER)) == {S.HELD}


def test_a_delivery_that_is_not_there_has_no_story(house: House) -> None:
    assert "There is no delivery 99." in house.refuses("deliveries", "show", "99")


@pytest.mark.parametrize(
    "command",
    [["settle", "99", "--as", "sent"], ["release", "99"], ["cancel", "99"]],
)
def test_what_is_not_there_is_named_and_nothing_is_changed(house: House, command: list[str]) -> None:
    with unchanged(house.platform):
        assert "Left alone" in house.refuses("deliveries", *command, "--why", "x")


def test_a_long_list_says_how_many_more_there_are(house: House) -> None:
    house.scene.change_target("carla-verde", email="")
    house.scene.confirmed()
    house.scene.change_target("bob-sample", archived_at=datetime.now(UTC))
    house.deliver()
    [letter] = house.scene.deliveries(LETTER)
    copied = {column.name: getattr(letter, column.name) for column in Delivery.__table__.c if not column.primary_key}
    with house.platform.sessions.write() as session:
        session.execute(insert(Delivery), [copied] * (SHOWN + 2))
    told = house.says("deliveries", "held").splitlines()
    assert told[0] == f"{SHOWN + 3} held as target_archived"
    assert told[-1] == "and 3 more"
    assert len(told) == SHOWN + 2


def came_back(house: House) -> list[int]:
    """Alice's letters, which their receiver blocked; its lane is sound again."""
    house.scene.confirmed()
    house.deliver()
    ids = [letter.id for letter in house.scene.deliveries(LETTER)]
    now = datetime.now(UTC)
    with house.platform.sessions.write() as session:
        told = [Report(ReportKind.BLOCKED, now, number, "", "550 5.7.1 You are listed") for number in ids]
        receive(session, told, now, house.platform.random)
    house.says("lanes", "probe", "zedmere.example", "--sound")
    return ids


def test_what_was_blocked_is_listed_and_sent_once_more(house: House) -> None:
    ids = came_back(house)
    told = house.says("deliveries", "blocked").splitlines()
    assert [int(line.split()[0]) for line in told] == ids
    assert all(line.endswith("550 5.7.1 You are listed") for line in told)
    rung = len(house.doorbell.rings)
    assert house.says("deliveries", "resend", str(ids[0]), "--why", "they let us in") == "1 queued\n"
    assert house.says("deliveries", "resend", "--lane", "Zedmere.example", "--why", "they let us in") == "1 queued\n"
    assert len(house.doorbell.rings) == rung + 2
    assert house.says("deliveries", "blocked") == ""
    house.deliver()
    assert house.scene.states(LETTER) == [S.SENT, S.SENT]


def test_only_what_was_blocked_is_sent_once_more(house: House) -> None:
    ids = came_back(house)
    house.says("deliveries", "resend", str(ids[0]), "--why", "they let us in")
    told = house.refuses("deliveries", "resend", *map(str, ids), "--why", "again")
    assert f"1 queued\nError: Left alone, for they are not blocked: {ids[0]}." in told
    assert "Nothing is blocked" in house.refuses("deliveries", "resend", "--lane", "zedmere.example", "--why", "again")
    for wrong in ([], [str(ids[0]), "--lane", "zedmere.example"]):
        assert "Give either IDs or --lane." in house.refuses("deliveries", "resend", *wrong, "--why", "x")

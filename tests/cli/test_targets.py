"""`flask targets`: what is known of a target, and what staff put right."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.staff.models import AuditEntry
from tests.cli.conftest import House, unchanged

BOB = ("councillors", "bob-sample")
OVERRIDE = ("targets", "override", *BOB, "email", "office@zedmere.example", "--why", "he told us", "--by", "Dana")


def test_a_target_tells_all_that_it_knows(house: House) -> None:
    house.says("targets", "verify", *BOB, "--how", "rang the office", "--by", "Dana")
    shown = house.says("targets", "show", *BOB)
    assert re.search(r"^verified: [\d-]{10} [\d:]{5} UTC by Dana, rang the office$", shown, re.MULTILINE)
    for line in (
        "role: councillor",
        "name: Cllr Bob Sample",
        "salutation: Dear Cllr Sample",
        "organisation: Zedmere Borough Council",
        "email: bob.sample@zedmere.example",
        "area: Canalside, Zedmere (ward, Z05000001)",
        "list: councillors (The list councillors), as of 2026-11-01",
        "source: Invented for a test; CC0-1.0",
        "fetched: 2026-11-01 00:00 UTC",
        "confidence: reported",
    ):
        assert f"{line}\n" in shown
    assert "There is no target 'nobody' on a list 'councillors'" in house.refuses("targets", "show", BOB[0], "nobody")


def test_an_override_is_made_listed_shown_and_ended(house: House) -> None:
    until = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
    done = house.says(*OVERRIDE)
    assert f"Cllr Bob Sample: email is 'office@zedmere.example' until {until}; 'bob.sample@zedmere.example' bef" in done
    assert "The address is not verified" in done
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert house.says("targets", "overrides") == (
        "councillors bob-sample Cllr Bob Sample: email is 'office@zedmere.example'\n"
        f"  the override of {today} by Dana (he told us), until {until}; the source says 'bob.sample@zedmere.example'\n"
    )
    assert f"  the override of {today} by Dana (he told us) stands until {until}; the source says 'bob.sample" in (
        house.says("targets", "show", *BOB)
    )
    assert house.says("targets", "end-override", *BOB, "email") == (
        "Cllr Bob Sample: email is 'bob.sample@zedmere.example' again\n"
    )
    assert house.says("targets", "overrides") == ""
    assert "no override in force of the email" in house.refuses("targets", "end-override", *BOB, "email")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*OVERRIDE[:5], "nothing", *OVERRIDE[6:]), "Error: the e-mail address is not one"),
        ((*OVERRIDE, "--until", "2020-01-01"), "Error: An override has to end within 366 days from now."),
        ((*OVERRIDE[:4], "role", *OVERRIDE[5:]), "is not one of 'email', 'salutation'"),
        (OVERRIDE[:6], "Missing option '--why'"),
    ],
)
def test_what_cannot_be_an_override_is_refused_in_a_sentence(
    house: House, arguments: tuple[str, ...], said: str
) -> None:
    with unchanged(house.platform):
        assert said in house.refuses(*arguments)


def test_who_is_removed_is_shown_so_and_can_be_restored(house: House) -> None:
    assert (
        house.says("targets", "remove", *BOB, "--why", "left office", "--by", "Dana") == "Cllr Bob Sample is removed\n"
    )
    assert re.search(
        r"^removed: [\d-]{10} [\d:]{5} UTC by Dana, left office$", house.says("targets", "show", *BOB), re.MULTILINE
    )
    assert "was removed on" in house.refuses("targets", "remove", *BOB, "--why", "again")
    assert house.says("targets", "restore", *BOB) == "Cllr Bob Sample is on the list again\n"
    assert "was not removed" in house.refuses("targets", "restore", *BOB)


def test_lists_are_counted_and_say_where_they_come_from(house: House) -> None:
    house.says("targets", "verify", *BOB, "--how", "rang the office")
    house.says(*OVERRIDE[:4], "party", "Harbour Party", *OVERRIDE[6:])
    house.says("targets", "remove", "companies", "acme", "--why", "dissolved")
    assert house.says("targets", "lists") == (
        "companies: The list companies\n"
        "  2 targets, 1 with an address, 0 verified, 1 removed by staff\n"
        "  Invented for a test, as of 2026-11-01, CC0-1.0; kept by the files of targets/\n"
        "councillors: The list councillors\n"
        "  4 targets, 3 with an address, 1 verified, 1 overridden\n"
        "  Invented for a test, as of 2026-11-01, CC0-1.0; kept by the files of targets/\n"
    )


def test_a_whole_list_is_vouched_for_and_its_letters_go(house: House) -> None:
    house.scene.confirmed()
    ids = [delivery.id for delivery in house.scene.deliveries(Purpose.LETTER)]
    hold = Move(DeliveryState.QUEUED, DeliveryState.HELD, EventSource.WORKER, reason="unverified_target")
    with house.scene.sessions.write() as session:
        assert len(move(session, ids, hold, house.scene.now)) == 2
    how = ("--how", "compared with the council's page", "--by", "Dana")
    done = house.says("targets", "verify", "councillors", "--all", *how)
    assert re.fullmatch(r"addresses verified: \d+; letters let go: 2\n", done)
    assert "by Dana, compared with the council's page" in house.says("targets", "show", *BOB)
    assert "No address of the list 'councillors' waits" in house.refuses(
        "targets", "verify", "councillors", "--all", "--how", "x"
    )
    with house.platform.sessions.read() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "target_list.verified"))
        assert (entry.actor_id, entry.note) == (None, "compared with the council's page")


def test_either_one_target_or_all_of_them(house: House) -> None:
    with unchanged(house.platform):
        for arguments in (("councillors",), (*BOB, "--all")):
            assert "Name one target by its ID, or say --all" in house.refuses(
                "targets", "verify", *arguments, "--how", "x"
            )
        assert "There is no list 'nobodys'" in house.refuses("targets", "verify", "nobodys", "--all", "--how", "x")

"""`flask supporters` and `flask hooks`."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.announcements.models import Hook
from app.staff.models import AuditEntry
from tests.cli.conftest import House, running
from tests.cli.test_staff import make_active
from tests.support.builders import ALICE, BOB
from tests.support.fakes import FakeOutlet
from tests.support.staff import ADA

URL = "https://crm.example.org/hook?key=quirina"


def deeds(house: House) -> list[tuple[str, dict[str, object]]]:
    with house.platform.sessions.read() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.action, one.after) for one in found if not one.action.startswith("staff.")]


def test_who_may_be_written_to_is_printed_and_counted(house: House) -> None:
    house.scene.confirmed(ALICE, consent=True)
    house.scene.confirmed(BOB)
    [row] = csv.DictReader(io.StringIO(house.says("supporters", "export")))
    assert row["email"] == ALICE
    assert json.loads(house.says("supporters", "export", "--format", "json", "--since", "2100-01-01")) == []
    assert house.says("supporters", "export", "--withdrawn") == "id,email,withdrawn_at,campaign\n"
    done = [after for action, after in deeds(house) if action == "supporters.exported"]
    assert [(after["what"], after["rows"]) for after in done] == [("opted_in", 1), ("opted_in", 0), ("withdrawn", 0)]


def test_a_campaign_that_is_not_there_is_told(house: House) -> None:
    result = house.run("supporters", "export", "--campaign", "none")
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_webhook_from_its_adding_to_its_end(house: House) -> None:
    make_active(house)
    outlet = FakeOutlet()
    flask = running(replace(house.platform, outlet=outlet))
    said = flask("hooks", "add", URL, "--name", "CRM", "--owner", ADA, "--event", "action.confirmed").output
    with house.platform.sessions.read() as session:
        hook = session.scalars(select(Hook)).one()
    assert said == f"webhook 1; its secret, which is shown this once: {hook.secret}\n"
    house.scene.confirmed(ALICE)
    assert flask("hooks", "list").output == "1 CRM: active, 1 wait; action.confirmed\n"
    assert flask("hooks", "test", "1").output == "webhook 1: a test waits to be sent\n"
    assert flask("hooks", "go-round").output == "messages taken: 2\n"
    assert len(outlet.posts) == 2
    assert flask("hooks", "log", "1").output.count(": taken, 204\n") == 2
    assert flask("hooks", "pause", "1").output == "webhook 1: paused\n"
    assert flask("hooks", "list").output == "1 CRM: paused (staff), 0 wait; action.confirmed\n"
    assert flask("hooks", "resume", "1").output == "webhook 1: goes on\n"
    assert flask("hooks", "remove", "1").output == "webhook 1: removed\n"
    assert flask("hooks", "list").output == ""
    result = flask("hooks", "pause", "1")
    assert (result.exit_code, result.output) == (1, "Error: There is no webhook 1.\n")
    assert "quirina" not in str(deeds(house))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([URL, "--name", "CRM", "--owner", "nobody@staff.example"], "Nobody of staff has that address."),
        (["ftp://crm.example.org", "--name", "CRM", "--owner", ADA], "URL must be a public https:// address."),
        ([URL, "--name", "CRM", "--owner", ADA, "--campaign", "none"], "none"),
        ([URL, "--name", "CRM", "--owner", ADA, "--event", "everything"], "is not one of"),
    ],
)
def test_a_webhook_that_cannot_be_is_not_added(house: House, arguments: list[str], words: str) -> None:
    make_active(house)
    result = house.run("hooks", "add", *arguments)
    assert result.exit_code != 0
    assert words in result.output
    assert house.says("hooks", "list") == ""

"""Letters of one action to several audiences, on their way out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from app.actions.models import ActionPart, Letter
from app.campaigns.models import EVERYBODY
from app.db import Sessions
from app.queue.states import DeliveryState as S
from app.queue.states import Purpose
from app.targets.models import Target
from tests.delivery.conftest import Office
from tests.support.builders import letter_template, make_scene
from tests.support.costs import statements
from tests.support.fakes import FakeClock, FakeTransport

EDITED = ("Thank you, Cllr Verde", "You have stood by us.")


def office_of(sessions: Sessions, now: datetime, folder: Path) -> Office:
    templates = [letter_template(now), letter_template(now, audience="supportive")]
    return Office(make_scene(sessions, now, templates=templates), FakeTransport(), FakeClock(now), folder / "journal")


@pytest.fixture
def office(sessions: Sessions, now: datetime, tmp_path: Path) -> Office:
    """A post office whose campaign has a letter of its own for those who are supportive already."""
    return office_of(sessions, now, tmp_path)


@pytest.fixture
def sqlite_office(sqlite_sessions: Sessions, now: datetime, tmp_path: Path) -> Office:
    return office_of(sqlite_sessions, now, tmp_path)


def carla_is_supportive(target: Target) -> str:
    return "supportive" if target.external_id == "carla-verde" else EVERYBODY


@pytest.mark.parametrize("edited", [False, True])
def test_each_audience_gets_its_own_letter(office: Office, *, edited: bool) -> None:
    office.scene.confirmed(audience_of=carla_is_supportive, further=[EDITED] if edited else [])
    office.deliver()
    [bob], [carla] = (office.transport.to(f"{name}@zedmere.example") for name in ("bob.sample", "carla.verde"))
    assert "supportive" not in bob.text
    assert (carla.subject == EDITED[0]) is edited
    assert (EDITED[1] in carla.text) is edited
    assert ("You are supportive." in carla.text) is not edited
    assert office.scene.states(Purpose.LETTER) == [S.SENT, S.SENT]


def test_letters_that_differ_are_of_no_one_group(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.change_target("dan-moss", area_id=office.scene.area_id("Canalside"))
    office.scene.confirmed(audience_of=carla_is_supportive)
    office.deliver()
    groups = {message.to_name: message.group for message in office.transport.messages if message.group}
    assert groups["Cllr Bob Sample"] == groups["Cllr Dan Moss"] != groups["Cllr Carla Verde"]


@pytest.mark.parametrize("column", ["subject", "body"])
def test_a_part_that_is_not_what_was_confirmed_is_held(office: Office, column: str) -> None:
    office.scene.confirmed(audience_of=carla_is_supportive, further=[EDITED])
    with office.scene.sessions.write() as session:
        session.execute(update(ActionPart).values({column: "Not what she wrote."}))
    office.deliver()
    bob, carla = office.scene.deliveries(Purpose.LETTER)
    assert bob.state is S.SENT
    assert (carla.state, carla.reason) == (S.HELD, "text_changed")


def test_a_letter_that_was_moved_to_another_part_is_held(sqlite_office: Office) -> None:
    sqlite_office.scene.confirmed(audience_of=carla_is_supportive)
    with sqlite_office.scene.sessions.write() as session:
        session.execute(update(Letter).values(part_id=None))
    sqlite_office.deliver()
    assert [row.reason for row in sqlite_office.scene.deliveries(Purpose.LETTER)][1] == "text_changed"


def test_parts_cost_a_batch_one_statement_and_other_letters_none(sqlite_office: Office) -> None:
    office = sqlite_office
    counts = []
    for number, segmented in enumerate((False, True, True)):
        for each in range(number + 1):
            told = {"audience_of": carla_is_supportive} if segmented else {}
            office.scene.confirmed(f"{number}.{each}@supporter.example", **told)
        ids = [row.id for row in office.scene.deliveries(Purpose.LETTER) if row.state is S.QUEUED]
        with office.scene.sessions.read() as session, statements(office.scene.sessions.engine) as seen:
            office.dispatcher.renderer.prepare(session, ids)
        counts.append(len(seen))
        office.deliver()
    assert counts[1] == counts[0] + 1 == counts[2]

"""Letters of one action to several audiences, on their way out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from app.actions.models import ActionPart, Letter
from app.actions.recipients import Wish
from app.db import Sessions
from app.queue.states import DeliveryState as S
from app.queue.states import Purpose
from tests.delivery.conftest import Office
from tests.support.builders import CANALSIDE, STATION_ROAD, make_scene, with_segment
from tests.support.costs import statements
from tests.support.fakes import FakeClock, FakeTransport

EDITED = ("Thank you, Cllr Verde", "You have stood by us. I write to you about “Abolish reporting”. Please act.")


def office_of(sessions: Sessions, now: datetime, folder: Path) -> Office:
    scene = make_scene(sessions, now, **with_segment(now, "supportive", "carla-verde"))
    return Office(scene, FakeTransport(), FakeClock(now), folder / "journal")


@pytest.fixture
def office(sessions: Sessions, now: datetime, tmp_path: Path) -> Office:
    """A post office whose campaign has a letter of its own for those who are supportive already."""
    return office_of(sessions, now, tmp_path)


@pytest.fixture
def sqlite_office(sqlite_sessions: Sessions, now: datetime, tmp_path: Path) -> Office:
    return office_of(sqlite_sessions, now, tmp_path)


@pytest.mark.parametrize("edited", [False, True])
def test_each_audience_gets_its_own_letter(office: Office, *, edited: bool) -> None:
    office.scene.confirmed(further=[EDITED] if edited else [])
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
    office.scene.confirmed()
    office.deliver()
    groups = {message.to_name: message.group for message in office.transport.messages if message.group}
    assert groups["Cllr Bob Sample"] == groups["Cllr Dan Moss"] != groups["Cllr Carla Verde"]


@pytest.mark.parametrize("column", ["subject", "body"])
def test_a_part_that_is_not_what_was_confirmed_is_held(office: Office, column: str) -> None:
    office.scene.confirmed(further=[EDITED])
    with office.scene.sessions.write() as session:
        session.execute(update(ActionPart).values({column: "Not what she wrote."}))
    office.deliver()
    bob, carla = office.scene.deliveries(Purpose.LETTER)
    assert bob.state is S.SENT
    assert (carla.state, carla.reason) == (S.HELD, "text_changed")


def test_a_letter_that_was_moved_to_another_part_is_held(sqlite_office: Office) -> None:
    sqlite_office.scene.confirmed()
    with sqlite_office.scene.sessions.write() as session:
        session.execute(update(Letter).values(part_id=None))
    sqlite_office.deliver()
    assert [row.reason for row in sqlite_office.scene.deliveries(Purpose.LETTER)][1] == "text_changed"


def test_parts_cost_a_batch_one_statement_and_other_letters_none(sqlite_office: Office) -> None:
    office = sqlite_office
    counts = []
    for number, segmented in enumerate((False, True, True)):
        for each in range(number + 1):
            wish = Wish(postcode=CANALSIDE if segmented else STATION_ROAD)
            office.scene.confirmed(f"{number}.{each}@supporter.example", wish=wish)
        ids = [row.id for row in office.scene.deliveries(Purpose.LETTER) if row.state is S.QUEUED]
        with office.scene.sessions.read() as session, statements(office.scene.sessions.engine) as seen:
            office.dispatcher.renderer.prepare(session, ids, office.clock())
        counts.append(len(seen))
        office.deliver()
    assert counts[1] == counts[0] + 1 == counts[2]

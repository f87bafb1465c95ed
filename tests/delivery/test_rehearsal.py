"""What a worker does before its first batch: its statements run once, and find nothing."""

from __future__ import annotations

from app.queue.brakes import put_on, take_off
from app.queue.models import BrakeScope
from app.ready import rehearse
from tests.delivery.conftest import Office
from tests.support.costs import statements
from tests.support.dumps import dump


def test_a_rehearsal_changes_nothing(office: Office) -> None:
    office.letter()
    engine = office.scene.sessions.engine
    before = dump(engine)
    with office.scene.sessions.write() as session:
        rehearse(session)
    assert dump(engine) == before


def test_all_that_a_batch_of_letters_asks_for_has_been_rehearsed(office: Office) -> None:
    office.letter()
    sessions = office.scene.sessions
    with sessions.write() as session:
        put_on(session, BrakeScope.LETTERS, 0, "notices first", office.clock())
    assert office.deliver() == 2
    with sessions.write() as session:
        take_off(session, BrakeScope.LETTERS, 0)
    with statements(sessions.engine) as rehearsed, sessions.write() as session:
        rehearse(session)
    with statements(sessions.engine) as delivering:
        assert office.deliver() == 1
    asked = {one for one in delivering if one.startswith(("SELECT", "UPDATE", "INSERT"))}
    assert len(asked) >= 15
    assert asked <= set(rehearsed)

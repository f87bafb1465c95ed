"""What a worker does before its first batch: its statements run once, and find nothing."""

from __future__ import annotations

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


def test_all_that_a_batch_of_letters_writes_has_been_rehearsed(office: Office) -> None:
    office.letter()
    engine = office.scene.sessions.engine
    with statements(engine) as rehearsed, office.scene.sessions.write() as session:
        rehearse(session)
    with statements(engine) as delivering:
        assert office.deliver() == 3  # the letter, and the mails to its writer
    written = {one for one in delivering if one.startswith(("UPDATE", "INSERT"))}
    assert len(written) >= 5
    assert written <= set(rehearsed)

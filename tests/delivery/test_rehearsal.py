"""What a worker does before its first batch: its statements run once, and find nothing."""

from __future__ import annotations

from sqlalchemy import text

from app.queue.brakes import put_on, take_off
from app.queue.models import BrakeScope
from app.ready import rehearse
from tests.delivery.conftest import Office
from tests.support.costs import statements
from tests.support.dumps import dump

PREPARED = text(
    "SELECT count(*) AS number, CAST(sum(generic_plans + custom_plans) AS INTEGER) AS runs FROM pg_prepared_statements"
    " WHERE statement NOT LIKE '%set_config%' AND statement NOT LIKE '%pg_prepared%'"
)


def test_a_rehearsal_changes_nothing(office: Office) -> None:
    office.letter()
    engine = office.scene.sessions.engine
    before = dump(engine)
    with office.scene.sessions.write() as session:
        rehearse(session)
    assert dump(engine) == before


def one_letter_waits(office: Office) -> None:
    """A letter is due, and nothing else."""
    office.letter()
    with office.scene.sessions.write() as session:
        put_on(session, BrakeScope.LETTERS, 0, "notices first", office.clock())
    assert office.deliver() == 2
    with office.scene.sessions.write() as session:
        take_off(session, BrakeScope.LETTERS, 0)


def test_all_that_a_batch_of_letters_asks_for_has_been_rehearsed(office: Office) -> None:
    sessions = office.scene.sessions
    one_letter_waits(office)
    with statements(sessions.engine) as rehearsed, sessions.write() as session:
        rehearse(session)
    with statements(sessions.engine) as delivering:
        assert office.deliver() == 1
    asked = {one for one in delivering if one.startswith(("SELECT", "UPDATE", "INSERT"))}
    assert len(asked) >= 15
    assert asked <= set(rehearsed)


def test_the_first_batch_runs_what_the_rehearsal_has_prepared_and_nothing_else(postgresql_office: Office) -> None:
    """As many runs of prepared statements as there were statements: none was prepared for values of another kind."""
    office, sessions = postgresql_office, postgresql_office.scene.sessions
    one_letter_waits(office)
    sessions.engine.dispose()
    with sessions.write() as session:
        rehearse(session)

    def runs() -> tuple[int, int]:
        with sessions.read() as session:
            kept = session.execute(PREPARED).one()
            return kept.number, kept.runs

    prepared, before = runs()
    with statements(sessions.engine) as delivering:
        assert office.deliver() == 1
    asked = [one for one in delivering if one.startswith(("SELECT", "UPDATE", "INSERT")) and "set_config" not in one]
    assert len(asked) >= 15
    assert runs() == (prepared, before + len(asked))

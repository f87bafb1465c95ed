"""Finding deliveries among many, and deciding about all that were found, on each kind of database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.delivery import bulk as bulk_room
from app.delivery import find as find_room
from app.delivery.bulk import DeedDoesNotFitError, begin, carry_on, deeds_for, open_jobs, plan, stop
from app.delivery.bulk_models import BulkDeed, BulkJob, JobState
from app.delivery.find import WALK, Found, Sought, find, next_batch, number, number_at_most
from app.delivery.ledger import differences
from app.mail.transport import Uncertain
from app.queue.brakes import put_on
from app.queue.counters import Place, Stand, count_moves
from app.queue.models import BrakeScope, Delivery, Lane
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.staff.models import AuditEntry
from tests.delivery.conftest import Office
from tests.support.costs import Steps
from tests.support.threads import together

S, LETTER = DeliveryState, Purpose.LETTER
WHY = "the address was wrong"


def letters(office: Office, number_of: int) -> list[int]:
    """Letters to Bob Sample that wait, of as many people; their deliveries."""
    office.scene.change_target("carla-verde", email="")
    for n in range(number_of):
        office.scene.confirmed(f"{n}@supporter.example")
    return [letter.id for letter in office.scene.deliveries(LETTER)]


def held(office: Office, number_of: int) -> list[int]:
    ids = letters(office, number_of)
    office.scene.change_target("bob-sample", archived_at=office.clock())
    office.deliver()
    assert office.scene.states(LETTER) == [S.HELD] * number_of
    return ids


def start(office: Office, deed: BulkDeed, sought: Sought) -> int:
    with office.scene.sessions.write() as session:
        return begin(session, plan(session, deed, sought), WHY, None, office.clock()).id


def finish(office: Office, job_id: int, at_once: int = 500) -> BulkJob:
    while (job := carry_on(office.scene.sessions, job_id, office.clock(), at_once=at_once)).state is JobState.OPEN:
        pass
    return job


def ledger_of(office: Office) -> list[str]:
    with office.scene.sessions.read() as session:
        return list(differences(session))


def found(office: Office, sought: Sought, before: int | None = None, limit: int = 50) -> Found:
    with office.scene.sessions.read() as session:
        return find(session, sought, before=before, limit=limit)


def test_pages_go_from_the_newest_to_the_oldest(office: Office) -> None:
    ids = letters(office, 5)
    queued = Sought(S.QUEUED, target_id=office.scene.target_id("bob-sample"))
    first = found(office, queued, limit=3)
    assert first == Found(ids[:1:-1], ids[2])
    assert found(office, queued, before=first.before, limit=3) == Found(ids[1::-1], None)


def test_each_filter_narrows(office: Office) -> None:
    ids = held(office, 3)
    with office.scene.sessions.read() as session:
        lane = session.scalars(select(Lane.id).where(Lane.key == "zedmere.example")).one()
    bob, carla = office.scene.target_id("bob-sample"), office.scene.target_id("carla-verde")
    everything = Sought(S.HELD, "target_archived", office.scene.campaign_id, lane, bob)
    with office.scene.sessions.read() as session:
        assert number(session, everything) == 3
        for sought in (
            Sought(S.HELD, "no_address"),
            Sought(S.HELD, campaign_id=999),
            Sought(S.HELD, lane_id=999),
            Sought(S.HELD, target_id=carla),
            Sought(S.UNCERTAIN),
        ):
            assert (number(session, sought), find(session, sought, limit=9)) == (0, Found([], None)), sought
        assert number_at_most(session, S.HELD, "target_archived") == 3
        assert number_at_most(session, S.HELD, "target_archived", 2) == 2
    assert list(found(office, everything).ids) == ids[::-1]


def many(session: Session, office: Office, number_of: int, state: DeliveryState, reason: str = "") -> None:
    """Notices that stand in the way: rows alone, for what a search costs."""
    pattern = session.scalars(select(Delivery).where(Delivery.purpose == Purpose.CONFIRMATION)).first()
    assert pattern is not None
    row = {name: getattr(pattern, name) for name in ("purpose", "campaign_id", "action_id", "lane_id", "due_at")}
    times = {"created_at": office.clock(), "changed_at": office.clock(), "attempts": 1}
    rows = [{**row, **times, "state": state, "reason": reason}] * number_of
    session.execute(insert(Delivery), rows)
    stands = [Stand(Place(row["lane_id"], row["campaign_id"]), None)] * number_of
    count_moves(session, stands, None, state, office.clock())


def cost(session: Session, sought: Sought) -> int:
    with Steps(session) as steps:
        find(session, sought, limit=50)
        next_batch(session, sought, after=0, last=10**9, limit=50)
    return steps.taken


@pytest.mark.parametrize(
    "sought", [Sought(), Sought(S.HELD), Sought(S.HELD, "target_archived"), Sought(S.CANCELLED), Sought(S.SENT)]
)
def test_a_page_costs_the_same_however_much_there_is(sqlite_office: Office, sought: Sought) -> None:
    office = sqlite_office
    held(office, 1)
    with office.scene.sessions.write() as session:
        many(session, office, 60, S.CANCELLED)
        many(session, office, 60, S.HELD, "target_archived")
        many(session, office, 60, S.SENT)
        few = cost(session, sought)
        many(session, office, 5000, S.SENT)
        assert cost(session, sought) < 2 * few + 1000


@pytest.mark.parametrize(
    ("sought", "index"),
    [
        (Sought(S.HELD), "ix_delivery_aside"),
        (Sought(S.FAILED), "ix_delivery_aside"),
        (Sought(S.HELD, "review"), "ix_delivery_for_staff"),
        (Sought(S.BOUNCED, "blocked"), "ix_delivery_for_staff"),
    ],
)
def test_rare_states_are_found_by_an_index(office: Office, sought: Sought, index: str) -> None:
    letters(office, 1)
    with office.scene.sessions.write() as session:
        many(session, office, 3000, S.SENT)
        for state in (S.HELD, S.FAILED, S.BOUNCED):
            for reason in ("review", "blocked", "no_address"):
                many(session, office, 30, state, reason)
    on_sqlite = office.scene.sessions.engine.dialect.name == "sqlite"
    with office.scene.sessions.write() as session:
        session.execute(text("ANALYZE"))
        wanted = find_room._wanted(sought, above=0, below=10**6).order_by(Delivery.id.desc()).limit(50)
        dialect = sqlite.dialect() if on_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
        sql = str(wanted.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        plan_told = session.execute(text(f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{sql}")).all()
    assert index in str(plan_told), plan_told


def notice_far_away(office: Office, delivery_id: int) -> None:
    """A notice that was handed over, after so many others that are gone."""
    with office.scene.sessions.write() as session:
        many(session, office, 1, S.SENT)
        last = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
        assert last is not None
        last.id = delivery_id


def test_a_walk_through_many_others_stops_and_says_where(sqlite_office: Office) -> None:
    office = sqlite_office
    ids = letters(office, 1)
    notice_far_away(office, 12 * WALK)
    bob = Sought(target_id=office.scene.target_id("bob-sample"))
    first = found(office, bob)
    assert (first.ids, first.before) == ([], 2 * WALK + 11)
    assert found(office, bob, before=first.before).ids == ids


def test_the_few_that_wait_are_found_behind_whatever_there_is(office: Office) -> None:
    ids = letters(office, 3)
    notice_far_away(office, 12 * WALK)
    queued = Sought(S.QUEUED, target_id=office.scene.target_id("bob-sample"))
    first = found(office, queued, limit=2)
    assert first == Found(ids[:0:-1], ids[1])
    assert found(office, queued, before=first.before, limit=2) == Found(ids[:1], None)


def test_a_deed_fits_some_states_and_no_others(office: Office) -> None:
    assert deeds_for(Sought(S.HELD)) == [BulkDeed.RELEASE, BulkDeed.CANCEL]
    assert deeds_for(Sought(S.HELD, "review")) == [BulkDeed.CANCEL]
    assert deeds_for(Sought(S.QUEUED)) == [BulkDeed.CANCEL]
    assert BulkDeed.SETTLE_QUEUED in deeds_for(Sought(S.UNCERTAIN))
    assert deeds_for(Sought(S.BOUNCED, "blocked")) == [BulkDeed.RESEND]
    assert deeds_for(Sought(S.BOUNCED)) == deeds_for(Sought(S.SENT)) == deeds_for(Sought()) == []
    with pytest.raises(DeedDoesNotFitError), office.scene.sessions.read() as session:
        plan(session, BulkDeed.RELEASE, Sought(S.SENT))


def test_all_that_was_found_is_released_in_batches(office: Office) -> None:
    ids = held(office, 5)
    office.scene.change_target("bob-sample", archived_at=None)
    job_id = start(office, BulkDeed.RELEASE, Sought(S.HELD, "target_archived"))
    job = carry_on(office.scene.sessions, job_id, office.clock(), at_once=2)
    assert (job.state, job.total, job.done, job.reached_id) == (JobState.OPEN, 5, 2, ids[1])
    job = finish(office, job_id, at_once=2)
    assert (job.state, job.done, job.skipped, job.failed) == (JobState.FINISHED, 5, 0, 0)
    assert office.scene.states(LETTER) == [S.QUEUED] * 5
    last = office.scene.story(ids[0])[-1]
    assert (last.source, last.detail) == (EventSource.STAFF, WHY)
    with office.scene.sessions.read() as session:
        assert open_jobs(session) == []
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.note) for entry in entries] == [("bulk.release", WHY), ("bulk.finished", "")]
    assert entries[0].after == {"state": "held", "reason": "target_archived", "total": 5}
    assert ledger_of(office) == []


def test_what_comes_later_is_not_meant(office: Office) -> None:
    letters(office, 2)
    job_id = start(office, BulkDeed.CANCEL, Sought(S.QUEUED, target_id=office.scene.target_id("bob-sample")))
    office.scene.confirmed("late@supporter.example")
    assert finish(office, job_id).done == 2
    assert office.scene.states(LETTER) == [S.CANCELLED, S.CANCELLED, S.QUEUED]


def test_a_job_is_stopped_where_it_is(office: Office) -> None:
    letters(office, 4)
    job_id = start(office, BulkDeed.CANCEL, Sought(S.QUEUED, target_id=office.scene.target_id("bob-sample")))
    carry_on(office.scene.sessions, job_id, office.clock(), at_once=2)
    with office.scene.sessions.write() as session:
        assert stop(session, job_id, None, office.clock())
        assert not stop(session, job_id, None, office.clock())
    assert carry_on(office.scene.sessions, job_id, office.clock()).state is JobState.CANCELLED
    assert office.scene.states(LETTER) == [S.CANCELLED, S.CANCELLED, S.QUEUED, S.QUEUED]
    assert ledger_of(office) == []


def test_several_workers_do_each_delivery_once(office: Office) -> None:
    held(office, 12)
    job_id = start(office, BulkDeed.CANCEL, Sought(S.HELD))
    together(*[lambda: finish(office, job_id, at_once=3) for _worker in range(3)])
    with office.scene.sessions.read() as session:
        job = session.get_one(BulkJob, job_id)
        assert (job.done, job.skipped, job.state) == (12, 0, JobState.FINISHED)
    assert ledger_of(office) == []


def test_one_that_cannot_be_moved_stops_no_other(office: Office) -> None:
    ids = held(office, 4)
    job_id = start(office, BulkDeed.CANCEL, Sought(S.HELD))
    on_sqlite = office.scene.sessions.engine.dialect.name == "sqlite"
    with office.scene.sessions.write() as session:
        for statement in refuse_to_change(ids[1], on_sqlite=on_sqlite):
            session.execute(text(statement))
    job = finish(office, job_id)
    assert (job.done, job.failed, job.state) == (3, 1, JobState.FINISHED)
    assert office.scene.states(LETTER) == [S.CANCELLED, S.HELD, S.CANCELLED, S.CANCELLED]
    assert ledger_of(office) == []


def refuse_to_change(delivery_id: int, *, on_sqlite: bool) -> Sequence[str]:
    """Statements that make the database raise when this delivery is changed."""
    if on_sqlite:
        when = f"BEFORE UPDATE ON delivery WHEN OLD.id = {delivery_id}"
        return [f"CREATE TRIGGER refuse {when} BEGIN SELECT RAISE(ABORT, 'no'); END"]
    each = f"BEFORE UPDATE ON delivery FOR EACH ROW WHEN (OLD.id = {delivery_id})"
    return [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        f"CREATE TRIGGER refuse {each} EXECUTE FUNCTION refuse()",
    ]


def test_doubts_are_settled_together(office: Office) -> None:
    letters(office, 3)
    office.transport.answer = lambda _message: Uncertain("timed out after the data")
    office.deliver()
    assert finish(office, start(office, BulkDeed.SETTLE_DELIVERED, Sought(S.UNCERTAIN))).done == 3
    assert set(office.scene.states(LETTER)) == {S.DELIVERED}
    assert ledger_of(office) == []


def test_blocked_letters_are_sent_once_more(office: Office) -> None:
    ids = letters(office, 2)
    office.deliver()
    with office.scene.sessions.write() as session:
        blocked = Move(S.SENT, S.BOUNCED, EventSource.PROVIDER, reason="blocked", detail="550 blocked")
        assert move(session, ids, blocked, office.clock()) == ids
        put_on(session, BrakeScope.LETTERS, 0, WHY, office.clock())
    assert finish(office, start(office, BulkDeed.RESEND, Sought(S.BOUNCED, "blocked"))).done == 2
    assert office.scene.states(LETTER) == [S.QUEUED] * 2
    assert ledger_of(office) == []


def test_letters_that_a_person_must_read_are_left_alone(office: Office) -> None:
    held(office, 1)
    office.scene.change_target("bob-sample", archived_at=None)
    office.scene.confirmed("rude@supporter.example", own_words="You bastards")
    job = finish(office, start(office, BulkDeed.RELEASE, Sought(S.HELD)))
    assert (job.done, job.skipped) == (1, 1)
    assert bulk_room.ORIGINS[BulkDeed.RELEASE] == {S.HELD}

"""What the public says is wrong with a target: kept, decided by staff, and forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.correction_models import Correction, CorrectionKind, CorrectionState
from app.targets.corrections import (
    MOST_OPEN,
    WORDS_KEPT,
    NotToBeDecidedError,
    UnknownCorrectionError,
    accept,
    dismiss,
    erase_words,
    open_corrections,
    report,
)
from app.targets.fields import FieldError
from app.targets.models import Target
from app.targets.sync import sync_datasets
from tests.support.dumps import raw_bytes
from tests.targets.examples import ALICE, BOB, places, statements, targets

K = CorrectionKind
WORDS = "She resigned in October, says the council's page."


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    with sessions.write() as session:
        sync_datasets(session, [places(), targets("people", ALICE, BOB)], now, include_demo=True)
    return sessions


def say(
    sessions: Sessions, now: datetime, kind: CorrectionKind = K.LEFT, words: str = "", *, of: str = "c-1"
) -> int | None:
    with sessions.write() as session:
        target = session.scalars(select(Target).where(Target.external_id == of)).one()
        return report(session, target, kind, words, now)


def said(sessions: Sessions, now: datetime, words: str = WORDS) -> int:
    correction_id = say(sessions, now, words=words)
    assert correction_id is not None
    return correction_id


def get(sessions: Sessions, correction_id: int) -> Correction:
    with sessions.read() as session:
        return session.get_one(Correction, correction_id)


def test_a_report_waits_for_staff_and_changes_nothing(registry: Sessions, now: datetime) -> None:
    with registry.read() as session:
        before = session.execute(select(*Target.__table__.columns).order_by(Target.id)).all()
    correction_id = said(registry, now)
    with registry.read() as session:
        assert session.execute(select(*Target.__table__.columns).order_by(Target.id)).all() == before
        [one] = open_corrections(session)
    assert (one.id, one.kind, one.words, one.made_at) == (correction_id, K.LEFT, WORDS, now)
    assert (one.target.name, one.target.list.slug) == ("Alice Sample", "people")
    assert one.target.area is not None
    assert one.target.area.name == "Canalside"


def test_nobody_reads_the_words_without_the_keys(registry: Sessions, now: datetime) -> None:
    said(registry, now)
    assert WORDS.encode() not in raw_bytes(registry.engine)


def test_what_was_said_before_is_kept_once(registry: Sessions, now: datetime) -> None:
    assert say(registry, now) is not None
    assert say(registry, now) is None
    assert say(registry, now, K.WRONG_NAME) is not None, "it says something else"
    assert say(registry, now, of="c-2") is not None, "it is about somebody else"
    assert say(registry, now, words=WORDS) is not None, "its words say more"
    with registry.read() as session:
        assert len(open_corrections(session)) == 4


def test_there_are_only_so_many_open_reports_about_one_target(registry: Sessions, now: datetime) -> None:
    taken = [say(registry, now, words=f"Report {number}") for number in range(MOST_OPEN + 5)]
    assert sum(correction_id is not None for correction_id in taken) == MOST_OPEN
    assert say(registry, now, of="c-2") is not None
    with registry.write() as session:
        dismiss(session, taken[0] or 0, by="Ann", note="no", now=now)
    assert say(registry, now, words="Another") is not None


@pytest.mark.parametrize(("decide", "state"), [(accept, "accepted"), (dismiss, "dismissed")])
def test_a_person_decides_once(registry: Sessions, now: datetime, decide: type[object], state: str) -> None:
    correction_id = said(registry, now)
    later = now + timedelta(hours=1)
    with registry.write() as session:
        decide(session, correction_id, by=" Ann ", note=" I rang the council. ", now=later)  # type: ignore[call-arg]
    one = get(registry, correction_id)
    assert (one.state, one.decided_at, one.decided_by, one.note) == (state, later, "Ann", "I rang the council.")
    for again in (accept, dismiss):
        with registry.write() as session, pytest.raises(NotToBeDecidedError, match=f"was {state} before, by Ann"):
            again(session, correction_id, by="Bea", note="x", now=later)
    with registry.read() as session:
        assert open_corrections(session) == []


@pytest.mark.parametrize(("by", "note"), [(" ", "x"), ("Ann", " ")])
def test_who_decides_and_what_was_found_must_be_said(registry: Sessions, now: datetime, by: str, note: str) -> None:
    correction_id = said(registry, now)
    with registry.write() as session, pytest.raises(NotToBeDecidedError, match="Say who"):
        accept(session, correction_id, by=by, note=note, now=now)
    assert get(registry, correction_id).state is CorrectionState.OPEN


def test_what_the_column_cannot_hold_is_refused(registry: Sessions, now: datetime) -> None:
    correction_id = said(registry, now)
    with registry.write() as session, pytest.raises(FieldError, match="longer than 120"):
        accept(session, correction_id, by="A" * 121, note="x", now=now)


def test_a_report_that_is_not_there_cannot_be_decided(registry: Sessions, now: datetime) -> None:
    with registry.write() as session, pytest.raises(UnknownCorrectionError, match="no correction 9"):
        accept(session, 9, by="Ann", note="x", now=now)


def test_words_are_erased_some_time_after_the_decision(registry: Sessions, now: datetime) -> None:
    decided, undecided = said(registry, now), said(registry, now, "Nobody has looked at this.")
    with registry.write() as session:
        accept(session, decided, by="Ann", note="seen", now=now)
    for after, erased in ((WORDS_KEPT - timedelta(seconds=1), 0), (WORDS_KEPT, 1), (WORDS_KEPT * 9, 0)):
        with registry.write() as session:
            assert erase_words(session, now + after) == erased
    one = get(registry, decided)
    assert (one.words, one.note, one.erased_at) == ("", "seen", now + WORDS_KEPT)
    assert get(registry, undecided).words == "Nobody has looked at this."


def test_the_queue_is_read_in_one_statement(registry: Sessions, now: datetime) -> None:
    for number in range(5):
        say(registry, now, words=f"Report {number}")
        say(registry, now, words=f"Report {number}", of="c-2")
    with registry.read() as session, statements(session) as seen:
        read = [
            (
                one.words,
                one.target.list.slug,
                one.target.area and one.target.area.parent and one.target.area.parent.name,
            )
            for one in open_corrections(session)
        ]
    assert len(read) == 10
    assert len(seen) == 1

"""Imports by staff into the database: all or nothing, the same the second time, in bulk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.db import Sessions
from app.targets.areas import ward_code
from app.targets.changes import Changes
from app.targets.find import targets_for_area, targets_of_lists
from app.targets.importers.edinburgh import CouncillorRow, Parsed
from app.targets.imports import NothingToImportError, TargetImport, import_councillors
from app.targets.lists import ListOwnedError
from app.targets.models import Area, AreaKind, Target
from app.targets.records import Council, NotACouncilError, Rejected
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE as TARGET
from tests.targets.examples import SOURCE, ZEDMERE, places, statements, targets

ALICE = CouncillorRow("115", "Canalside", "Alice Sample", "Dear Cllr Sample", "alice@zedmere.example", "Lantern Party")
BOB = replace(ALICE, external_id="116", name="Bob Verde", salutation="Dear Cllr Verde", email="bob@zedmere.example")
CHARLIE = replace(ALICE, external_id="117", ward="Hilltop", name="Charlie Moss", salutation="Dear Cllr Moss", email="")


def councillors(
    sessions: Sessions, now: datetime, *rows: CouncillorRow, rejected: tuple[Rejected, ...] = ()
) -> TargetImport:
    """Import rows in a transaction of its own."""
    with sessions.write() as session:
        return import_councillors(
            session,
            Parsed(rows, rejected),
            council=ZEDMERE,
            list_slug="zedmere-councillors",
            provenance=SOURCE,
            now=now,
        )


@pytest.mark.parametrize(
    ("ward", "slug"),
    [
        ("City Centre", "city-centre"),
        ("Drum Brae / Gyle", "drum-brae-gyle"),
        ("St Peter’s & St Paul's", "st-peters-and-st-pauls"),
        ("Llanbadarn Fawr – Pontŷpridd", "llanbadarn-fawr-pontypridd"),
    ],
)
def test_a_ward_without_a_code_gets_one_of_its_name(ward: str, slug: str) -> None:
    assert ward_code(ZEDMERE, ward) == f"Z09000001:{slug}"


@pytest.mark.parametrize(
    ("code", "name"), [("S1200036", "Edinburgh"), ("", "Edinburgh"), ("S12000036", ""), ("S12000036", "E" * 121)]
)
def test_a_council_that_nobody_could_find_again_is_refused(code: str, name: str) -> None:
    with pytest.raises(NotACouncilError):
        Council(code, name)


def test_councillors_come_with_their_council_and_wards(sessions: Sessions, now: datetime) -> None:
    done = councillors(sessions, now, ALICE, BOB, CHARLIE)
    assert (done.areas.added, done.targets.added, done.rejected) == (3, 3, ())
    with sessions.read() as session:
        ward = session.scalars(select(Area).where(Area.code == "Z09000001:canalside")).one()
        alice, bob = targets_for_area(session, "councillor", ward)
        assert (alice.name, alice.salutation, alice.organisation) == ("Alice Sample", "Dear Cllr Sample", "Zedmere")
        assert (alice.list.name, alice.list.slug) == ("Zedmere: councillors", "zedmere-councillors")
        assert (bob.name, bob.verified, ward.demo) == ("Bob Verde", False, False)
        assert ward.parent is not None
        assert (ward.parent.name, ward.parent.kind) == ("Zedmere", AreaKind.COUNCIL)


def test_the_same_councillors_again_change_nothing(sessions: Sessions, now: datetime) -> None:
    councillors(sessions, now, ALICE, BOB, CHARLIE)
    again = councillors(sessions, now + timedelta(days=1), CHARLIE, BOB, ALICE)
    assert not again.areas
    assert again.targets == Changes(unchanged=3)


def test_a_councillor_who_left_is_archived_and_one_whose_row_was_rejected_stays(
    sessions: Sessions, now: datetime
) -> None:
    councillors(sessions, now, ALICE, BOB, CHARLIE)
    rejected = (Rejected('ward "Canalside", councillor 2', "the e-mail address is not one", "116"),)
    done = councillors(sessions, now, CHARLIE, rejected=rejected)
    assert (done.targets.gone, done.targets.lines, done.rejected) == (1, ("- Alice Sample",), rejected)
    with sessions.read() as session:
        names = [target.name for target in targets_of_lists(session, ["zedmere-councillors"])]
        assert names == ["Bob Verde", "Charlie Moss"]
        assert session.scalars(select(Target.archived_at).where(Target.external_id == "115")).one() == now


def test_a_new_address_needs_a_new_check(sessions: Sessions, now: datetime) -> None:
    councillors(sessions, now, ALICE, BOB)
    with sessions.write() as session:
        session.execute(update(Target).values(verified_at=now, verified_how="rang the office"))
    moved = replace(ALICE, email="alice.sample@zedmere.example")
    assert councillors(sessions, now, moved, BOB).targets.lines == ("~ Alice Sample: email, verification",)
    with sessions.read() as session:
        alice, bob = targets_of_lists(session, ["zedmere-councillors"])
        assert (alice.verified, bob.verified) == (False, True)


def test_a_file_without_a_usable_row_archives_nobody(sessions: Sessions, now: datetime) -> None:
    councillors(sessions, now, ALICE)
    with pytest.raises(NothingToImportError, match="ward 1: this is not a ward"):
        councillors(sessions, now, rejected=(Rejected("ward 1", "this is not a ward with councillors"),))
    with pytest.raises(NothingToImportError, match="the file has no rows"):
        councillors(sessions, now)
    with sessions.read() as session:
        assert len(targets_of_lists(session, ["zedmere-councillors"])) == 1


def test_an_import_does_not_take_over_a_list_of_the_files(sessions: Sessions, now: datetime) -> None:
    with sessions.write() as session:
        sync_datasets(session, [places(), targets("zedmere-councillors", TARGET)], now, include_demo=True)
    with pytest.raises(ListOwnedError, match="kept by the files of targets/"):
        councillors(sessions, now, ALICE)
    with sessions.read() as session:
        assert [target.external_id for target in targets_of_lists(session, ["zedmere-councillors"])] == ["c-1"]


def test_progress_is_told_until_all_is_done(sessions: Sessions, now: datetime) -> None:
    told: list[tuple[int, int]] = []

    def progress(advance: int, total: int, /) -> None:
        told.append((advance, total))

    with sessions.write() as session:
        import_councillors(
            session,
            Parsed((ALICE, BOB), ()),
            council=ZEDMERE,
            list_slug="zedmere-councillors",
            provenance=SOURCE,
            now=now,
            progress=progress,
        )
    assert told == [(2, 2)]


def test_an_import_needs_no_more_statements_for_many_rows_than_for_few(sessions: Sessions, now: datetime) -> None:
    counts = []
    for size in (10, 900):
        people = tuple(replace(ALICE, external_id=str(number), ward=f"Ward {number % 10}") for number in range(size))
        council = Council(f"Z0900{size:04}", f"Council of {size}")
        with sessions.write() as session, statements(session) as seen:
            import_councillors(
                session, Parsed(people, ()), council=council, list_slug=f"l-{size}", provenance=SOURCE, now=now
            )
            counts.append(len(seen))
    assert counts[0] == counts[1] > 0

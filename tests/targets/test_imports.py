"""Imports by staff into the database: all or nothing, the same the second time, in bulk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Sessions
from app.targets.areas import ward_code
from app.targets.changes import Changes
from app.targets.find import targets_for_area, targets_of_lists
from app.targets.importers import open_council_data
from app.targets.importers.addresses import NO_PLACE
from app.targets.importers.parsed import Parsed, Place, TargetRow
from app.targets.imports import NothingToImportError, TargetImport
from app.targets.lists import ListOwnedError
from app.targets.models import Area, AreaKind, Target
from app.targets.records import Council, NotACouncilError, Rejected
from app.targets.shrinking import UnclearLeaversError
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE as TARGET
from tests.targets.examples import ALICE_ROW as ALICE
from tests.targets.examples import BOB_ROW as BOB
from tests.targets.examples import CHARLIE_ROW as CHARLIE
from tests.targets.examples import ZEDMERE, load, places, statements, targets


def councillors(
    sessions: Sessions, now: datetime, *rows: TargetRow, rejected: tuple[Rejected, ...] = (), **options: Any
) -> TargetImport:
    """Import rows in a transaction of its own."""
    with sessions.write() as session:
        return load(session, now, Parsed(rows, rejected), **options)


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
    assert councillors(sessions, now, moved, BOB).targets.lines == (
        "~ Alice Sample: email “alice@zedmere.example” → “alice.sample@zedmere.example”, verification",
    )
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
        load(session, now, Parsed((ALICE, BOB)), progress=progress)
    assert told == [(2, 2)]


def test_an_import_needs_no_more_statements_for_many_rows_than_for_few(sessions: Sessions, now: datetime) -> None:
    counts = []
    for size in (10, 900):
        wards = [Place(AreaKind.WARD, f"Ward {number}") for number in range(10)]
        people = tuple(replace(ALICE, external_id=str(number), place=wards[number % 10]) for number in range(size))
        council = Council(f"Z0900{size:04}", f"Council of {size}")
        with sessions.write() as session, statements(session) as seen:
            load(session, now, Parsed(people), council=council, list_slug=f"l-{size}")
            counts.append(len(seen))
    assert counts[0] == counts[1] > 0


def test_an_address_that_cannot_be_read_any_more_stays_as_it_was_and_an_empty_one_clears_it(
    sessions: Sessions, now: datetime
) -> None:
    councillors(sessions, now, ALICE, BOB)
    broken = replace(ALICE, email="", email_untold=True)
    assert not councillors(sessions, now, broken, BOB).targets
    with sessions.read() as session:
        assert session.scalars(select(Target.email).where(Target.external_id == ALICE.external_id)).one() == ALICE.email
    assert councillors(sessions, now, replace(ALICE, email=""), BOB).targets.changed == 1
    with sessions.read() as session:
        assert session.scalars(select(Target.email).where(Target.external_id == ALICE.external_id)).one() == ""


def test_a_row_that_names_nobody_lets_nobody_be_archived_unless_somebody_says_that_they_left(
    sessions: Sessions, now: datetime
) -> None:
    councillors(sessions, now, ALICE, BOB)
    unread = Rejected("line 3", "the row has 2 cells, the header has 7")
    with pytest.raises(UnclearLeaversError, match=r"One row was rejected .* \(line 3: the row has 2 cells.*Bob Verde"):
        councillors(sessions, now, ALICE, rejected=(unread,))
    with sessions.read() as session:
        assert len(targets_of_lists(session, ["zedmere-councillors"])) == 2
    with sessions.write() as session:
        assert load(session, now, Parsed((ALICE,), (unread,)), allow_shrink=True).targets.gone == 1


@pytest.mark.parametrize(
    "rejected",
    [
        Rejected("line 3", "Party is a spreadsheet's formula", BOB.external_id),
        Rejected("line 9", "of a vacant seat, there is no ward", nobody=True),
    ],
)
def test_a_row_that_names_its_target_or_is_about_nobody_stops_no_import(
    sessions: Sessions, now: datetime, rejected: Rejected
) -> None:
    councillors(sessions, now, ALICE, BOB)
    done = councillors(sessions, now, ALICE, rejected=(rejected,))
    assert done.targets.gone == (0 if rejected.external_id else 1)


def test_a_file_without_a_place_for_addresses_leaves_those_that_are_known(sessions: Sessions, now: datetime) -> None:
    council = "Council,Ward Name,Councillor Name,Next Election,Party Name\n"
    row = "Zedmere,Canalside,Alice Sample,2027,Lantern\n"
    known = replace(ALICE, external_id="zedmere:canalside:alice-sample")
    councillors(sessions, now, known)
    with sessions.write() as session:
        session.execute(update(Target).values(verified_at=now, verified_how="rang the office"))
        done = load(session, now, open_council_data.parse((council + row).encode()), form=open_council_data.FORMAT)
    assert NO_PLACE in [one.reason for one in done.remarks]
    with sessions.read() as session:
        (alice,) = targets_of_lists(session, ["zedmere-councillors"])
        assert (alice.email, alice.verified) == (ALICE.email, True)

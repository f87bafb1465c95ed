"""Datasets into the database: whole, in bulk, and with no change where nothing has changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.targets.areas import UnknownAreaError
from app.targets.changes import Changes
from app.targets.datasets import Dataset
from app.targets.lists import ListHead, ListOwnedError, store_list
from app.targets.models import Area, AreaKind, ListOwner, Target, TargetList
from app.targets.postcode_blocks import postcodes_in, unpack
from app.targets.postcode_models import AreaGroup, PostcodeBlock, PostcodeSource
from app.targets.postcodes import areas_of
from app.targets.records import AreaRecord
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE, BOB, CHARLIE, SOURCE, places, postcodes, statements, targets

CODES = {"ZZ1 1AA": "Z05000001 Z09000001", "ZZ1 3AA": "Z05000003 Z09000001", "ZZ1 9ZZ": "Z05000001 Z05000003"}


def sync(sessions: Sessions, now: datetime, *datasets: Dataset, include_demo: bool = True) -> dict[str, Changes]:
    """Sync in a transaction of its own; what changed, by dataset."""
    with sessions.write() as session:
        reports = sync_datasets(session, datasets, now, include_demo=include_demo)
    return {report.slug: report.changes for report in reports}


def target(session: Session, external_id: str) -> Target:
    return session.scalars(select(Target).where(Target.external_id == external_id)).one()


def held(sessions: Sessions) -> dict[str, list[str]]:
    """Every postcode of the database, by its source's slug."""
    with sessions.read() as session:
        rows = session.execute(
            select(PostcodeSource.slug, PostcodeBlock.outward, PostcodeBlock.entries)
            .join(PostcodeSource, PostcodeSource.id == PostcodeBlock.source_id)
            .order_by(PostcodeBlock.outward)
        )
        found: dict[str, list[str]] = {}
        for slug, outward, entries in rows:
            found.setdefault(slug, []).extend(postcodes_in(outward, unpack(entries)))
        return found


def places_of(sessions: Sessions, postcode: str) -> list[str]:
    """The names of the areas that a postcode lies in."""
    with sessions.read() as session:
        return [area.name for area in areas_of(session, postcode)]


def test_a_first_sync_adds_everything_whatever_the_order_of_the_datasets(sessions: Sessions, now: datetime) -> None:
    changes = sync(sessions, now, targets("people", ALICE, CHARLIE), postcodes("codes", CODES), places())
    assert list(changes) == ["places", "codes", "people"]
    assert {slug: (done.added, done.changed, done.gone) for slug, done in changes.items()} == {
        "places": (4, 0, 0),
        "codes": (3, 0, 0),
        "people": (2, 0, 0),
    }
    assert changes["people"].lines == ("+ Alice Sample", "+ Charlie Moss")
    with sessions.read() as session:
        alice = target(session, "c-1")
        assert (alice.salutation, alice.email, alice.role) == (
            "Dear Cllr Sample",
            "alice@zedmere.example",
            "councillor",
        )
        assert alice.area is not None
        assert alice.area.name == "Canalside"
        assert alice.area.parent is not None
        assert alice.area.parent.name == "Zedmere"
        assert not alice.verified
        assert alice.list.demo
        assert (alice.list.owner, alice.list.as_of) == (ListOwner.FILES, date(2026, 11, 1))


def test_a_second_sync_changes_nothing(sessions: Sessions, now: datetime) -> None:
    datasets = (places(), postcodes("codes", CODES), targets("people", ALICE, BOB))
    sync(sessions, now, *datasets)
    again = sync(sessions, now + timedelta(days=1), *datasets)
    assert not any(again.values())
    assert {slug: done.unchanged for slug, done in again.items()} == {"places": 4, "codes": 3, "people": 2}


def test_what_changed_in_a_target_is_told_and_kept(sessions: Sessions, now: datetime) -> None:
    sync(sessions, now, places(), targets("people", ALICE, BOB))
    moved = replace(ALICE, area_code="Z05000003", party="Lantern Party")
    changes = sync(sessions, now, places(), targets("people", moved, BOB))["people"]
    assert (changes.added, changes.changed, changes.unchanged) == (0, 1, 1)
    assert changes.lines == ("~ Alice Sample: party “” → “Lantern Party”", "> Alice Sample: from Canalside to Hilltop")
    with sessions.read() as session:
        alice = target(session, "c-1")
        assert alice.area is not None
        assert (alice.area.name, alice.party) == ("Hilltop", "Lantern Party")


def test_who_left_a_list_is_archived_and_who_is_back_is_not(sessions: Sessions, now: datetime) -> None:
    later = now + timedelta(days=1)
    sync(sessions, now, places(), targets("people", ALICE, BOB))
    left = sync(sessions, later, places(), targets("people", BOB))["people"]
    assert (left.gone, left.lines) == (1, ("- Alice Sample",))
    with sessions.read() as session:
        assert target(session, "c-1").archived_at == later
    assert not sync(sessions, later + timedelta(days=1), places(), targets("people", BOB))["people"]
    back = sync(sessions, later, places(), targets("people", ALICE, BOB))["people"]
    assert back.lines == ("~ Alice Sample: back on the list",)
    with sessions.read() as session:
        assert target(session, "c-1").archived_at is None


def test_a_list_whose_file_is_gone_has_its_targets_archived(sessions: Sessions, now: datetime) -> None:
    sync(sessions, now, places(), targets("people", ALICE), targets("others", BOB))
    changes = sync(sessions, now, places(), targets("others", BOB))
    assert changes["people"] == Changes(gone=1, lines=("- Alice Sample",))
    with sessions.read() as session:
        assert target(session, "c-1").archived_at == now
        assert target(session, "c-2").archived_at is None
    assert "people" not in sync(sessions, now, places(), targets("others", BOB))


def test_a_list_that_staff_imported_is_left_alone(sessions: Sessions, now: datetime) -> None:
    sync(sessions, now, places())
    with sessions.write() as session:
        store_list(session, ListHead("imported", "Imported", ListOwner.IMPORT, SOURCE), [ALICE], now)
    sync(sessions, now, places(), targets("people", BOB))
    with sessions.read() as session:
        assert target(session, "c-1").archived_at is None
    with pytest.raises(ListOwnedError, match="'imported' is kept by an import"):
        sync(sessions, now, places(), targets("imported", BOB))


def test_an_invented_dataset_is_not_loaded_where_it_is_not_wanted(sessions: Sessions, now: datetime) -> None:
    real = targets("team", replace(ALICE, area_code=""), demo=False)
    changes = sync(sessions, now, places(), targets("people", BOB), real, include_demo=False)
    assert list(changes) == ["team"]
    with sessions.read() as session:
        assert session.scalars(select(Target.external_id)).all() == ["c-1"]
        assert session.scalars(select(Area)).all() == []


def test_invented_targets_are_archived_where_they_are_wanted_no_more(sessions: Sessions, now: datetime) -> None:
    sync(sessions, now, places(), targets("people", BOB))
    assert sync(sessions, now, places(), targets("people", BOB), include_demo=False)["people"].gone == 1


def test_an_area_that_nobody_has_stops_the_sync(sessions: Sessions, now: datetime) -> None:
    with pytest.raises(UnknownAreaError, match="Z05000001"):
        sync(sessions, now, targets("people", ALICE))
    with pytest.raises(UnknownAreaError, match="Z05000001"):
        sync(sessions, now, postcodes("codes", {"ZZ1 1AA": "Z05000001"}))
    with sessions.read() as session:
        assert session.scalars(select(TargetList)).all() == []


def test_a_changed_provenance_is_kept_and_told(sessions: Sessions, now: datetime) -> None:
    sync(sessions, now, places(), targets("people", ALICE))
    newer = sync(sessions, now, places(), targets("people", ALICE, as_of=date(2026, 11, 20)))["people"]
    assert newer == Changes(unchanged=1, lines=("~ the list itself: as_of",))
    with sessions.read() as session:
        assert session.scalars(select(TargetList.as_of)).one() == date(2026, 11, 20)


def test_a_renamed_area_keeps_its_targets(sessions: Sessions, now: datetime) -> None:
    sync(sessions, now, places(), targets("people", ALICE))
    renamed = replace(places(), areas=tuple(replace(area, name=f"New {area.name}") for area in places().areas))
    changes = sync(sessions, now, renamed, targets("people", ALICE))
    assert changes["places"].changed == 4
    assert "~ New Canalside: name “Canalside” → “New Canalside”" in changes["places"].lines
    with sessions.read() as session:
        alice = target(session, "c-1")
        assert alice.area is not None
        assert alice.area.name == "New Canalside"


class TestVerification:
    """Words in the file say how the address beside them was checked."""

    WORDS = "read on the council's website, 3 November 2026"

    def test_words_verify_once(self, sessions: Sessions, now: datetime) -> None:
        told = replace(ALICE, verified=self.WORDS)
        sync(sessions, now, places(), targets("people", told))
        sync(sessions, now + timedelta(days=1), places(), targets("people", told))
        with sessions.read() as session:
            alice = target(session, "c-1")
            assert (alice.verified_at, alice.verified_how) == (now, self.WORDS)

    def test_words_that_come_later_verify(self, sessions: Sessions, now: datetime) -> None:
        sync(sessions, now, places(), targets("people", ALICE))
        changes = sync(sessions, now, places(), targets("people", replace(ALICE, verified=self.WORDS)))["people"]
        assert changes.lines == ("~ Alice Sample: verification",)

    def test_what_staff_verified_stays_as_they_said_it(self, sessions: Sessions, now: datetime) -> None:
        sync(sessions, now, places(), targets("people", ALICE))
        with sessions.write() as session:
            alice = target(session, "c-1")
            alice.verified_at, alice.verified_how = now, "rang the office"
        later = now + timedelta(days=1)
        assert not sync(sessions, later, places(), targets("people", ALICE))["people"]
        assert not sync(sessions, later, places(), targets("people", replace(ALICE, verified=self.WORDS)))["people"]
        with sessions.read() as session:
            assert target(session, "c-1").verified_how == "rang the office"

    def test_another_address_is_not_verified_by_what_was_said_of_the_old_one(
        self, sessions: Sessions, now: datetime
    ) -> None:
        told = replace(ALICE, verified=self.WORDS)
        moved = replace(told, email="alice.sample@zedmere.example")
        sync(sessions, now, places(), targets("people", told))
        changes = sync(sessions, now, places(), targets("people", moved))["people"]
        assert changes.lines == (
            "~ Alice Sample: email “alice@zedmere.example” → “alice.sample@zedmere.example”, verification",
        )
        assert not sync(sessions, now + timedelta(days=1), places(), targets("people", moved))["people"]
        with sessions.read() as session:
            assert not target(session, "c-1").verified
        sync(sessions, now, places(), targets("people", replace(moved, verified="read there again")))
        with sessions.read() as session:
            assert target(session, "c-1").verified_how == "read there again"

    def test_capitals_do_not_make_another_address(self, sessions: Sessions, now: datetime) -> None:
        told = replace(ALICE, verified=self.WORDS)
        sync(sessions, now, places(), targets("people", told))
        sync(sessions, now, places(), targets("people", replace(told, email="Alice@zedmere.example")))
        with sessions.read() as session:
            alice = target(session, "c-1")
            assert (alice.verified, alice.email) == (True, "Alice@zedmere.example")


class TestPostcodes:
    """A source's postcodes are replaced as a whole; where sources differ, the better claim counts."""

    def test_a_new_edition_adds_moves_and_removes(self, sessions: Sessions, now: datetime) -> None:
        sync(sessions, now, places(), postcodes("codes", CODES))
        edition = {"ZZ1 1AA": "Z05000003", "ZZ1 3AA": CODES["ZZ1 3AA"], "ZZ1 1AB": "Z05000001", "ZZ2 1AA": "Z05000001"}
        changes = sync(sessions, now, places(), postcodes("codes", edition))["codes"]
        assert (changes.added, changes.changed, changes.unchanged, changes.gone) == (2, 1, 1, 1)
        assert held(sessions) == {"codes": ["ZZ1 1AA", "ZZ1 1AB", "ZZ1 3AA", "ZZ2 1AA"]}
        assert places_of(sessions, "ZZ1 1AA") == ["Hilltop"]
        assert sync(sessions, now, places(), postcodes("codes", {"ZZ2 1AA": "Z05000001"}))["codes"].gone == 3
        assert held(sessions) == {"codes": ["ZZ2 1AA"]}

    @pytest.mark.parametrize("newer_first", [True, False])
    def test_the_source_of_the_later_day_tells_where_a_postcode_lies(
        self, sessions: Sessions, now: datetime, *, newer_first: bool
    ) -> None:
        old = postcodes("old", {"ZZ1 1AA": "Z05000001", "ZZ1 1AB": "Z05000001"}, as_of=date(2025, 1, 1))
        new = postcodes("new", {"ZZ1 1AA": "Z05000003"}, as_of=date(2026, 1, 1))
        order = (new, old) if newer_first else (old, new)
        sync(sessions, now, places(), *order)
        assert places_of(sessions, "ZZ1 1AA") == ["Hilltop"]
        assert places_of(sessions, "ZZ1 1AB") == ["Canalside"]
        again = sync(sessions, now, places(), *order)
        assert not any(again.values())

    def test_of_two_sources_of_one_day_the_earlier_comer_counts(self, sessions: Sessions, now: datetime) -> None:
        sync(sessions, now, places(), postcodes("first", {"ZZ1 1AA": "Z05000001"}))
        sync(sessions, now, places(), postcodes("second", {"ZZ1 1AA": "Z05000003"}))
        assert places_of(sessions, "ZZ1 1AA") == ["Canalside"]

    def test_a_real_source_goes_before_an_invented_one(self, sessions: Sessions, now: datetime) -> None:
        real = postcodes("real", {"ZZ1 1AA": "Z05000001"}, demo=False, as_of=date(2001, 1, 1))
        sync(sessions, now, places(demo=False), postcodes("demo", {"ZZ1 1AA": "Z05000003"}), real)
        assert places_of(sessions, "ZZ1 1AA") == ["Canalside"]

    def test_a_source_of_wards_and_one_of_constituencies_complete_each_other(
        self, sessions: Sessions, now: datetime
    ) -> None:
        wards = postcodes("wards", {"ZZ1 1AA": "Z05000001 Z09000001"})
        seats = postcodes("seats", {"ZZ1 1AA": "Z14000001 Z05000003"}, as_of=date(2020, 1, 1))
        sync(sessions, now, places(), wards, seats)
        assert places_of(sessions, "ZZ1 1AA") == ["Zedmere and Thornby", "Zedmere", "Canalside"]

    def test_a_council_that_does_everything_has_no_county_whatever_an_older_source_says(
        self, sessions: Sessions, now: datetime
    ) -> None:
        county = AreaRecord("Z10000001", "Zedshire", AreaKind.COUNTY)
        division = AreaRecord("Z58000001", "Zedmere East", AreaKind.DIVISION, "Z10000001")
        district = AreaRecord("Z07000001", "Old Zedmere", AreaKind.COUNCIL, "Z10000001")
        old = {"ZZ1 1AA": "Z58000001 Z10000001 Z07000001", "ZZ1 1AB": "Z58000001 Z10000001"}
        new = {"ZZ1 1AA": "Z05000001 Z09000001", "ZZ1 1AB": "Z07000001"}
        sync(
            sessions,
            now,
            places(county, division, district),
            postcodes("old", old, as_of=date(2020, 1, 1)),
            postcodes("new", new),
        )
        assert places_of(sessions, "ZZ1 1AA") == ["Zedmere", "Canalside"]
        assert places_of(sessions, "ZZ1 1AB") == ["Old Zedmere", "Zedshire", "Zedmere East"]

    def test_equal_sets_of_areas_are_kept_once(self, sessions: Sessions, now: datetime) -> None:
        sync(sessions, now, places(), postcodes("codes", {f"ZZ{n} 1AA": "Z05000001 Z09000001" for n in range(1, 30)}))
        with sessions.read() as session:
            assert len(session.scalars(select(AreaGroup)).all()) == 1


def test_a_sync_needs_no_more_statements_for_many_rows_than_for_few(sessions: Sessions, now: datetime) -> None:
    def edition(size: int, party: str) -> tuple[Dataset, ...]:
        people = [replace(ALICE, external_id=f"c-{number}", party=party) for number in range(size)]
        first = 95 if size == 10 else 1  # no outward code is told by two sources, which would have to be settled
        outwards = range(first, first + size // 10)
        codes = {f"ZZ{number} {figure}AA": "Z05000001" for number in outwards for figure in range(10)}
        return places(), targets(f"people-{size}", *people), postcodes(f"codes-{size}", codes)

    counts = []
    for size in (10, 900):
        with sessions.write() as session, statements(session) as seen:
            for datasets in (edition(size, "A"), edition(size, "B"), edition(10, "A")):
                sync_datasets(session, datasets, now, include_demo=True)
            counts.append(len(seen))
    assert 0 < counts[1] <= counts[0]


def test_two_syncs_at_once_take_turns(sessions: Sessions, now: datetime) -> None:
    datasets = (places(), postcodes("codes", CODES), targets("people", ALICE, BOB))
    with ThreadPoolExecutor() as pool:
        both = [future.result() for future in [pool.submit(sync, sessions, now, *datasets) for _ in range(2)]]
    assert sorted(done["people"].added for done in both) == [0, 2]
    assert sorted(done["codes"].unchanged for done in both) == [0, 3]

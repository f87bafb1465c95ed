"""Imports of postcodes whose wards are known by name: read first, then stored, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.db import Sessions
from app.targets.find import targets_for_area
from app.targets.importers.parsed import Parsed, TargetRow
from app.targets.imports import NothingToImportError
from app.targets.models import Area, AreaKind, Election, Target, Vacancy
from app.targets.postcode_imports import PostcodeImport, read_ons, read_wards, store_edition
from app.targets.postcode_sets import SourceHead
from app.targets.postcodes import areas_of, find
from app.targets.records import Council
from tests.support.looking import areas_of_kind
from tests.targets.examples import ALICE_ROW as ALICE
from tests.targets.examples import CHARLIE_ROW as CHARLIE
from tests.targets.examples import SOURCE, ZEDMERE, load, statements

CODED = (
    "pcds,doterm,laua,ward\nZZ1 1AA,,Z09000001,Z05000001\nZZ1 3AA,,Z09000001,Z05000003\nZZ2 1AA,,Z09000001,Z05000003\n"
)
NAMES = "WD26CD,WD26NM\nZ05000001,CANALSIDE\nZ05000003,Hilltop\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of postcodes: two in Canalside, one in Hilltop, one that straddles them."""
    path = tmp_path / "postcodes.csv"
    rows = ["ZZ1 1AA,Canalside", "ZZ1 1AB,canalside", "ZZ1 3AA,Hilltop", "ZZ1 9ZZ,Hilltop", "ZZ1 9ZZ,Canalside"]
    path.write_text("\n".join(["Postcode,Ward", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """The same borough as ONS has it."""
    path = tmp_path / "coded.csv"
    path.write_text(CODED, encoding="utf-8")
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")
    return path


def by_name(
    sessions: Sessions, file: Path, *, council: Council = ZEDMERE, slug: str = "zedmere", as_of: date = SOURCE.as_of
) -> PostcodeImport:
    """Import a file of ward names in a transaction of its own."""
    edition = read_wards(file, council)
    with sessions.write() as session:
        return store_edition(session, edition, SourceHead(slug, replace(SOURCE, as_of=as_of)))


def by_code(sessions: Sessions, file: Path, *, as_of: date = SOURCE.as_of) -> PostcodeImport:
    """Import a file of ONS, with the list of names beside it."""
    edition = read_ons([file], [file.with_name("names.csv")])
    with sessions.write() as session:
        return store_edition(session, edition, SourceHead("ons", replace(SOURCE, as_of=as_of)))


def councillors(sessions: Sessions, now: datetime, *rows: TargetRow) -> None:
    with sessions.write() as session:
        load(session, now, Parsed(rows), list_slug="zedmere")


def wards_of(sessions: Sessions, postcode: str) -> list[str]:
    """The codes of the wards that a postcode lies in."""
    with sessions.read() as session:
        return [area.code for area in areas_of_kind(session, postcode, AreaKind.WARD)]


def ended(sessions: Sessions) -> dict[str, tuple[date | None, str]]:
    """The areas that have ended: when, and what came after them."""
    with sessions.read() as session:
        gone = session.scalars(select(Area).where(Area.ended_on.is_not(None)))
        return {area.code: (area.ended_on, area.successors) for area in gone}


def test_postcodes_lie_in_their_wards_and_council(sessions: Sessions, file: Path) -> None:
    done = by_name(sessions, file)
    assert (done.areas.added, done.postcodes.added, done.rejections.count) == (3, 4, 0)
    with sessions.read() as session:
        assert [area.name for area in areas_of(session, "ZZ1 1AB")] == ["Zedmere", "Canalside"]
        assert [area.name for area in areas_of_kind(session, "ZZ1 9ZZ", AreaKind.WARD)] == ["Canalside", "Hilltop"]


def test_the_same_postcodes_again_change_nothing(sessions: Sessions, file: Path) -> None:
    by_name(sessions, file)
    again = by_name(sessions, file)
    assert not again.areas
    assert (bool(again.postcodes), again.postcodes.unchanged) == (False, 4)


def test_a_new_edition_of_postcodes_replaces_the_old_one(sessions: Sessions, file: Path) -> None:
    by_name(sessions, file)
    file.write_text("Postcode,Ward\nZZ1 1AA,Hilltop\nZZ1 3AA,Hilltop\nnone,Hilltop\n", encoding="utf-8")
    done = by_name(sessions, file, as_of=date(2026, 12, 1))
    assert (done.postcodes.changed, done.postcodes.unchanged, done.postcodes.gone) == (1, 1, 2)
    assert [str(one) for one in done.rejections.shown] == ["line 4: A postcode has five to seven letters and figures."]
    assert wards_of(sessions, "ZZ1 1AA") == ["Z09000001:hilltop"]
    assert wards_of(sessions, "ZZ1 1AB") == []
    assert done.ended == ("Canalside (Z09000001:canalside)",)
    assert ended(sessions) == {"Z09000001:canalside": (date(2026, 12, 1), "")}


def test_a_ward_that_an_edition_has_again_has_not_ended(sessions: Sessions, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    by_name(sessions, file)
    file.write_text("Postcode,Ward\nZZ1 3AA,Hilltop\n", encoding="utf-8")
    by_name(sessions, file)
    assert ended(sessions)
    file.write_text(text, encoding="utf-8")
    by_name(sessions, file)
    assert ended(sessions) == {}


def test_an_older_edition_ends_no_ward(sessions: Sessions, file: Path) -> None:
    by_name(sessions, file)
    file.write_text("Postcode,Ward\nZZ1 3AA,Hilltop\n", encoding="utf-8")
    assert by_name(sessions, file, as_of=date(2020, 1, 1)).ended == ()


@pytest.mark.parametrize("councillors_first", [True, False])
def test_councillors_and_postcodes_may_come_in_either_order(
    sessions: Sessions, now: datetime, file: Path, *, councillors_first: bool
) -> None:
    if councillors_first:
        councillors(sessions, now, ALICE, CHARLIE)
        assert not by_name(sessions, file).areas
    else:
        by_name(sessions, file)
        councillors(sessions, now, ALICE, CHARLIE)
    with sessions.read() as session:
        (ward,) = areas_of_kind(session, "ZZ1 1AA", AreaKind.WARD)
        assert [target.name for target in targets_for_area(session, "councillor", ward)] == ["Alice Sample"]


def test_wards_that_have_no_codes_take_nobodys_place(sessions: Sessions, now: datetime, file: Path) -> None:
    councillors(sessions, now, ALICE, CHARLIE)
    assert by_name(sessions, file).moves == ()
    assert by_name(sessions, file).moves == ()
    assert ended(sessions) == {}


def test_a_ward_that_only_the_postcodes_have_is_named(sessions: Sessions, now: datetime, file: Path) -> None:
    councillors(sessions, now, ALICE)
    assert by_name(sessions, file).areas.lines == ("+ Hilltop",)


def test_a_file_without_a_usable_postcode_removes_nothing(sessions: Sessions, file: Path) -> None:
    by_name(sessions, file)
    file.write_text("pcds,Ward\nZZ1 1AA,Canalside\n", encoding="utf-8")
    with pytest.raises(NothingToImportError, match="line 1: the column 'Postcode' is missing"):
        by_name(sessions, file)
    assert wards_of(sessions, "ZZ1 1AA")


def test_an_import_that_breaks_off_leaves_nothing(sessions: Sessions, coded: Path) -> None:
    edition = read_ons([coded])

    def break_off() -> None:
        with sessions.write() as session:
            store_edition(session, edition, SourceHead("ons", SOURCE))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    with sessions.read() as session:
        assert session.scalars(select(Area)).all() == []
        assert find(session, "ZZ1 1AA") is None


def test_the_site_goes_on_writing_while_a_file_is_read(sessions: Sessions, coded: Path, now: datetime) -> None:
    written: list[int] = []

    def progress(_advance: int, _total: int, /) -> None:
        with sessions.write() as session:
            session.add(
                Election(body_code="K02000001", held_on=now.date().replace(day=1 + len(written)), source="a test")
            )
        written.append(1)

    read_ons([coded], [], progress)
    assert written


def test_the_last_edition_is_found_until_the_next_one_is_there_as_a_whole(sessions: Sessions, coded: Path) -> None:
    by_code(sessions, coded)
    coded.write_text(CODED.replace("Z05000003", "Z05000009"), encoding="utf-8")
    edition = read_ons([coded])
    with sessions.write() as session:
        store_edition(session, edition, SourceHead("ons", SOURCE))
        assert wards_of(sessions, "ZZ1 3AA") == wards_of(sessions, "ZZ2 1AA") == ["Z05000003"]
    assert wards_of(sessions, "ZZ1 3AA") == wards_of(sessions, "ZZ2 1AA") == ["Z05000009"]


def test_progress_is_told_in_bytes_until_all_is_read(coded: Path, file: Path) -> None:
    told: list[tuple[int, int]] = []

    def progress(advance: int, total: int, /) -> None:
        told.append((advance, total))

    for path, read in (
        (coded, lambda: read_ons([coded], [], progress)),
        (file, lambda: read_wards(file, ZEDMERE, progress)),
    ):
        told.clear()
        read()
        assert sum(advance for advance, _ in told) == path.stat().st_size
        assert {total for _, total in told} == {path.stat().st_size}


def test_an_import_needs_no_more_statements_for_many_rows_than_for_few(sessions: Sessions, tmp_path: Path) -> None:
    counts = []
    for size, first in ((10, 95), (900, 1)):
        file = tmp_path / "many.csv"
        outwards = range(first, first + size // 10)
        rows = [f"ZZ{number} {figure}AA,Ward {figure}" for number in outwards for figure in range(10)]
        file.write_text("\n".join(["Postcode,Ward", *rows]), encoding="utf-8")
        edition = read_wards(file, Council(f"Z0900{size:04}", f"Council of {size}"))
        with sessions.write() as session, statements(session) as seen:
            store_edition(session, edition, SourceHead(f"s-{size}", SOURCE))
            counts.append(len(seen))
    assert counts[0] == counts[1] > 0


class TestNamesAndCodes:
    """A ward that was known by its name is the one of that name in the council that comes with a code."""

    def test_what_belongs_to_a_ward_known_by_name_goes_to_the_ward_with_the_code(
        self, sessions: Sessions, now: datetime, file: Path, coded: Path
    ) -> None:
        councillors(sessions, now, ALICE, CHARLIE)
        by_name(sessions, file, as_of=date(2020, 1, 1))
        with sessions.write() as session:
            alice = session.scalars(select(Target).where(Target.name == "Alice Sample")).one()
            session.add(Vacancy(list_id=alice.list_id, area_id=alice.area_id, seats=1))
        done = by_code(sessions, coded)
        assert [str(move) for move in done.moves] == [
            "CANALSIDE: Z09000001:canalside is Z05000001, with its 1 targets",
            "Hilltop: Z09000001:hilltop is Z05000003, with its 1 targets",
        ]
        with sessions.read() as session:
            rows = session.execute(select(Target.name, Area.code).join(Target.area))
            where = {row.name: row.code for row in rows}
            vacancy = session.scalars(select(Area.code).join(Vacancy, Vacancy.area_id == Area.id)).all()
        assert where == {"Alice Sample": "Z05000001", "Charlie Moss": "Z05000003"}
        assert vacancy == ["Z05000001"]
        assert ended(sessions) == {
            "Z09000001:canalside": (SOURCE.as_of, "Z05000001"),
            "Z09000001:hilltop": (SOURCE.as_of, "Z05000003"),
        }
        assert wards_of(sessions, "ZZ1 1AB") == ["Z05000001"], "the older source's postcodes follow"
        assert wards_of(sessions, "ZZ1 9ZZ") == ["Z05000001", "Z05000003"]

    def test_a_file_of_names_finds_the_wards_that_have_codes(self, sessions: Sessions, file: Path, coded: Path) -> None:
        by_code(sessions, coded, as_of=date(2020, 1, 1))
        file.write_text("Postcode,Ward\nZZ1 1AA,HILLTOP\nZZ1 1AB,Lowside\n", encoding="utf-8")
        done = by_name(sessions, file, council=Council("Z09000001", "Zedmere Borough"))
        assert done.areas.lines == ("+ Lowside",)
        assert wards_of(sessions, "ZZ1 1AA") == ["Z05000003"]
        assert wards_of(sessions, "ZZ1 1AB") == ["Z09000001:lowside"]

    def test_a_ward_of_that_name_in_another_council_is_another_ward(
        self, sessions: Sessions, file: Path, coded: Path
    ) -> None:
        by_name(sessions, file, council=Council("Z09000002", "Alderley"))
        assert by_code(sessions, coded).moves == ()
        assert ended(sessions) == {}


class TestEnding:
    """An edition that has other wards of a council, and the place where one was, says that it is no more."""

    def test_a_ward_that_was_drawn_anew_has_ended(self, sessions: Sessions, coded: Path) -> None:
        by_code(sessions, coded)
        coded.write_text(CODED.replace("Z05000003", "Z05000009"), encoding="utf-8")
        assert by_code(sessions, coded, as_of=date(2026, 12, 1)).ended == ("Hilltop (Z05000003)",)
        assert ended(sessions) == {"Z05000003": (date(2026, 12, 1), "")}

    def test_a_ward_whose_place_is_not_in_the_files_has_not(self, sessions: Sessions, coded: Path) -> None:
        by_code(sessions, coded)
        coded.write_text("\n".join(CODED.splitlines()[:2]), encoding="utf-8")
        assert by_code(sessions, coded).ended == ()

    def test_a_ward_of_a_council_that_is_not_in_the_files_has_not(self, sessions: Sessions, coded: Path) -> None:
        by_code(sessions, coded)
        coded.write_text(CODED.replace("Z09000001", "Z09000002").replace("Z0500000", "Z0500001"), encoding="utf-8")
        assert by_code(sessions, coded).ended == ()


def test_postgresql_knows_at_once_how_much_there_is(postgresql_sessions: Sessions, coded: Path) -> None:
    by_code(postgresql_sessions, coded)
    known = text(
        "SELECT relname, reltuples FROM pg_class WHERE relname IN ('area', 'area_group_member', 'postcode_block')"
    )
    with postgresql_sessions.read() as session:
        assert dict(session.execute(known).all()) == {"area": 3, "area_group_member": 4, "postcode_block": 2}

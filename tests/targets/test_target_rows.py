"""What a row of the registry knows of itself after imports: source, days, confidence, place, and what was not taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.areas import store_areas
from app.targets.by_key import target_by_key
from app.targets.elections import store_elections
from app.targets.importers.elections import ElectionRow
from app.targets.importers.parsed import NextElection, Parsed, Place, TargetRow, VacantSeat
from app.targets.importers.together import together
from app.targets.imports import NothingToImportError, TargetImport
from app.targets.models import Area, AreaKind, Confidence, Election, Target, TargetList, Vacancy
from app.targets.records import AreaRecord, Council, Rejected, TargetRole
from app.targets.shrinking import WouldShrinkError
from app.targets.sync import sync_datasets
from tests.support.dumps import dump
from tests.targets.examples import (
    ALICE,
    ALICE_ROW,
    BOB_ROW,
    CHARLIE_ROW,
    COUNCILLORS,
    SOURCE,
    load,
    places,
    statements,
    targets,
)

LIST = "zedmere-councillors"
DAY = timedelta(days=1)
FULL = replace(
    ALICE_ROW,
    registration="GB-COH-07921508",
    address="1 High Street / Zedmere",
    attributes={"posts": ["Leader of the Council"], "committees": ["Housing"]},
    valid_from=date(2024, 5, 6),
    valid_to=date(2028, 5, 4),
    source_url="https://zedmere.example/alice",
)


def read(sessions: Sessions, now: datetime, *rows: TargetRow, **options: Any) -> TargetImport:
    """Import rows in a transaction of its own; what else the file says may be among the options."""
    more = {name: options.pop(name) for name in ("rejected", "remarks", "vacancies", "elections") if name in options}
    with sessions.write() as session:
        return load(session, now, Parsed(rows, **more), **options)


def target(sessions: Sessions, external_id: str) -> Target:
    with sessions.read() as session:
        return target_by_key(session, LIST, external_id)


def people(number: int, ward: str = "Canalside", council: str = "") -> list[TargetRow]:
    place = Place(AreaKind.WARD, ward, council=council)
    return [replace(ALICE_ROW, external_id=f"{ward}-{n}", name=f"{ward} {n}", place=place) for n in range(number)]


def test_a_row_keeps_all_that_its_source_says(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, FULL)
    row = target(sessions, "115")
    assert (row.registration, row.address, row.party) == ("GB-COH-07921508", "1 High Street / Zedmere", "Lantern Party")
    assert row.attributes == {"posts": ["Leader of the Council"], "committees": ["Housing"]}
    assert (row.valid_from, row.valid_to) == (date(2024, 5, 6), date(2028, 5, 4))
    assert (row.source_url, row.confidence) == ("https://zedmere.example/alice", Confidence.OFFICIAL)
    assert row.organisation == "Zedmere"
    assert (row.list.format, row.list.name) == ("councillors", "Zedmere: councillors")
    assert not read(sessions, now + DAY, FULL).targets


def test_what_changed_is_told_in_words(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, FULL)
    changed = replace(
        FULL,
        registration="",
        attributes={"posts": []},
        valid_from=None,
        valid_to=None,
        source_url="https://zedmere.example/a",
    )
    assert read(sessions, now, changed).targets.lines == (
        (
            "~ Alice Sample: registered number “GB-COH-07921508” → “”, posts and committees, term of office, "
            "page “https://zedmere.example/alice” → “https://zedmere.example/a”"
        ),
    )


def test_a_row_knows_when_its_source_had_it_last(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW, BOB_ROW, CHARLIE_ROW)
    later = read(
        sessions,
        now + DAY,
        ALICE_ROW,
        replace(BOB_ROW, party="Harbour Party"),
        rejected=(Rejected("line 4", "there is no name", "117"),),
    )
    assert (later.targets.changed, later.targets.unchanged) == (1, 1)
    assert [target(sessions, key).fetched_at for key in ("115", "116", "117")] == [now + DAY, now + DAY, now]


def test_a_row_of_the_files_was_fetched_on_the_day_that_they_state(sessions: Sessions, now: datetime) -> None:
    for when in (now, now + DAY):
        with sessions.write() as session:
            sync_datasets(session, [places(), targets(LIST, ALICE)], when, include_demo=True)
    row = target(sessions, "c-1")
    assert (row.fetched_at, row.confidence) == (datetime(2026, 11, 1, tzinfo=UTC), Confidence.REPORTED)


def test_who_moved_to_another_ward_is_told_from_where_to_where(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW, BOB_ROW)
    moved = replace(ALICE_ROW, place=Place(AreaKind.WARD, "Hilltop"))
    done = read(sessions, now, moved, replace(BOB_ROW, party="", place=Place(AreaKind.WARD, "Quarry")))
    assert done.targets.lines == (
        "~ Bob Verde: party “Lantern Party” → “”",
        "> Alice Sample: from Canalside to Hilltop",
        "> Bob Verde: from Canalside to Quarry",
    )
    assert done.targets.changed == 2
    assert not read(sessions, now, moved, replace(BOB_ROW, party="", place=Place(AreaKind.WARD, "Quarry"))).targets


def test_who_moved_to_a_ward_of_the_same_name_is_told_by_codes(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW)
    with sessions.write() as session:
        store_areas(session, [AreaRecord("Z05000001", "Canalside", AreaKind.WARD, "Z09000001")])
    assert read(sessions, now, ALICE_ROW).targets.lines == ("> Alice Sample: from Z09000001:canalside to Z05000001",)


def test_who_comes_back_is_told_so(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW, BOB_ROW)
    assert read(sessions, now, BOB_ROW).targets.lines == ("- Alice Sample",)
    assert read(sessions, now, ALICE_ROW, BOB_ROW).targets.lines == ("~ Alice Sample: back on the list",)


def test_a_row_of_a_place_that_is_not_known_is_rejected_with_its_line_and_its_target_stays(
    sessions: Sessions, now: datetime
) -> None:
    read(sessions, now, ALICE_ROW, BOB_ROW)
    lost = replace(BOB_ROW, line="line 7", place=Place(AreaKind.WARD, "Canalside", council="Nowhere"))
    done = read(sessions, now, ALICE_ROW, lost)
    assert [str(one) for one in done.rejected] == ["line 7: the registry has no council 'Nowhere'"]
    assert (done.targets.unchanged, done.targets.gone) == (1, 0)
    with pytest.raises(NothingToImportError, match="line 7: the registry has no council"):
        read(sessions, now, lost)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (replace(BOB_ROW, place=None), "a councillor needs a ward or a division"),
        (replace(BOB_ROW, role=TargetRole.MP, place=None), "a mp needs a constituency"),
        (replace(BOB_ROW, place=Place(AreaKind.CONSTITUENCY, "Nowhere")), "has no constituency 'Nowhere'"),
        (replace(BOB_ROW, place=Place(AreaKind.WARD, "!")), "the ward has no name"),
        (replace(BOB_ROW, external_id="115"), "115 is in the file already"),
    ],
)
def test_a_row_that_cannot_be_placed_is_rejected(sessions: Sessions, now: datetime, row: TargetRow, why: str) -> None:
    done = read(sessions, now, ALICE_ROW, row)
    assert why in done.rejected[0].reason
    assert done.targets.added == 1


def test_a_body_answers_for_no_place(sessions: Sessions, now: datetime) -> None:
    trust = replace(BOB_ROW, role=TargetRole.NHS_TRUST, place=None, organisation="Zedmere Trust")
    read(sessions, now, trust, council=None, form=replace(COUNCILLORS, title="Trusts", one_council=False))
    row = target(sessions, "116")
    assert (row.area_id, row.organisation, row.list.name) == (None, "Zedmere Trust", "Trusts")


def test_a_ward_that_has_ceased_to_exist_is_told(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW)
    with sessions.write() as session:
        session.scalars(select(Area).where(Area.name == "Canalside")).one().ended_on = date(2025, 5, 1)
    [remark] = read(sessions, now, ALICE_ROW).remarks
    assert str(remark) == (
        "line 2: the ward Canalside ceased to exist on 2025-05-01; postcodes may not lead to it any more"
    )


def test_vacant_seats_are_kept_and_replaced_by_the_next_import(sessions: Sessions, now: datetime) -> None:
    def vacant() -> dict[str, int]:
        with sessions.read() as session:
            rows = session.execute(select(Area.name, Vacancy.seats).join(Area, Area.id == Vacancy.area_id))
            return dict(rows.all())

    def seat(ward: str, council: str = "") -> VacantSeat:
        return VacantSeat("line 9", Place(AreaKind.WARD, ward, council=council))

    done = read(sessions, now, ALICE_ROW, vacancies=(seat("Canalside"), seat("Hilltop"), seat("Hilltop")))
    assert (done.vacant, vacant()) == (3, {"Canalside": 1, "Hilltop": 2})
    done = read(sessions, now, ALICE_ROW, vacancies=(seat("Hilltop"), seat("Hilltop", "Nowhere")))
    assert (done.vacant, vacant()) == (1, {"Hilltop": 1})
    assert [str(one) for one in done.rejected] == ["line 9: of a vacant seat, the registry has no council 'Nowhere'"]
    read(sessions, now, ALICE_ROW)
    assert vacant() == {}


def test_when_a_council_is_elected_next_is_kept(sessions: Sessions, now: datetime) -> None:
    done = read(sessions, now, ALICE_ROW, elections=(NextElection("zedmere", 2027), NextElection("Nowhere", 2028)))
    assert [str(one) for one in done.rejected] == ["next election 2028: there is no council 'Nowhere' in the registry"]
    with sessions.read() as session:
        election = session.scalars(select(Election)).one()
        assert (election.body_code, election.held_on, election.source) == (
            "Z09000001",
            date(2027, 5, 6),
            "Invented for a test",
        )
    assert target(sessions, "115").stale_from == date(2027, 5, 6)


def test_newer_data_is_stale_no_more(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW, provenance=replace(SOURCE, as_of=date(2025, 1, 1)))
    with sessions.write() as session:
        store_elections(session, [ElectionRow("line 1", "Z09000001", date(2026, 5, 7))], "a test")
    assert target(sessions, "115").stale_from == date(2026, 5, 7)
    read(sessions, now, ALICE_ROW)
    assert target(sessions, "115").stale_from is None


def test_an_import_that_would_archive_more_than_a_third_is_refused_whole(sessions: Sessions, now: datetime) -> None:
    everybody = people(15)
    read(sessions, now, *everybody)
    before = dump(sessions.engine)
    with pytest.raises(WouldShrinkError, match="6 of the 15 on zedmere-councillors; 6 of the 15 in Zedmere, and add 1"):
        read(sessions, now, *everybody[6:], BOB_ROW)
    assert dump(sessions.engine) == before
    assert read(sessions, now, *everybody[6:], allow_shrink=True).targets.gone == 6


@pytest.mark.parametrize(("there", "leaving"), [(15, 5), (18, 6), (6, 5)])
def test_fewer_may_leave_at_once(sessions: Sessions, now: datetime, there: int, leaving: int) -> None:
    everybody = people(there)
    read(sessions, now, *everybody)
    assert read(sessions, now, *everybody[leaving:]).targets.gone == leaving


def test_no_council_of_a_countrys_list_is_emptied_unnoticed(sessions: Sessions, now: datetime) -> None:
    with sessions.write() as session:
        store_areas(session, [AreaRecord("Z09000002", "Thornby", AreaKind.COUNCIL)])
    zedmere, thornby = people(40), people(8, "Quay", "Thornby")
    read(sessions, now, *zedmere, *thornby)
    with pytest.raises(WouldShrinkError, match="This would archive 8 of the 8 in Thornby, and add 0"):
        read(sessions, now, *zedmere)


def test_who_is_archived_or_removed_already_does_not_count_as_leaving(sessions: Sessions, now: datetime) -> None:
    everybody = people(30)
    read(sessions, now, *everybody)
    for rest in (everybody[10:], everybody[16:]):
        read(sessions, now, *rest)


def test_all_that_an_import_writes_is_written_or_nothing(sessions: Sessions, now: datetime) -> None:
    read(sessions, now, ALICE_ROW)
    before = dump(sessions.engine)

    def stop(_advance: int, _total: int, /) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(
            sessions,
            now + DAY,
            replace(ALICE_ROW, party=""),
            CHARLIE_ROW,
            vacancies=(VacantSeat("line 1", Place(AreaKind.WARD, "Quarry")),),
            progress=stop,
        )
    assert dump(sessions.engine) == before


def test_a_council_keeps_the_name_that_the_registry_has_for_it(sessions: Sessions, now: datetime) -> None:
    with sessions.write() as session:
        store_areas(session, [AreaRecord("Z09000001", "Zedmere Borough Council", AreaKind.COUNCIL)])
    done = read(sessions, now, ALICE_ROW)
    assert done.areas.lines == ("+ Canalside",)
    with sessions.read() as session:
        assert session.scalars(select(TargetList.name)).one() == "Zedmere Borough Council: councillors"


def test_an_import_of_many_needs_no_more_statements_than_of_few(sessions: Sessions, now: datetime) -> None:
    def imports(number: int) -> Iterable[list[TargetRow]]:
        everybody = people(number, f"Ward {number}")
        yield everybody
        yield [replace(row, party="", place=Place(AreaKind.WARD, "Hilltop")) for row in everybody[1:]]

    counts = []
    for size in (10, 300):
        with sessions.write() as session, statements(session) as seen:
            for rows in imports(size):
                council = Council(f"Z0900{size:04}", f"Council of {size}")
                load(session, now, Parsed(tuple(rows)), list_slug=f"list-{size}", council=council, allow_shrink=True)
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_files_that_are_read_together_say_which_of_them_a_line_is_of() -> None:
    seat = VacantSeat("line 3", Place(AreaKind.WARD, "Hilltop"))
    first = Parsed((ALICE_ROW,), (Rejected("line 9", "there is no name"),), vacancies=(seat,))
    second = Parsed((ALICE_ROW, BOB_ROW), remarks=(Rejected("the file", "look at the accents"),))
    parsed = together({"a.csv": first, "b.csv": second})
    assert [(row.external_id, row.line) for row in parsed.rows] == [("115", "a.csv, line 2"), ("116", "b.csv, line 2")]
    assert [str(one) for one in parsed.rejected] == [
        "a.csv, line 9: there is no name",
        "b.csv, line 2: 115 is there already: a.csv, line 2",
    ]
    assert [str(one) for one in parsed.remarks] == ["b.csv, the file: look at the accents"]
    assert [one.line for one in parsed.vacancies] == ["a.csv, line 3"]

"""What there is of each council, and where wards and councillors do not fit together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import insert, select, update

from app.db import Sessions
from app.targets.coverage import CouncilCoverage, Lost, LostCouncillors, by_council
from app.targets.elections import store_elections
from app.targets.freshness import HOUSE_OF_COMMONS
from app.targets.importers.elections import ElectionRow
from app.targets.models import Area, AreaKind, Target, TargetList, Vacancy
from app.targets.records import AreaRecord, TargetRecord, TargetRole
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE, BOB, CHARLIE, places, statements, targets

TODAY = date(2026, 11, 24)
THORNSHIRE = AreaRecord("Z10000001", "Thornshire", AreaKind.COUNTY)
EAST = AreaRecord("Z58000001", "Thornby East", AreaKind.DIVISION, "Z10000001")
OLD_COUNCIL = AreaRecord("Z07000009", "Old Thornby", AreaKind.COUNCIL, "Z10000001")
OLD_WARD = AreaRecord("Z05000009", "Old Mill", AreaKind.WARD, "Z07000009")
MP = TargetRecord("mp-1", TargetRole.MP, "Erin Reed", "Dear Ms Reed", email="erin@mp.example", area_code="Z14000001")
DAVE = replace(ALICE, external_id="d-1", name="Dave Stone", area_code="Z58000001")
OWEN = replace(ALICE, external_id="o-1", name="Owen Past", area_code="Z05000009")


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    """Zedmere with two councillors in Canalside and one, without an address, in Hilltop."""
    fill(sessions, now, ALICE, BOB, CHARLIE)
    return sessions


def fill(sessions: Sessions, now: datetime, *rows: TargetRecord) -> None:
    with sessions.write() as session:
        areas = places(THORNSHIRE, EAST, OLD_COUNCIL, OLD_WARD)
        sync_datasets(session, [areas, targets("councillors", *rows)], now, include_demo=True)


def end(sessions: Sessions, code: str, *successors: str, on: date = date(2023, 4, 1)) -> None:
    with sessions.write() as session:
        session.execute(update(Area).where(Area.code == code).values(ended_on=on, successors=" ".join(successors)))


def area_ids(sessions: Sessions, *codes: str) -> set[int]:
    with sessions.read() as session:
        return set(session.scalars(select(Area.id).where(Area.code.in_(codes))))


def coverage(sessions: Sessions, *in_use: str) -> dict[str, CouncilCoverage]:
    """What there is by code; `in_use` are the wards that postcodes lie in."""
    used = area_ids(sessions, *in_use)
    with sessions.read() as session:
        return {row.code: row for row in by_council(session, TODAY, in_use=used)}


def test_seats_addresses_and_age_are_counted(registry: Sessions) -> None:
    with registry.write() as session:
        vacancy = {"list_id": select(TargetList.id).scalar_subquery(), "area_id": select(Area.id).where(
            Area.code == "Z05000003").scalar_subquery(), "seats": 2}  # fmt: skip
        session.execute(insert(Vacancy).values(vacancy))
    row = coverage(registry)["Z09000001"]
    assert (row.wards, row.councillors, row.with_email, row.vacancies, row.seats) == (2, 3, 2, 2, 5)
    assert (row.as_of, row.age_days, row.stale) == (date(2026, 11, 1), 23, False)
    assert (row.empty_wards, row.lost, row.ended_on) == ((), (), None)


def test_who_has_left_does_not_count(registry: Sessions, now: datetime) -> None:
    fill(registry, now, ALICE)
    row = coverage(registry)["Z09000001"]
    assert (row.councillors, row.empty_wards) == (1, ("Hilltop",))


def test_a_council_without_anybody_is_shown_too(registry: Sessions) -> None:
    row = coverage(registry)["Z10000001"]
    assert (row.name, row.wards, row.seats, row.as_of, row.age_days) == ("Thornshire", 1, 0, None, None)
    assert row.empty_wards == ("Thornby East",)


def test_a_county_has_the_councillors_of_its_divisions_not_of_its_districts(registry: Sessions, now: datetime) -> None:
    fill(registry, now, DAVE, OWEN)
    rows = coverage(registry)
    assert (rows["Z10000001"].councillors, rows["Z07000009"].councillors) == (1, 1)


def test_the_house_of_commons_counts_as_a_council(registry: Sessions, now: datetime) -> None:
    fill(registry, now, MP)
    row = coverage(registry)[HOUSE_OF_COMMONS]
    assert (row.name, row.wards, row.seats, row.with_email) == ("House of Commons", 1, 1, 1)


def test_what_is_older_than_the_last_election_is_stale(registry: Sessions) -> None:
    with registry.write() as session:
        rows = [ElectionRow("", "Z09000001", date(2026, 11, 19)), ElectionRow("", "Z10000001", date(2026, 11, 19))]
        store_elections(session, rows, "Invented for a test")
    rows_by_code = coverage(registry)
    assert rows_by_code["Z09000001"].stale
    assert not rows_by_code["Z10000001"].stale, "there is nothing that could be"


def test_councillors_of_a_council_that_ended_are_lost_and_its_successors_named(
    registry: Sessions, now: datetime
) -> None:
    fill(registry, now, OWEN)
    end(registry, "Z07000009", "Z09000001", "Z10000001")
    row = coverage(registry)["Z07000009"]
    assert row.ended_on == date(2023, 4, 1)
    assert row.lost == (LostCouncillors("Old Mill", 1, Lost.COUNCIL_ENDED, ("Zedmere", "Thornshire")),)
    assert (row.wards, row.empty_wards) == (0, ())


def test_a_successor_that_ended_too_leads_to_its_own(registry: Sessions, now: datetime) -> None:
    fill(registry, now, OWEN)
    end(registry, "Z07000009", "Z10000001")
    end(registry, "Z10000001", "Z09000001", "Z07000009")
    assert coverage(registry)["Z07000009"].lost[0].successors == ("Zedmere",)


def test_a_council_that_ended_is_not_shown_when_nobody_is_left(registry: Sessions) -> None:
    end(registry, "Z07000009", "Z09000001")
    assert "Z07000009" not in coverage(registry)


def test_a_council_that_will_end_is_still_there(registry: Sessions) -> None:
    end(registry, "Z09000001", "Z10000001", on=date(2028, 4, 1))
    row = coverage(registry)["Z09000001"]
    assert (row.ended_on, row.lost) == (None, ())


def test_councillors_of_a_ward_that_ended_are_lost(registry: Sessions) -> None:
    end(registry, "Z05000001", "Z05000003")
    row = coverage(registry)["Z09000001"]
    assert row.lost == (LostCouncillors("Canalside", 2, Lost.WARD_ENDED, ("Hilltop",)),)
    assert row.wards == 1


def test_a_ward_that_postcodes_do_not_know_is_out_of_date(registry: Sessions) -> None:
    row = coverage(registry, "Z05000001")["Z09000001"]
    assert row.lost == (LostCouncillors("Hilltop", 1, Lost.NO_POSTCODE),)
    assert (row.wards, row.empty_wards) == (1, ())


def test_new_wards_are_empty_and_the_councillors_of_the_old_are_lost(registry: Sessions, now: datetime) -> None:
    fill(registry, now, ALICE, BOB)
    row = coverage(registry, "Z05000003")["Z09000001"]
    assert row.empty_wards == ("Hilltop",)
    assert row.lost == (LostCouncillors("Canalside", 2, Lost.NO_POSTCODE),)


def test_where_no_postcodes_are_known_nobody_is_lost_for_that(registry: Sessions) -> None:
    assert coverage(registry, "Z05000009")["Z09000001"].lost == ()


def test_who_belongs_nowhere_is_told_under_no_council(registry: Sessions) -> None:
    with registry.write() as session:
        session.execute(update(Target).where(Target.external_id == "c-1").values(area_id=None))
        session.execute(update(Area).where(Area.code == "Z05000003").values(parent_id=None))
    row = coverage(registry)[""]
    assert row.lost == (LostCouncillors("", 1, Lost.NO_WARD), LostCouncillors("Hilltop", 1, Lost.NO_COUNCIL))


def test_councils_stand_in_order_of_name(registry: Sessions) -> None:
    with registry.read() as session:
        names = [row.name for row in by_council(session, TODAY)]
    assert names == ["House of Commons", "Old Thornby", "Thornshire", "Zedmere"]


def test_bounces_are_those_that_are_passed_in(registry: Sessions) -> None:
    [canalside] = area_ids(registry, "Z05000001")
    with registry.read() as session:
        rows = by_council(session, TODAY, bounced={canalside: 2, None: 1})
    assert {row.code: row.bounces for row in rows if row.bounces} == {"Z09000001": 2}


def test_the_number_of_statements_is_fixed(registry: Sessions, now: datetime) -> None:
    crowd = [replace(ALICE, external_id=f"n-{n}", name=f"Councillor {n}", area_code="Z05000003") for n in range(300)]
    fill(registry, now, ALICE, OWEN, DAVE, *crowd)
    with registry.read() as session, statements(session) as seen:
        by_council(session, TODAY)
    assert len(seen) == 3

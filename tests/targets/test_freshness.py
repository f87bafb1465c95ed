"""Elections, and what they make of lists that are older."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.areas import store_areas
from app.targets.elections import (
    elections,
    ordinary_election_day,
    store_elections,
    store_next_elections,
)
from app.targets.freshness import (
    HOUSE_OF_COMMONS,
    NotAcceptableError,
    UnknownElectionError,
    accept,
    day_of,
    is_stale,
    refresh_staleness,
)
from app.targets.importers.elections import ElectionRow, parse_elections
from app.targets.importers.parsed import NextElection, NotThisFormatError
from app.targets.models import AreaKind, Election, Target
from app.targets.records import AreaRecord, Rejected, TargetRecord, TargetRole
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE, BOB, CHARLIE, places, statements, targets

AS_OF = date(2026, 5, 1)
BEFORE, ON_THE_DAY, AFTER, LATER = date(2026, 4, 30), AS_OF, date(2026, 5, 7), date(2030, 5, 2)
COUNTY = AreaRecord("Z10000001", "Thornshire", AreaKind.COUNTY)
DIVISION = AreaRecord("Z58000001", "Thornby East", AreaKind.DIVISION, "Z10000001")
DAVE = replace(ALICE, external_id="d-1", name="Dave Stone", area_code="Z58000001", email="dave@thornshire.example")
MP = TargetRecord(
    "mp-1", TargetRole.MP, "Erin Reed", "Dear Ms Reed", email="erin@parliament.example", area_code="Z14000001"
)
COMPANY = TargetRecord("acme", TargetRole.COMPANY, "ACME plc", "Dear Sir or Madam", email="press@acme.example")


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    lists = [
        targets("councillors", ALICE, DAVE, as_of=AS_OF),
        targets("mps", MP, as_of=AS_OF),
        targets("companies", COMPANY, as_of=AS_OF),
    ]
    with sessions.write() as session:
        sync_datasets(session, [places(COUNTY, DIVISION), *lists], now, include_demo=True)
    return sessions


def hold(sessions: Sessions, code: str, *days: date) -> None:
    with sessions.write() as session:
        done = store_elections(session, [ElectionRow("", code, day) for day in days], "Invented for a test")
    assert not done.rejected


def stale_from(sessions: Sessions) -> dict[str, date | None]:
    with sessions.read() as session:
        return dict(session.execute(select(Target.external_id, Target.stale_from)).all())


def set_days(sessions: Sessions) -> dict[str, date]:
    return {name: day for name, day in stale_from(sessions).items() if day}


def known(sessions: Sessions) -> Iterator[tuple[str, date, str]]:
    with sessions.read() as session:
        for election, _ in elections(session):
            yield election.body_code, election.held_on, election.source


@pytest.mark.parametrize(("year", "day"), [(2021, 6), (2022, 5), (2024, 2), (2025, 1), (2026, 7), (2027, 6)])
def test_ordinary_elections_are_on_the_first_thursday_in_may(year: int, day: int) -> None:
    assert ordinary_election_day(year) == date(year, 5, day)


@pytest.mark.parametrize(
    ("body", "stale"),
    [("Z09000001", "c-1"), ("Z10000001", "d-1"), (HOUSE_OF_COMMONS, "mp-1")],
    ids=["a ward's council", "a division's county", "a constituency's House of Commons"],
)
def test_an_election_makes_stale_who_was_elected_before(registry: Sessions, body: str, stale: str) -> None:
    hold(registry, body, AFTER)
    assert set_days(registry) == {stale: AFTER}


def test_the_first_election_after_the_lists_day_counts(registry: Sessions) -> None:
    hold(registry, "Z09000001", LATER, BEFORE, AFTER, ON_THE_DAY)
    assert set_days(registry) == {"c-1": AFTER}


def test_a_coming_election_sets_its_day_and_no_job_is_needed_for_it_to_come(registry: Sessions) -> None:
    hold(registry, "Z09000001", LATER)
    day = stale_from(registry)["c-1"]
    assert not is_stale(day, LATER - timedelta(days=1))
    assert is_stale(day, LATER)
    assert not is_stale(stale_from(registry)["acme"], LATER)


def test_the_day_is_that_of_utc() -> None:
    here = timezone(timedelta(hours=9))
    assert day_of(datetime(2026, 5, 8, 3, 0, tzinfo=here)) == date(2026, 5, 7)


def test_a_newer_list_is_fresh(registry: Sessions, now: datetime) -> None:
    hold(registry, "Z09000001", AFTER)
    with registry.write() as session:
        newer = targets("councillors", ALICE, as_of=AFTER)
        sync_datasets(session, [places(COUNTY, DIVISION), newer], now, include_demo=True)
    assert stale_from(registry)["c-1"] is None


def test_a_ward_that_changes_its_council_goes_by_the_new_ones_elections(registry: Sessions) -> None:
    hold(registry, "Z10000001", AFTER)
    with registry.write() as session:
        store_areas(session, [COUNTY, AreaRecord("Z05000001", "Canalside", AreaKind.WARD, "Z10000001")], demo=True)
        assert refresh_staleness(session) == 1
    assert set_days(registry) == {"c-1": AFTER, "d-1": AFTER}


def test_staleness_is_one_statement_for_any_number_of_targets(registry: Sessions, now: datetime) -> None:
    crowd = [replace(ALICE, external_id=f"c-{n}", name=f"Councillor {n}") for n in range(500)]
    with registry.write() as session:
        sync_datasets(session, [places(), targets("councillors", *crowd, as_of=AS_OF)], now, include_demo=True)
    hold(registry, "Z09000001", AFTER)
    with registry.write() as session:
        session.get_one(Election, 1).held_on = LATER
        session.flush()
        with statements(session) as seen:
            assert refresh_staleness(session) == 500
            assert refresh_staleness(session) == 0
    assert len(seen) == 2


def test_what_staff_accept_is_fresh_until_the_next_election(registry: Sessions, now: datetime) -> None:
    hold(registry, "Z09000001", AFTER, LATER)
    with registry.write() as session:
        assert accept(session, "Z09000001", AFTER, by=" Ann ", why=" the same five were elected ", now=now) == 1
    assert set_days(registry) == {"c-1": LATER}
    with registry.read() as session:
        election = session.scalars(select(Election).where(Election.held_on == AFTER)).one()
    assert (election.accepted_at, election.accepted_by, election.accepted_why) == (
        now,
        "Ann",
        "the same five were elected",
    )


def test_what_is_good_after_an_election_is_good_after_those_before_it(registry: Sessions, now: datetime) -> None:
    hold(registry, "Z09000001", date(2026, 5, 4), AFTER)
    with registry.write() as session:
        accept(session, "Z09000001", AFTER, by="Ann", why="read on the website", now=now)
    assert set_days(registry) == {}


@pytest.mark.parametrize(
    ("code", "day", "by", "why", "error", "words"),
    [
        ("Z09000001", BEFORE, "Ann", "seen", UnknownElectionError, "no election of Z09000001 on 2026-04-30"),
        ("Z10000001", AFTER, "Ann", "seen", UnknownElectionError, "no election of Z10000001"),
        ("Z09000001", LATER, "Ann", "seen", NotAcceptableError, "has not been yet"),
        ("Z09000001", AFTER, " ", "seen", NotAcceptableError, "Say who"),
        ("Z09000001", AFTER, "Ann", " ", NotAcceptableError, "and why"),
    ],
)
def test_what_cannot_be_accepted_is_refused(  # noqa: PLR0917 - pytest calls it by name
    registry: Sessions, now: datetime, code: str, day: date, by: str, why: str, error: type[Exception], words: str
) -> None:
    hold(registry, "Z09000001", AFTER, LATER)
    with registry.write() as session, pytest.raises(error, match=words):
        accept(session, code, day, by=by, why=why, now=now)
    assert set_days(registry) == {"c-1": AFTER}


def test_elections_are_kept_once_and_keep_their_acceptance(registry: Sessions, now: datetime) -> None:
    hold(registry, "Z09000001", AFTER)
    with registry.write() as session:
        accept(session, "Z09000001", AFTER, by="Ann", why="seen", now=now)
    with registry.write() as session:
        again = store_elections(session, [ElectionRow("line 2", "Z09000001", AFTER)] * 2, "Another source")
    assert (again.added, again.known) == (0, 1)
    assert list(known(registry)) == [("Z09000001", AFTER, "Invented for a test")]
    assert set_days(registry) == {}


def test_an_election_of_what_is_no_council_is_told(registry: Sessions) -> None:
    rows = [ElectionRow("line 2", "Z09999999", AFTER), ElectionRow("line 3", "Z05000001", AFTER)]
    with registry.write() as session:
        done = store_elections(session, rows, "Invented for a test")
    assert [one.place for one in done.rejected] == ["line 2", "line 3"]
    assert list(known(registry)) == []


def test_the_latest_election_stands_first_with_its_bodys_name(registry: Sessions) -> None:
    hold(registry, "Z09000001", AFTER)
    hold(registry, HOUSE_OF_COMMONS, LATER)
    with registry.read() as session:
        assert [(one.held_on, name) for one, name in elections(session)] == [
            (LATER, "House of Commons"),
            (AFTER, "Zedmere"),
        ]


def test_a_table_of_elections_is_read_and_its_faults_are_told() -> None:
    rows, rejected = parse_elections(b"gss_code,held_on,name\nZ09000001,2026-05-07,Zedmere\nZ09000002,May,\nx\n")
    assert rows == [ElectionRow("line 2", "Z09000001", date(2026, 5, 7))]
    assert rejected == [
        Rejected("line 3", "'May' is not a day such as 2026-05-07"),
        Rejected("line 4", "the row has 1 cells, the header has 3"),
    ]


def test_another_table_is_refused() -> None:
    with pytest.raises(NotThisFormatError, match="'held_on' is missing"):
        parse_elections(b"gss_code,day\nZ09000001,2026-05-07\n")


RESOLVE = {"Zedmere": "Z09000001", "Thornshire": "Z10000001"}.get


def told(
    sessions: Sessions, as_of: date, *following: NextElection, source: str = "A list of councils"
) -> list[Rejected]:
    with sessions.write() as session:
        rejected = store_next_elections(session, following, RESOLVE, source, as_of=as_of)
        refresh_staleness(session)
    return rejected


def test_a_year_that_a_file_tells_becomes_its_ordinary_day(registry: Sessions) -> None:
    following = [NextElection("Zedmere", 2027)] * 2 + [NextElection("Nowhere", 2027)]
    [rejected] = told(registry, AS_OF, *following)
    assert "no council 'Nowhere'" in str(rejected)
    assert list(known(registry)) == [("Z09000001", date(2027, 5, 6), "A list of councils")]
    assert set_days(registry) == {"c-1": date(2027, 5, 6)}


def test_an_election_that_is_put_off_is_put_off_here(registry: Sessions) -> None:
    told(registry, AS_OF, NextElection("Zedmere", 2026), NextElection("Thornshire", 2026))
    told(registry, date(2026, 5, 6), NextElection("Zedmere", 2027))
    assert [(code, day.year) for code, day, _ in known(registry)] == [("Z09000001", 2027), ("Z10000001", 2026)]


def test_an_election_that_has_been_stays(registry: Sessions) -> None:
    told(registry, AS_OF, NextElection("Zedmere", 2026))
    told(registry, date(2026, 6, 1), NextElection("Zedmere", 2027))
    assert [day.year for _, day, _ in known(registry)] == [2027, 2026]
    assert set_days(registry) == {"c-1": date(2026, 5, 7)}


def test_a_day_that_staff_have_told_is_better_than_a_year(registry: Sessions) -> None:
    hold(registry, "Z09000001", date(2027, 6, 10))
    told(registry, AS_OF, NextElection("Zedmere", 2027))
    assert [day for _, day, _ in known(registry)] == [date(2027, 6, 10)]


def test_targets_of_the_same_list_go_by_their_own_councils(registry: Sessions, now: datetime) -> None:
    hold(registry, "Z10000001", AFTER)
    with registry.write() as session:
        listed = targets("councillors", ALICE, BOB, CHARLIE, DAVE, as_of=AS_OF)
        sync_datasets(session, [places(COUNTY, DIVISION), listed], now, include_demo=True)
    assert set_days(registry) == {"d-1": AFTER}

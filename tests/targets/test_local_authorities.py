"""mySociety's list of local authorities: read, and kept as councils, counties and what became of them."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.areas import plain, store_areas
from app.targets.councils import NoCouncilsError, store_councils
from app.targets.importers.local_authorities import Councils, parse_local_authorities
from app.targets.importers.parsed import NotThisFormatError
from app.targets.models import Area, AreaAlias, AreaKind, AreaSource
from app.targets.records import Provenance
from tests.targets.examples import AREAS, statements

SOURCE = Provenance("Invented for a test", date(2026, 11, 1), "CC-BY-4.0")
COLUMNS = {
    "local-authority-code": "ZED",
    "official-name": "Zedmere Borough Council",
    "nice-name": "Zedmere",
    "gss-code": "Z09000001",
    "start-date": "",
    "end-date": "",
    "replaced-by": "",
    "local-authority-type": "UA",
    "local-authority-type-name": "Unitary authority",
    "county-la": "",
    "alt-names": "",
    "former-gss-codes": "",
    "notes": "",
}


def row(letters: str, code: str, name: str, **changes: str) -> dict[str, str]:
    own = {"local-authority-code": letters, "gss-code": code, "nice-name": name, "official-name": f"{name} Council"}
    return COLUMNS | own | {key.replace("_", "-"): value for key, value in changes.items()}


def file(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


ZEDMERE = row("ZED", "Z09000001", "Zedmere", alt_names="Zedmere,Zedmere, Borough of,zedmere upon zed")
THORNSHIRE = row("THS", "Z10000001", "Thornshire", local_authority_type="CTY")
THORNBY = row("THO", "Z07000001", "Thornby", local_authority_type="NMD", county_la="THS")
OLD = row(
    "OLD", "Z07000009", "Oldham-on-Zed", local_authority_type="NMD", county_la="THS", end_date="2023-04-01",
    replaced_by="ZED,THO",
)  # fmt: skip


def read(*rows: dict[str, str]) -> Councils:
    return parse_local_authorities(file(*rows))


def areas(sessions: Sessions) -> dict[str, Area]:
    with sessions.read() as session:
        return {area.code: area for area in session.scalars(select(Area))}


def test_a_district_lies_in_its_county() -> None:
    told = read(THORNBY, THORNSHIRE)
    assert [(one.area.code, one.area.kind, one.area.parent_code) for one in told.councils] == [
        ("Z07000001", AreaKind.COUNCIL, "Z10000001"),
        ("Z10000001", AreaKind.COUNTY, ""),
    ]


def test_a_council_that_ended_names_its_successors() -> None:
    told = read(OLD, ZEDMERE, THORNBY, THORNSHIRE)
    assert told.councils[0].ended_on == date(2023, 4, 1)
    assert told.councils[0].successors == ("Z09000001", "Z07000001")


def test_names_may_hold_a_comma_and_spaces_that_do_not_break() -> None:
    [zedmere] = read(ZEDMERE | {"alt-names": ZEDMERE["alt-names"] + ",City\u00a0\u00a0of Zed"}).councils
    assert zedmere.aliases == {
        "zed", "zedmere", "zedmere-borough-of", "zedmere-upon-zed", "zedmere-council", "city-of-zed",
    }  # fmt: skip


def test_former_codes_are_other_names() -> None:
    [zedmere] = read(ZEDMERE | {"former-gss-codes": "Z09000098,Z09000099"}).councils
    assert {plain("Z09000098"), plain("Z09000099")} <= zedmere.aliases


@pytest.mark.parametrize("kind", ["COMB", "SRA"])
def test_bodies_that_no_ward_elects_are_left_out_and_told(kind: str) -> None:
    told = read(ZEDMERE, row("GRZ", "Z47000001", "Greater Zed", local_authority_type=kind))
    assert [one.area.code for one in told.councils] == ["Z09000001"]
    assert [str(one) for one in told.left_out] == [
        "line 3, Greater Zed Council: no ward elects anybody to it (Unitary authority)"
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gss-code": ""}, "has no GSS code"),
        ({"gss-code": "ZED"}, "is not a council's GSS code"),
        ({"nice-name": "Z" * 121}, "name is longer than 120 characters"),
        ({"local-authority-type": "NEW"}, "the type 'NEW' is unknown"),
        ({"end-date": "next year"}, "is not a day"),
        ({"nice-name": "Zed\nmere"}, "line break"),
    ],
)
def test_a_row_that_cannot_be_used_is_told(changes: dict[str, str], reason: str) -> None:
    told = read(ZEDMERE | changes, THORNSHIRE)
    assert [one.area.code for one in told.councils] == ["Z10000001"]
    [rejected] = told.rejected
    assert rejected.place.startswith("line 2")
    assert reason in rejected.reason


@pytest.mark.parametrize("again", [ZEDMERE | {"gss-code": "Z09000002"}, ZEDMERE | {"local-authority-code": "ZZZ"}])
def test_a_council_that_is_there_twice_is_taken_once(again: dict[str, str]) -> None:
    told = read(ZEDMERE, again)
    assert len(told.councils) == 1
    assert "is in the file already" in told.rejected[0].reason


def test_a_council_that_the_file_does_not_have_is_told_and_nothing_else_is_lost() -> None:
    told = read(OLD | {"county-la": "GON", "replaced-by": "ZED,NIX"}, ZEDMERE)
    assert told.councils[0].area.parent_code == ""
    assert told.councils[0].successors == ("Z09000001",)
    assert [one.reason.partition("refers to ")[2][:3] for one in told.remarks] == ["GON", "NIX"]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"name,code\nZedmere,Z09000001\n"])
def test_another_file_is_refused(raw: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="not mySociety's list"):
        parse_local_authorities(raw)


def test_councils_are_kept_with_all_that_the_file_says(sessions: Sessions) -> None:
    with sessions.write() as session:
        done = store_councils(session, read(OLD, ZEDMERE, THORNBY, THORNSHIRE), SOURCE)
    assert (done.areas.added, done.ends.changed) == (4, 1)
    kept = areas(sessions)
    assert kept["Z07000001"].parent_id == kept["Z10000001"].id
    assert (kept["Z07000009"].ended_on, kept["Z07000009"].successors) == (date(2023, 4, 1), "Z09000001 Z07000001")
    with sessions.read() as session:
        assert session.scalars(select(AreaAlias.area_id).where(AreaAlias.alias == "tho")).all() == [
            kept["Z07000001"].id
        ]
        source = session.scalars(select(AreaSource)).one()
    assert (source.source, source.as_of, source.licence) == ("Invented for a test", date(2026, 11, 1), "CC-BY-4.0")
    assert {area.source_id for area in kept.values()} == {source.id}


def test_the_same_file_again_changes_nothing_but_its_day(sessions: Sessions) -> None:
    told = read(OLD, ZEDMERE, THORNBY, THORNSHIRE)
    with sessions.write() as session:
        store_councils(session, told, SOURCE)
    with sessions.write() as session:
        again = store_councils(session, told, Provenance("Invented again", date(2026, 12, 1), "CC-BY-4.0"))
    assert not again.areas + again.ends + again.aliases
    with sessions.read() as session:
        assert session.scalars(select(AreaSource.as_of)).all() == [date(2026, 12, 1)]


def test_names_that_the_file_has_no_more_find_nobody(sessions: Sessions) -> None:
    with sessions.write() as session:
        store_councils(session, read(ZEDMERE), SOURCE)
    with sessions.write() as session:
        done = store_councils(session, read(ZEDMERE | {"alt-names": "New Zedmere"}), SOURCE)
    assert (done.aliases.added, done.aliases.gone) == (1, 2)
    with sessions.read() as session:
        assert set(session.scalars(select(AreaAlias.alias))) == {"zed", "zedmere", "zedmere-council", "new-zedmere"}


def test_wards_stay_with_their_council(sessions: Sessions) -> None:
    with sessions.write() as session:
        store_areas(session, AREAS)
    with sessions.write() as session:
        store_councils(session, read(ZEDMERE), SOURCE)
    kept = areas(sessions)
    assert kept["Z05000001"].parent_id == kept["Z09000001"].id


def test_a_file_without_a_council_changes_nothing(sessions: Sessions) -> None:
    with sessions.write() as session, pytest.raises(NoCouncilsError):
        store_councils(session, read(ZEDMERE | {"gss-code": ""}), SOURCE)


def test_the_number_of_statements_does_not_grow_with_the_file(sessions: Sessions) -> None:
    def needed(first: int, number: int) -> int:
        new = (row(f"N{n}", f"Z0700{n:04}", f"New {n}", county_la="THS") for n in range(first, first + number))
        with sessions.write() as session, statements(session) as seen:
            store_councils(session, read(THORNSHIRE, *new, OLD | {"nice-name": f"Old {first}"}), SOURCE)
        return len(seen)

    needed(0, 1)
    assert needed(10, 2) == needed(100, 200)


@pytest.mark.realdata
def test_the_whole_country(sessions: Sessions, real_data: Path) -> None:
    told = parse_local_authorities((real_data / "councils" / "uk_local_authorities.csv").read_bytes())
    assert (len(told.councils), len(told.left_out), len(told.rejected), len(told.remarks)) == (430, 15, 25, 0)
    assert all("has no GSS code" in one.reason for one in told.rejected)
    with sessions.write() as session:
        store_councils(session, told, SOURCE)
    kept = areas(sessions)
    assert kept["E10000006"].successors == "E06000063 E06000064"
    assert sum(area.ended_on is not None for area in kept.values()) == 48
    assert sum(area.kind is AreaKind.COUNTY and area.ended_on is None for area in kept.values()) == 21

"""The files of the Local Government Scraper Framework, read in both of their shapes."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import clean_text
from app.targets.importers.lgsf import FORMAT, JSON_FORMAT, parse_csv, parse_json
from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

HEADER = "council_id,raw_division,raw_identifier,email,url,raw_name,raw_party"
URL = "https://democracy.zedmere.example/mgUserInfo.aspx?UID=115"
ALICE = f"ZED,Canalside,115,alice@zedmere.example,{URL},Councillor Alice Sample,Lantern Party"
OBJECT = {
    "photo_url": None,
    "email": "alice@zedmere.example",
    "standing_down": "2030-05-06T00:00:00",
    "url": URL,
    "raw_identifier": "115",
    "raw_name": "Councillor Alice Sample",
    "raw_party": "Lantern Party",
    "raw_division": "Canalside",
}
ROW = TargetRow(
    line="line 2",
    external_id="ZED:115",
    role=TargetRole.COUNCILLOR,
    name="Alice Sample",
    salutation="Dear Cllr Sample",
    place=Place(AreaKind.WARD, "Canalside", council="ZED"),
    email="alice@zedmere.example",
    party="Lantern Party",
    source_url=URL,
)


def read(*rows: str) -> Parsed:
    return parse_csv("\n".join([HEADER, *rows]).encode())


def read_objects(held: Any) -> Parsed:
    return parse_json(json.dumps(held).encode())


def test_a_row_of_csv_is_read() -> None:
    assert read(ALICE) == Parsed((ROW,))
    assert (FORMAT.one_council, JSON_FORMAT.one_council) == (False, True)


def test_identifiers_are_unique_only_inside_a_council() -> None:
    parsed = read(ALICE, ALICE.replace("ZED", "ald"), ALICE)
    assert [row.external_id for row in parsed.rows] == ["ZED:115", "ALD:115"]
    assert [str(one) for one in parsed.rejected] == ["line 4: ZED:115 is in the file already: line 2"]


def test_rows_that_cannot_be_used_and_vacant_seats_are_told() -> None:
    parsed = read(
        "ZED,Canalside,116,,,Vacancy,",
        ",Canalside,117,,,Bob Verde,",
        "ZED,Canalside,,,,Bob Verde,",
        "ZED,,118,,,Bob Verde,",
        "ZED,Canalside,119,,,,",
    )
    assert parsed.rows == ()
    assert parsed.vacancies == (VacantSeat("line 2", Place(AreaKind.WARD, "Canalside", council="ZED")),)
    assert parsed.rejected == (
        Rejected("line 3", "there is no council_id"),
        Rejected("line 4", "there is no id, so the councillor has no stable key"),
        Rejected("line 5", "the ward has no name", "ZED:118"),
        Rejected("line 6", "there is no name", "ZED:119"),
    )


def test_an_object_of_json_is_read_alone_or_in_a_list() -> None:
    row = TargetRow(
        line="entry 1",
        external_id="115",
        role=TargetRole.COUNCILLOR,
        name="Alice Sample",
        salutation="Dear Cllr Sample",
        place=Place(AreaKind.WARD, "Canalside"),
        email="alice@zedmere.example",
        party="Lantern Party",
        valid_to=date(2030, 5, 6),
        source_url=URL,
    )
    assert read_objects(OBJECT) == read_objects([OBJECT]) == Parsed((row,))


def test_an_object_may_name_its_council() -> None:
    (row,) = read_objects([OBJECT | {"council_id": "ZED", "raw_identifier": 115}]).rows
    assert (row.external_id, row.place) == ("ZED:115", Place(AreaKind.WARD, "Canalside", council="ZED"))


def test_entries_that_cannot_be_used_are_told_by_their_place() -> None:
    parsed = read_objects([OBJECT, 3, OBJECT | {"raw_name": ["x"]}, OBJECT | {"raw_identifier": None}, {}])
    assert parsed.rejected == (
        Rejected("entry 2", "this is not a councillor"),
        Rejected("entry 3", "raw_name is not text", "115"),
        Rejected("entry 4", "there is no id, so the councillor has no stable key"),
        Rejected("entry 5", "the ward has no name"),
    )


def test_a_day_that_is_none_is_told() -> None:
    parsed = read_objects(OBJECT | {"standing_down": "next May", "email": None})
    assert [row.valid_to for row in parsed.rows] == [None]
    assert [str(one) for one in parsed.remarks] == [
        "entry 1: standing_down is no day: 'next May'",
        "entry 1: no e-mail is published",
    ]


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"3", b'[{"name": "Alice"}]', b"raw_name", b"<html>"])
def test_a_file_of_another_format_is_refused(raw: bytes) -> None:
    for parse in (parse_csv, parse_json):
        with pytest.raises(NotThisFormatError):
            parse(raw)


cells = st.sampled_from(["", "ZED", "115", "Alice", "Vacant", "a@x.example", "=1"]) | st.text("ab \"'\n;,é", max_size=5)
values = st.none() | st.integers() | st.lists(st.none(), max_size=1) | st.text(max_size=5) | cells
objects = st.dictionaries(st.sampled_from(sorted(OBJECT)), values) | values


@given(st.lists(st.lists(cells, min_size=7, max_size=7), max_size=6))
def test_each_row_is_used_rejected_or_vacant(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER.split(","), *rows])
    parsed = parse_csv(text.getvalue().encode())
    stated = sum(any(clean_text(cell) for cell in row) for row in rows)
    assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == stated


@given(st.lists(objects, max_size=5))
def test_each_entry_is_used_rejected_or_vacant(entries: list[Any]) -> None:
    parsed = read_objects([OBJECT, *entries])
    assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == 1 + len(entries)

"""The file of Trafford's data lab, read: what is used, what is rejected and where."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import clean_text
from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.importers.trafford import FORMAT, parse
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

HEADER = "Name,Party,Ward,Telephone,Email,Page,Image"
PAGE = "https://democracy.zedmere.example/mgUserInfo.aspx?UID=115"
ALICE = f"Councillor Dr Alice Sample MBE,Lantern Party,Canalside,0161 4960000,alice@zedmere.example,{PAGE},x.jpg"


def read(*rows: str) -> Parsed:
    return parse("\r\n".join([HEADER, *rows]).encode())


def test_a_councillor_is_read() -> None:
    row = TargetRow(
        line="line 2",
        external_id="115",
        role=TargetRole.COUNCILLOR,
        name="Alice Sample",
        salutation="Dear Cllr Dr Sample",
        place=Place(AreaKind.WARD, "Canalside"),
        email="alice@zedmere.example",
        party="Lantern Party",
        source_url=PAGE,
    )
    assert read(ALICE) == Parsed((row,))
    assert FORMAT.one_council


def test_what_is_cleaned_is_told_and_what_is_rejected_has_its_line() -> None:
    parsed = read(
        "Councillor Bob Verde (Chair),Lantern Party,Canalside,,No email found,https://x.example/?UID=116,",
        "Cllr Charlie Moss,,Hilltop,,charlie@zedmere.example,https://x.example/charlie,",
        "Vacant,,Hilltop,,,,",
        '"=1+1",,Hilltop,,,https://x.example/?UID=117,',
        "Cllr Dana Sample,,,,,https://x.example/?UID=118,",
        'Cllr Eve Sample,,Hilltop,,"=HYPERLINK(""mailto:eve@zedmere.example"";""mail"")",https://x.example/?UID=119,',
        "Cllr Fay Sample,,Hilltop,,=A1,https://x.example/?UID=120,",
        "Cllr Gus Sample,,Hilltop",
        "Cllr Hal Sample,,Hilltop,,hal@zedmere.example,javascript:alert?UID=121,",
    )
    assert [(row.name, row.email, row.source_url) for row in parsed.rows] == [
        ("Bob Verde", "", "https://x.example/?UID=116"),
        ("Eve Sample", "eve@zedmere.example", "https://x.example/?UID=119"),
        ("Fay Sample", "", "https://x.example/?UID=120"),
        ("Hal Sample", "hal@zedmere.example", ""),
    ]
    assert parsed.vacancies == (VacantSeat("line 4", Place(AreaKind.WARD, "Hilltop")),)
    assert parsed.rejected == (
        Rejected("line 3", "there is no id, so the councillor has no stable key"),
        Rejected("line 5", "Name is a spreadsheet's formula: '=1+1'", "117"),
        Rejected("line 6", "the ward has no name", "118"),
        Rejected("line 9", "the row has 3 cells, the header has 7"),
    )
    assert [str(remark) for remark in parsed.remarks] == [
        "line 2: words beside the name are left out: 'Chair'",
        "line 2: no e-mail is published",
        "line 7: Email was a spreadsheet's formula; its text is used",
        "line 8: Email is a spreadsheet's formula: '=A1'",
        "line 10: the page's address is none of the web: 'javascript:alert?UID=121'",
    ]


def test_a_councillor_who_comes_twice_is_taken_once() -> None:
    again = ALICE.replace("UID=115", "UID=116")
    parsed = read(ALICE, ALICE, again)
    assert [row.external_id for row in parsed.rows] == ["115"]
    assert [str(one) for one in parsed.rejected] == [
        "line 3: 115 is in the file already: line 2",
        "line 4: Alice Sample is in the file already: line 2, as 115",
    ]


def test_accents_are_read_in_the_encoding_that_windows_saves() -> None:
    parsed = parse(f"{HEADER}\n{ALICE.replace('Alice', 'Zoë')}".encode("windows-1252"))
    assert [row.name for row in parsed.rows] == ["Zoë Sample"]
    assert [remark.place for remark in parsed.remarks] == ["the file"]


@pytest.mark.parametrize("raw", [b"", b"<html>", b"Name,Ward\nAlice,Canalside", b'{"name": 1}'])
def test_a_file_of_another_format_is_refused(raw: bytes) -> None:
    with pytest.raises(NotThisFormatError):
        parse(raw)


cells = st.sampled_from(["", "Alice", "Vacant", "Canalside", "a@x.example", "=1", PAGE, "n/a", "\ufffd"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=5
)


@given(st.lists(st.lists(cells, min_size=7, max_size=7), max_size=6))
def test_each_row_is_used_rejected_or_vacant(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER.split(","), *rows])
    raw = text.getvalue().encode()
    if b"\0" in raw:
        return
    parsed = parse(raw)
    stated = sum(any(clean_text(cell) for cell in row) for row in rows)
    assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == stated
    assert len({row.external_id for row in parsed.rows}) == len(parsed.rows)

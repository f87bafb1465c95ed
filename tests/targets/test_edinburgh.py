"""The files of edinburgh-councillors, read: what can be used, and what is rejected and where."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers.edinburgh import PostcodeRow, parse_councillors, parse_postcodes
from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

ALICE = {
    "url": "https://democracy.zedmere.example/mgUserInfo.aspx?UID=115",
    "name": "Alice Sample",
    "phone": "",
    "email": "alice.sample@zedmere.example",
    "party": "Lantern Party",
    "photo": "images/alice-sample.jpg",
}

CHAIR = 'ward "Canalside", councillor 1'
NO_UID = "there is no id, so the councillor has no stable key"
UNPRINTABLE = "name holds a line break or another character that cannot be printed"


def parse(*councillors: Any, ward: Any = "Canalside") -> Parsed:
    return parse_councillors(json.dumps([{"name": ward, "number": 1, "councillors": list(councillors)}]).encode())


def test_a_councillor_is_read() -> None:
    row = TargetRow(
        line='ward "Canalside", councillor 1',
        external_id="115",
        role=TargetRole.COUNCILLOR,
        name="Alice Sample",
        salutation="Dear Cllr Sample",
        place=Place(AreaKind.WARD, "Canalside"),
        email="alice.sample@zedmere.example",
        party="Lantern Party",
        source_url="https://democracy.zedmere.example/mgUserInfo.aspx?UID=115",
    )
    assert parse(ALICE) == Parsed((row,))


def test_names_and_space_are_cleaned() -> None:
    (row,) = parse(ALICE | {"name": " Cllr  Alice Sample OBE ", "party": " Lantern  Party "}, ward=" Canal\nside ").rows
    assert (row.name, row.party, row.place) == ("Alice Sample", "Lantern Party", Place(AreaKind.WARD, "Canal side"))


@pytest.mark.parametrize("email", ["", None])
def test_a_councillor_without_a_published_address_is_a_councillor(email: str | None) -> None:
    parsed = parse(ALICE | {"email": email})
    assert [row.email for row in parsed.rows] == [""]
    assert parsed.remarks == (Rejected('ward "Canalside", councillor 1', "no e-mail is published", "115"),)


@pytest.mark.parametrize(
    ("change", "rejected"),
    [
        ({"url": ""}, (NO_UID, "")),
        (
            {"url": "https://x.example/?UID=a"},
            (NO_UID, ""),
        ),
        ({"url": "https://[x/?UID=1"}, (NO_UID, "")),
        ({"url": "https://x.example/?UID=" + "1" * 201}, ("external_id is longer than 200 characters", "1" * 201)),
        ({"url": ["115"]}, ("url is not text", "")),
        ({"name": ""}, ("there is no name", "115")),
        ({"name": "Cllr"}, ("there is no name", "115")),
        ({"name": "A" * 201}, ("name is longer than 200 characters", "115")),
        (
            {"name": "Alice\u0000 Sample"},
            (UNPRINTABLE, "115"),
        ),
        ({"party": ["Lantern"]}, ("party is not text", "115")),
    ],
)
def test_an_entry_that_cannot_be_used_is_rejected_with_its_place(
    change: dict[str, Any], rejected: tuple[str, str]
) -> None:
    bob = ALICE | {"url": "https://x.example/?UID=116", "name": "Bob Verde"}
    parsed = parse(bob, ALICE | change)
    assert [row.name for row in parsed.rows] == ["Bob Verde"]
    assert parsed.rejected == (Rejected('ward "Canalside", councillor 2', *rejected),)


def test_an_address_that_is_none_is_told_and_the_councillor_is_one_still() -> None:
    parsed = parse(ALICE | {"email": "alice at zedmere"})
    assert [row.email for row in parsed.rows] == [""]
    assert [one.reason for one in parsed.remarks] == ["'alice at zedmere' is no e-mail address"]


def test_a_vacant_seat_is_no_councillor() -> None:
    parsed = parse({"name": "Vacancy"})
    assert (parsed.rows, parsed.rejected) == ((), ())
    assert [seat.place.name for seat in parsed.vacancies] == ["Canalside"]


def test_a_councillor_who_comes_twice_is_taken_once() -> None:
    parsed = parse(ALICE, ALICE | {"name": "Bob Verde"})
    assert [row.name for row in parsed.rows] == ["Alice Sample"]
    assert parsed.rejected == (
        Rejected('ward "Canalside", councillor 2', f"115 is in the file already: {CHAIR}", "115"),
    )


@pytest.mark.parametrize("ward", [None, "", " / ", 7, "W" * 121, "Canal\ufffdside"])
def test_a_ward_without_a_usable_name_rejects_its_councillors(ward: Any) -> None:
    parsed = parse(ALICE, ward=ward)
    assert parsed.rows == ()
    assert [rejected.external_id for rejected in parsed.rejected] == ["115"]


def test_what_is_no_ward_and_no_councillor_is_rejected_with_its_place() -> None:
    parsed = parse_councillors(json.dumps(["Canalside", {"name": "Hilltop"}, {"councillors": [3]}]).encode())
    assert [str(rejected) for rejected in parsed.rejected] == [
        "ward 1: this is not a ward with councillors",
        "ward 2: this is not a ward with councillors",
        "ward 3, councillor 1: this is not a councillor",
    ]


@pytest.mark.parametrize("raw", [b"", b"{}", b"[", b'"x"', b'["\x81"]', b"[" * 100_000])
def test_a_file_of_another_format_is_refused(raw: bytes) -> None:
    with pytest.raises(NotThisFormatError):
        parse_councillors(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "councillors", "url", "email"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=4))
def test_whatever_a_list_holds_is_used_rejected_or_vacant(wards: list[Any]) -> None:
    parsed = parse_councillors(json.dumps(wards).encode())
    entries = [ward.get("councillors") if isinstance(ward, dict) else None for ward in wards]
    rows = sum(len(one) if isinstance(one, list) else 1 for one in entries)
    assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == rows


def postcodes(text: str) -> list[PostcodeRow | Rejected]:
    return list(parse_postcodes(io.StringIO(text, newline="")))


def test_postcodes_are_read_and_put_right_and_those_that_are_none_rejected_with_their_line() -> None:
    text = (
        "Postcode,Latitude,Longitude,Ward\r\n"
        "zz11aa,55.9,-3.1,Canalside\r\n"
        "ZZ1,55.9,-3.1,Canalside\r\n"
        "ZZ1 1AB,55.9,-3.1, \r\n"
        'ZZ1 1AD,"55.9\r\n",-3.1,Canalside / Weir\r\n'
        "ZZ1 1AE,55.9\r\n"
    )
    assert postcodes(text) == [
        PostcodeRow("ZZ1 1AA", "Canalside"),
        Rejected("line 3", "A postcode has five to seven letters and figures."),
        Rejected("line 4", "the ward has no name"),
        PostcodeRow("ZZ1 1AD", "Canalside / Weir"),
        Rejected("line 7", "the row has 2 cells, the header has 4"),
    ]


def test_a_file_without_the_columns_says_which_are_missing() -> None:
    assert postcodes("pcds,Ward\nZZ1 1AA,Canalside\n") == [Rejected("line 1", "the column 'Postcode' is missing")]

"""Popolo JSON: memberships that count, what they refer to, and what is told of the others."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.importers.popolo import parse
from app.targets.importers.popolo_files import first_day, last_day
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

COMMONS = {"id": "commons", "name": "House of Commons", "classification": "legislature"}
COUNCIL = {
    "id": "zedmere",
    "name": "Zedmere Borough Council",
    "identifiers": [{"scheme": "gss", "identifier": "Z09000001"}],
}
LANTERN = {"id": "lantern", "name": "Lantern Party", "classification": "party"}
ALICE = {
    "id": "alice",
    "name": "Alice Sample",
    "honorific_prefix": "Dr",
    "email": "alice@commons.example",
    "contact_details": [
        {"type": "email", "value": "alice.sample@zedmere.example"},
        {"type": "phone", "value": "no number"},
        {"type": "address", "value": "7 Weir Street\nThornby\nZZ1 3AB"},
    ],
    "sources": [{"url": "https://commons.example/alice"}],
}
BOB = {"id": "bob", "name": "Cllr Bob Verde", "email": "bob@zedmere.example"}
ZEDMERE = {"id": "area/zedmere", "name": "Zedmere", "identifiers": [{"scheme": "gss", "identifier": "Z14000001"}]}
CANALSIDE = {"id": "gss:Z05000001", "name": "Canalside"}
TERMS = [
    {"id": "term/1", "classification": "legislative period", "start_date": "2019-12-12"},
    {"id": "term/2", "classification": "legislative period", "start_date": "2024-07-04"},
]
SEAT = {
    "person_id": "alice",
    "organization_id": "commons",
    "area_id": "area/zedmere",
    "on_behalf_of_id": "lantern",
    "role": "member",
    "legislative_period_id": "term/2",
}
WARD_SEAT = {"person_id": "bob", "organization_id": "zedmere", "area_id": "gss:Z05000001", "role": "Councillor"}
CONSTITUENCY = Place(AreaKind.CONSTITUENCY, "Zedmere", "Z14000001")


def popolo(*memberships: Any, **lists: Any) -> Parsed:
    document = {
        "persons": [ALICE, BOB],
        "organizations": [COMMONS, COUNCIL, LANTERN],
        "areas": [ZEDMERE, CANALSIDE],
        "events": TERMS,
        "memberships": memberships,
    }
    return parse(json.dumps(document | lists).encode())


def told(parsed: Parsed) -> list[str]:
    return [str(one) for one in (*parsed.rejected, *parsed.remarks)]


def test_a_member_of_the_commons_is_read() -> None:
    assert popolo(SEAT) == Parsed(
        (
            TargetRow(
                line="membership 1",
                external_id="alice",
                role=TargetRole.MP,
                name="Alice Sample",
                salutation="Dear Dr Sample",
                place=CONSTITUENCY,
                organisation="House of Commons",
                email="alice@commons.example",
                address="7 Weir Street / Thornby / ZZ1 3AB",
                party="Lantern Party",
                valid_from=date(2024, 7, 4),
                source_url="https://commons.example/alice",
            ),
        ),
        remarks=(Rejected("membership 1", "further addresses are left out: alice.sample@zedmere.example", "alice"),),
    )


def test_a_councillor_is_read_with_the_posts_beside_the_seat() -> None:
    leader = {"person_id": "bob", "organization_id": "zedmere", "role": "Leader of the Council"}
    parsed = popolo(leader, WARD_SEAT | {"start_date": "2026-05"})
    assert parsed.rows == (
        TargetRow(
            line="membership 2",
            external_id="bob",
            role=TargetRole.COUNCILLOR,
            name="Bob Verde",
            salutation="Dear Cllr Verde",
            place=Place(AreaKind.WARD, "Canalside", "Z05000001", "Z09000001"),
            organisation="Zedmere Borough Council",
            email="bob@zedmere.example",
            attributes={"posts": ["Leader of the Council"]},
            valid_from=date(2026, 5, 1),
        ),
    )
    assert told(parsed) == ["membership 1: left out: kept as a post beside the seat: Leader of the Council"]


def test_a_division_is_told_by_its_class_or_its_code() -> None:
    for area in ({"name": "Moss", "classification": "electoral division"}, {"id": "E58000001"}):
        (row,) = popolo({**WARD_SEAT, "area_id": None, "area": area}).rows
        assert row.place is not None
        assert row.place.kind is AreaKind.DIVISION


def test_mysocietys_posts_and_names_are_followed() -> None:
    person = {
        "id": "p/1",
        "other_names": [
            {"note": "Main", "given_name": "Old", "family_name": "Name", "end_date": "2020-01-01"},
            {"note": "Main", "given_name": "Alice", "family_name": "Moss"},
        ],
    }
    post = {"id": "cons/1", "organization_id": "commons", "role": "Member of Parliament", "area": {"name": "Thornby"}}
    empty = {**post, "id": "cons/2", "area": {"name": "Vale"}}
    gone = {**post, "id": "cons/3", "area": {"name": "Moss"}, "end_date": "2024-05-30"}
    parsed = popolo({"person_id": "p/1", "post_id": "cons/1"}, persons=[person], posts=[post, empty, gone])
    ((row,), vacancies) = (parsed.rows, parsed.vacancies)
    assert (row.name, row.salutation, row.place) == (
        "Alice Moss",
        "Dear Alice Moss",
        Place(AreaKind.CONSTITUENCY, "Thornby"),
    )
    assert vacancies == (VacantSeat("post 2", Place(AreaKind.CONSTITUENCY, "Vale")),)


@pytest.mark.parametrize(
    "ended",
    [
        {"end_date": "2024-05-30"},
        {"legislative_period_id": "term/1"},
        {"legislative_period_id": None, "start_date": "2019-12-12", "end_date": "2024"} | {"area_id": "area/zedmere"},
    ],
)
def test_what_has_ended_is_left_out_and_told(ended: dict[str, Any]) -> None:
    events = [*TERMS, {"id": "by", "classification": "election", "start_date": "2025-01-01"}]
    parsed = popolo(SEAT | ended, events=events)
    assert (parsed.rows, told(parsed)) == ((), ["membership 1: left out: it has ended"])


def test_what_ends_after_all_that_has_begun_counts_still() -> None:
    (row,) = popolo(SEAT | {"end_date": "2029-07"}).rows
    assert row.valid_to == date(2029, 7, 31)
    (row,) = popolo(SEAT | {"end_date": "9999-12-31"}).rows
    assert row.valid_to is None


@pytest.mark.parametrize(
    ("membership", "line"),
    [
        ("alice", "membership 1: this is not a membership"),
        (SEAT | {"person_id": "carol"}, "membership 1: its person is not in the file"),
        (SEAT | {"area_id": None}, "membership 1: there is no area"),
        (SEAT | {"area_id": "area/moss"}, "membership 1: its area is not in the file"),
        (
            SEAT | {"organization_id": "lantern"},
            "membership 1: left out: it is no seat in the House of Commons or a council",
        ),
        (SEAT | {"role": "candidate"}, "membership 1: left out: it is no seat in the House of Commons or a council"),
        (SEAT | {"person_id": None, "person": {"id": "x", "gender": "-"}}, "membership 1: there is no name"),
        (SEAT | {"person_id": None, "person": {"name": "Alice Sample"}}, "membership 1: the person has no id"),
        (
            SEAT | {"person_id": None, "person": {"id": "x", "name": "Al\ufffdce"}},
            "membership 1: name has lost characters (U+FFFD)",
        ),
    ],
)
def test_a_membership_that_cannot_be_used_is_told(membership: Any, line: str) -> None:
    parsed = popolo(membership)
    assert (parsed.rows, told(parsed)) == ((), [line])


def test_a_person_who_stands_for_a_vacancy_is_a_vacant_seat() -> None:
    parsed = popolo(SEAT | {"person_id": None, "person": {"id": "x", "name": "Vacant"}})
    assert parsed == Parsed((), vacancies=(VacantSeat("membership 1", CONSTITUENCY),))


def test_a_constituency_has_one_member() -> None:
    parsed = popolo(SEAT, SEAT | {"person_id": "bob"})
    assert (parsed.rows, told(parsed)) == (
        (),
        [
            "membership 1: more than one person is the member for Zedmere",
            "membership 2: more than one person is the member for Zedmere",
        ],
    )


def test_in_a_file_of_several_bodies_an_id_names_the_body_too() -> None:
    parsed = popolo(SEAT, WARD_SEAT, WARD_SEAT)
    assert [row.external_id for row in parsed.rows] == ["alice/commons", "bob/zedmere"]
    assert [str(one) for one in parsed.rejected] == ["membership 3: bob/zedmere is in the file already: membership 2"]


def test_memberships_may_stand_inside_their_persons() -> None:
    document = {"persons": [{**BOB, "memberships": [{"organization": COUNCIL, "area": CANALSIDE}]}]}
    (row,) = parse(json.dumps(document).encode()).rows
    assert (row.external_id, row.role) == ("bob", TargetRole.COUNCILLOR)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"<html><title>Gone</title>", "a page of HTML titled 'Gone'"),
        (b"name,email\n", "not JSON"),
        (b"[]", "no list of persons"),
        (b'{"persons": {}}', "no list of persons"),
        (b'{"persons": [], "memberships": []}', "no memberships"),
    ],
)
def test_another_file_is_not_of_this_format(raw: bytes, message: str) -> None:
    with pytest.raises(NotThisFormatError, match=message):
        parse(raw)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02-03", date(2024, 2, 3), date(2024, 2, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02-03T10:00:00Z", date(2024, 2, 3), date(2024, 2, 3)),
        ("2024-13", None, None),
        ("9999-12-31", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_a_month_or_a_year_is_taken_widely(text: str, first: date | None, last: date | None) -> None:
    assert (first_day(text), last_day(text)) == (first, last)


VALUES = st.sampled_from(
    [None, "", "alice", "bob", "commons", "zedmere", "area/zedmere", "2020", "2024-01-01", 3, {}, []]
)
MEMBERSHIPS = st.dictionaries(st.sampled_from([*SEAT, "end_date", "start_date", "post_id", "area"]), VALUES)


@given(st.lists(st.one_of(MEMBERSHIPS, MEMBERSHIPS.map(lambda change: SEAT | change), VALUES), min_size=1, max_size=5))
def test_every_membership_is_used_rejected_vacant_or_left_out(memberships: list[Any]) -> None:
    parsed = popolo(*memberships)
    left_out = [one for one in parsed.remarks if one.reason.startswith("left out")]
    lines = [
        *(row.line for row in (*parsed.rows, *parsed.vacancies)),
        *(one.place for one in (*parsed.rejected, *left_out)),
    ]
    assert sorted(lines) == sorted(f"membership {number}" for number in range(1, len(memberships) + 1))

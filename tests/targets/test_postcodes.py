"""Postcodes: their form, the number that they are kept under, and the areas that they lie in."""

from __future__ import annotations

import contextlib
import string
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db import Sessions
from app.targets.models import AreaKind
from app.targets.postcodes import (
    NotAPostcode,
    areas_of,
    normalise,
    postcode_key,
)
from app.targets.sync import sync_datasets
from tests.support.looking import areas_of_kind
from tests.targets.examples import places, postcodes

FIRST = "ABCDEFGHIJKLMNOPRSTUWYZ"
SECOND = "ABCDEFGHKLMNOPQRSTUVWXY"
INWARD = "ABDEFGHJLNPQRSTUWXYZ"


@st.composite
def written_postcodes(draw: st.DrawFn) -> str:
    """Draw any postcode that the standard allows, as it is written on an envelope."""
    figure, from_one = st.sampled_from(string.digits), st.sampled_from(string.digits[1:])
    area = draw(st.sampled_from(FIRST)) + draw(st.sampled_from(["", *SECOND]))
    last = st.sampled_from("ABCDEFGHJKPSTUW" if len(area) == 1 else "ABEHMNPRVWXY")
    district = draw(st.one_of(figure, st.tuples(from_one, figure | last).map("".join)))
    return f"{area}{district} {draw(figure)}{draw(st.sampled_from(INWARD))}{draw(st.sampled_from(INWARD))}"


@given(written_postcodes())
def test_a_postcode_stays_as_it_is(postcode: str) -> None:
    assert normalise(postcode) == postcode


@given(written_postcodes(), st.data())
def test_a_postcode_is_known_however_it_is_spaced_and_set(postcode: str, data: st.DataObject) -> None:
    spaced = "".join(data.draw(st.sampled_from(["", " ", "-", "\t", "\u00a0", "\u200f", "."])) + c for c in postcode)
    assert normalise(data.draw(st.sampled_from([spaced, spaced.lower()]))) == postcode


@given(st.text(max_size=12))
def test_any_text_either_has_a_form_that_stays_or_is_refused(text: str) -> None:
    with contextlib.suppress(NotAPostcode):
        found = normalise(text)
        assert normalise(found) == found


@given(st.sets(written_postcodes(), max_size=30))
def test_two_postcodes_never_share_a_number(several: set[str]) -> None:
    assert len({postcode_key(postcode) for postcode in several}) == len(several)


def test_every_number_fits_a_big_integer_column() -> None:
    assert postcode_key("ZZ99 9ZZ") < 2**63


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("zz11aa", "ZZ1 1AA"),
        (" ZZ1 1AA ", "ZZ1 1AA"),
        ("zz1-1aa", "ZZ1 1AA"),
        ("ＺＺ１ １ＡＡ", "ZZ1 1AA"),
        ("zz١ ١aa", "ZZ1 1AA"),
        ("zzı ıaa", "ZZ1 1AA"),
        ("ZZ1 OAA", "ZZ1 0AA"),
        ("ZZ1 IAA", "ZZ1 1AA"),
        ("ZZ1O 1AA", "ZZ10 1AA"),
        ("P01 3AX", "PO1 3AX"),
        ("0X1 1AA", "OX1 1AA"),
        ("1P1 1AA", "IP1 1AA"),
        ("WIA 1AA", "W1A 1AA"),
        ("CRO 2YR", "CR0 2YR"),
        ("EIO IAA", "E10 1AA"),
        ("gir 0aa", "GIR 0AA"),
        ("w1x 1aa", "W1X 1AA"),
    ],
)
def test_typing_mistakes_that_can_mean_one_thing_only_are_put_right(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ZZ1", "ZZ1 1A", "ZZ1 1AAA", "ZZ111 1AA", "ZZ01 1AA", "ZZ1A 1AA", "QZ1 1AA", "AJ1 1AA", "A1L 1AA"),
        *(
            "ZZ1 1CA",
            "ZZ1 1AO",
            "ZZ1 1A0",
            "ZZ1 AAA",
            "ZZ1+1AA",
            "GIR 1AA",
            "W1Z 1AA",
            "W2X 1AA",
            "\0ZZ1 1AA",
            "Š1 1AA",
            "1" * 4000,
        ),
    ],
)
def test_what_is_no_postcode_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(NotAPostcode) as refused:
        normalise(typed)
    assert not typed or typed not in str(refused.value)


def test_a_postcode_lies_in_areas_of_several_kinds(sessions: Sessions, now: datetime) -> None:
    everything = "Z05000001 Z09000001 Z14000001"
    with sessions.write() as session:
        sync_datasets(session, [places(), postcodes("codes", {"ZZ1 1AA": everything})], now, include_demo=True)
    with sessions.read() as session:
        areas = areas_of(session, "ZZ1 1AA")
    assert [(area.kind, area.name) for area in areas] == [
        (AreaKind.CONSTITUENCY, "Zedmere and Thornby"),
        (AreaKind.COUNCIL, "Zedmere"),
        (AreaKind.WARD, "Canalside"),
    ]
    assert areas[2].parent is areas[1]


def test_a_postcode_that_straddles_two_wards_names_both(sessions: Sessions, now: datetime) -> None:
    with sessions.write() as session:
        sync_datasets(
            session,
            [places(), postcodes("codes", {"ZZ1 9ZZ": "Z05000003 Z05000001 Z09000001"})],
            now,
            include_demo=True,
        )
        assert [area.name for area in areas_of_kind(session, "ZZ1 9ZZ", AreaKind.WARD)] == ["Canalside", "Hilltop"]
        assert areas_of_kind(session, "ZZ1 9ZZ", AreaKind.CONSTITUENCY) == []


def test_a_postcode_that_nobody_told_us_of_lies_nowhere(sessions: Sessions) -> None:
    with sessions.read() as session:
        assert areas_of(session, "ZZ1 1AA") == []

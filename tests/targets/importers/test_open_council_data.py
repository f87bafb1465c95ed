"""The file of Open Council Data UK, read: keys made of names, the next elections, no e-mail at all."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import clean_text
from app.targets.importers.addresses import NO_PLACE
from app.targets.importers.open_council_data import FORMAT, parse
from app.targets.importers.parsed import NextElection, NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

HEADER = 'Council,"Ward Name","Councillor Name","Next Election","Party Name","Electoral Commission Party Code"'
NO_EMAILS = Rejected("the file", NO_PLACE)


def read(*rows: str) -> Parsed:
    return parse("\n".join([HEADER, *rows]).encode())


def test_a_councillor_is_read() -> None:
    parsed = read('Zedmere,"St Peter’s & Quay","Dr Alice Sample",2027,"Lantern Party",PP1')
    row = TargetRow(
        line="line 2",
        external_id="zedmere:st-peters-and-quay:alice-sample",
        role=TargetRole.COUNCILLOR,
        name="Alice Sample",
        salutation="Dear Cllr Dr Sample",
        place=Place(AreaKind.WARD, "St Peter’s & Quay", council="Zedmere"),
        email_untold=True,
        party="Lantern Party",
    )
    assert parsed == Parsed((row,), remarks=(NO_EMAILS,), elections=(NextElection("Zedmere", 2027),))
    assert not FORMAT.one_council


@pytest.mark.parametrize("name", ["Cllr Alice Sample MBE", "SAMPLE, Alice", "Alicé Sample", "Alice (Ali) Sample"])
def test_the_key_stays_when_a_name_is_only_dressed_anew(name: str) -> None:
    (row,) = read(f'ZEDMERE,canalside,"{name}",2027,,').rows
    assert row.external_id == "zedmere:canalside:alice-sample"


def test_each_councils_elections_are_told_once() -> None:
    parsed = read(
        "Zedmere,Canalside,Alice Sample,2027,,",
        "Zedmere,Canalside,Bob Verde,May 2028,,",
        "Zedmere,Hilltop,Charlie Moss,2027,,",
        "Alderley,Weir,Dana Sample,,,",
        "Alderley,Weir,Eve Sample,soon,,",
    )
    assert parsed.elections == (NextElection("Zedmere", 2027), NextElection("Zedmere", 2028))
    assert [str(one) for one in parsed.remarks[1:]] == ["line 6: the next election is no year: 'soon'"]
    assert len(parsed.rows) == 5


def test_vacant_seats_and_rows_that_cannot_be_used_are_told() -> None:
    parsed = read(
        "Zedmere,Canalside,Vacant,2027,Vacant,",
        "Zedmere,Hilltop,,2027,Vacant,",
        "Zedmere,Canalside,Alice Sample,2027,,",
        "Alderley,Canalside,Alice Sample,2027,,",
        "Zedmere,Canalside,Cllr Alice Sample,2027,,",
        ",Canalside,Bob Verde,2027,,",
        "Zedmere,,Bob Verde,2027,,",
        "Zedmere,Canalside,,2027,,",
        "Zedmere,Canalside,عائشة,2027,,",
    )
    assert [row.line for row in parsed.rows] == ["line 4", "line 5"]
    assert parsed.vacancies == (
        VacantSeat("line 2", Place(AreaKind.WARD, "Canalside", council="Zedmere")),
        VacantSeat("line 3", Place(AreaKind.WARD, "Hilltop", council="Zedmere")),
    )
    assert [str(one) for one in parsed.rejected] == [
        "line 6: zedmere:canalside:alice-sample is in the file already: line 4",
        "line 7: the council has no name",
        "line 8: the ward has no name",
        "line 9: there is no name",
        "line 10: the name has no Latin letters, of which the councillor's key is made",
    ]


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(NotThisFormatError, match="The column 'Council' is missing"):
        parse(b"Name,Ward\nAlice,Canalside")


cells = st.sampled_from(["", "Zedmere", "Alice", "Vacant", "2027", "=1"]) | st.text("ab \"'\n;,é", max_size=5)


@given(st.lists(st.lists(cells, min_size=6, max_size=6), max_size=6))
def test_each_row_is_used_rejected_or_vacant(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([next(csv.reader([HEADER])), *rows])
    parsed = parse(text.getvalue().encode())
    stated = sum(any(clean_text(cell) for cell in row) for row in rows)
    assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == stated

"""Tables of published files: columns by name, delimiters, formula cells, and rows that are none."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import FieldError, clean_text
from app.targets.importers.parsed import NotThisFormatError
from app.targets.importers.sheets import TableRow, header_of, read_table
from app.targets.records import Rejected


def read(text: str) -> list[dict[str, str] | str]:
    """Rows by name, ward and the optional e-mail; a rejected one as its words."""
    table = read_table(text.encode(), ["Name", "Ward"], ["Email"])
    return [
        {name: row.text(name) for name in ("Name", "Ward", "Email")} if isinstance(row, TableRow) else str(row)
        for row in table.rows
    ]


ALICE = {"Name": "Alice Sample", "Ward": "Canalside", "Email": "alice@zedmere.example"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cells_stand_between_commas_semicolons_or_tabs(delimiter: str, end: str) -> None:
    lines = [" WARD ,photo,email,name", " Canalside,x,alice@zedmere.example,Alice  Sample"]
    assert read(end.join(lines).replace(",", delimiter)) == [ALICE]


def test_a_column_that_may_be_missing_is_empty() -> None:
    assert read("Name,Ward\nAlice Sample,Canalside") == [ALICE | {"Email": ""}]


def test_lines_are_counted_in_the_file_and_empty_ones_are_no_rows() -> None:
    text = 'Name,Ward,Email\n\n,,\n"Alice\nSample",Canalside,alice@zedmere.example,,\nBob\nx,y,z,more\n'
    assert read(text) == [
        ALICE,
        "line 6: the row has 1 cells, the header has 3",
        "line 7: the row has 4 cells, the header has 3",
    ]
    rows = read_table(text.encode(), ["Name"]).rows
    assert [row.place for row in rows] == ["line 4", "line 6", "line 7"]


def test_a_quotation_that_never_ends_costs_its_own_line_alone() -> None:
    assert read('Name,Ward\n"Alice,Canalside\nBob,Hilltop') == [
        "line 2: this is not CSV: unexpected end of data",
        {"Name": "Bob", "Ward": "Hilltop", "Email": ""},
    ]


def test_a_cell_that_may_have_swallowed_rows_is_told() -> None:
    (row,) = read_table(b'Name,Ward,Note\nAlice,Canalside,"x\nBob,Hilltop,y"', ["Name"]).rows
    assert isinstance(row, TableRow)
    assert row.remarks == ("a cell runs over lines that look like rows: is a quotation mark left open?",)
    (row,) = read_table(b'Name,Ward,Address\nAlice,Canalside,"1 Lock Square\nZedmere, ZZ1 1AA"', ["Name"]).rows
    assert isinstance(row, TableRow)
    assert row.remarks == ()


@pytest.mark.parametrize("above", ["Councillors in May\n", "sep=,\n", ",,\nCouncillors in May,,\n\n,,\n", "\u200b,,\n"])
def test_what_stands_above_the_header_is_left_out(above: str) -> None:
    raw = f"{above}Name,Ward,Email\nAlice Sample,Canalside,alice@zedmere.example".encode()
    assert header_of(raw) == {"name", "ward", "email"}
    table = read_table(raw, ["Name", "Ward", "Email"])
    assert [row.text("Name") for row in table.rows if isinstance(row, TableRow)] == ["Alice Sample"]
    assert len(table.remarks) == ("Councillors" in above)


def test_a_title_above_the_header_is_told() -> None:
    (told,) = read_table(b"Councillors in May;;\nName;Ward;Email", ["Name"]).remarks
    assert str(told) == "line 1: left out, because it stands above the header: 'Councillors in May'"


def test_cells_that_nobody_reads_may_be_missing_at_the_end_of_a_row() -> None:
    raw = b"Name,Ward,Telephone,Photo\nAlice Sample,Canalside\nBob"
    assert [type(row) for row in read_table(raw, ["Name", "Ward"]).rows] == [TableRow, Rejected]


def test_a_formula_that_failed_is_no_text() -> None:
    (row,) = rows_of("#N/A")
    with pytest.raises(FieldError, match="Email is a spreadsheet's formula that failed: #N/A"):
        row.text("Email")
    assert row.email("Email").untold


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Name,Place", "The column 'Ward' is missing; there are 'Name, Place'."),
        ("", "The column 'Name' is missing; there are 'Alice, Canalside, x, y'."),
        ("Name,Ward,name", "The column 'Name' is named twice."),
        ("Name,Ward,Email,EMAIL", "The column 'Email' is named twice."),
    ],
)
def test_a_header_without_the_columns_is_of_another_format(header: str, said: str) -> None:
    with pytest.raises(NotThisFormatError) as refusal:
        read(f"{header}\nAlice,Canalside,x,y")
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="00123"', "00123"),
        ('=HYPERLINK("mailto:alice@zedmere.example")', "alice@zedmere.example"),
        ('=hyperlink("mailto:alice@zedmere.example";"E-mail Alice")', "alice@zedmere.example"),
        ('=HYPERLINK("mailto:alice@zedmere.example", "Alice@zedmere.example")', "Alice@zedmere.example"),
        ('=HYPERLINK("https://zedmere.example/alice";"Alice")', "Alice"),
    ],
)
def test_a_formula_that_says_what_it_shows_is_unwrapped_and_told(cell: str, text: str) -> None:
    (row,) = rows_of(cell)
    assert row.text("Email") == text
    assert row.remarks == ("Email was a spreadsheet's formula; its text is used",)


@pytest.mark.parametrize(
    "cell",
    [
        '=cmd|"/c calc"!A1',
        "=A2&B2",
        "+1+2",
        "-2+3",
        "@SUM(A1)",
        "'=1+1",
        '="=1+1"',
        '=HYPERLINK("mailto:alice@zedmere.example";"bob@zedmere.example")',
        '=HYPERLINK("https://zedmere.example/"&A1;"alice@zedmere.example")',
    ],
)
def test_any_other_formula_is_not_taken_as_text(cell: str) -> None:
    (row,) = rows_of(cell)
    assert row.text("Name") == "Alice"
    with pytest.raises(FieldError, match="Email is a spreadsheet's formula"):
        row.text("Email")


@pytest.mark.parametrize("cell", ["-", " -- ", "- -"])
def test_a_dash_is_no_formula(cell: str) -> None:
    (row,) = rows_of(cell)
    assert (row.text("Email"), row.remarks) == (cell.strip(), ())


def test_formulas_in_columns_that_nobody_reads_are_no_matter() -> None:
    (row,) = read_table(b"Name,Telephone\nAlice,+44 161", ["Name"]).rows
    assert isinstance(row, TableRow)


def rows_of(cell: str) -> list[TableRow]:
    """The one row of a table with that e-mail."""
    text = io.StringIO()
    csv.writer(text).writerows([["Name", "Email"], ["Alice", cell]])
    return [row for row in read_table(text.getvalue().encode(), ["Name", "Email"]).rows if isinstance(row, TableRow)]


def test_a_header_is_known_without_reading_the_rest() -> None:
    assert header_of(b'Ward Name ;"EMAIL"\n1;2;3') == {"ward name", "email"}
    assert header_of(b"<html>") == header_of(b"") == frozenset()


@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), max_size=8))
def test_each_line_with_anything_in_it_is_a_row_or_rejected(records: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["Name", "Ward"], *records])
    try:
        raw = text.getvalue().encode()
        rows = read_table(raw, ["Name", "Ward"]).rows
    except (UnicodeEncodeError, NotThisFormatError):
        return
    assert len(rows) == sum(any(map(clean_text, record)) for record in records)

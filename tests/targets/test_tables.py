"""CSV read row by row, each with its true line."""

from __future__ import annotations

import io

import pytest

from app.targets.tables import Fault, Row, read_rows


def read(text: str, *, others: bool = False) -> list[Row | Fault]:
    return list(read_rows(io.StringIO(text, newline=""), ["name", "ward"], others=others))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_carry_the_line_that_they_begin_on(end: str) -> None:
    text = end.join(["name,ward", "Alice,North", "", '"Bob', 'Verde",South', " Charlie ,East", ""])
    assert read(text) == [
        Row(2, {"name": "Alice", "ward": "North"}),
        Fault(4, "name holds a line break, a tab or another character that cannot be printed"),
        Row(6, {"name": "Charlie", "ward": "East"}),
    ]


def test_columns_may_stand_in_any_order() -> None:
    assert read("ward, name\nNorth,Alice") == [Row(2, {"name": "Alice", "ward": "North"})]


def test_further_columns_are_left_out_where_they_are_allowed() -> None:
    assert read("name,page,ward,page\nAlice,x,North,y", others=True) == [Row(2, {"name": "Alice", "ward": "North"})]


def test_columns_that_may_be_left_out_are_read_where_they_stand() -> None:
    text = "name,page,attribute.b,ward\nAlice,x,y,North"
    assert list(read_rows(io.StringIO(text), ["name", "ward"], optional=["page", "size", "attribute.*"])) == [
        Row(2, {"name": "Alice", "page": "x", "attribute.b": "y", "ward": "North"})
    ]


def test_a_row_of_another_length_is_a_fault_of_its_own() -> None:
    assert read("name,ward\nAlice\nBob,South,x\nCharlie,East") == [
        Fault(2, "the row has 1 cells, the header has 2"),
        Fault(3, "the row has 3 cells, the header has 2"),
        Row(4, {"name": "Charlie", "ward": "East"}),
    ]


def test_all_that_is_wrong_with_a_header_is_told_and_nothing_else_is_read() -> None:
    assert read("name,name,page\nAlice,x,y") == [
        Fault(1, "the column 'ward' is missing"),
        Fault(1, "the column 'name' is named twice"),
        Fault(1, "the column 'page' is unknown; the columns are name, ward"),
    ]


def test_an_empty_file_has_no_columns() -> None:
    assert read("") == [Fault(1, "the column 'name' is missing"), Fault(1, "the column 'ward' is missing")]


def test_a_quotation_that_never_ends_costs_its_own_line_alone() -> None:
    assert read('name,ward\nAlice,North\n"Bob,South\nCharlie,East\nDora,West\n') == [
        Row(2, {"name": "Alice", "ward": "North"}),
        Fault(3, "this is not CSV: unexpected end of data"),
        Row(4, {"name": "Charlie", "ward": "East"}),
        Row(5, {"name": "Dora", "ward": "West"}),
    ]


def test_a_quotation_that_ends_in_another_row_costs_no_row_between() -> None:
    assert read('name,ward\n"Bob,South\nCharlie,East\n"Dora",West\nEve,North\n') == [
        Fault(2, "this is not CSV: ',' expected after '\"'"),
        Row(3, {"name": "Charlie", "ward": "East"}),
        Row(4, {"name": "Dora", "ward": "West"}),
        Row(5, {"name": "Eve", "ward": "North"}),
    ]


def test_text_that_was_not_utf8_is_a_fault() -> None:
    lines = io.TextIOWrapper(io.BytesIO(b"name,ward\nAlic\xe9,North"), encoding="utf-8", errors="replace", newline="")
    assert list(read_rows(lines, ["name", "ward"])) == [Fault(2, "name is not UTF-8")]

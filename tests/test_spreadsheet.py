"""Tables for spreadsheets: nothing that others wrote is reckoned with, and one module alone writes them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheet import line

APP = Path(__file__).parents[1] / "app"


@given(st.lists(st.text().filter(lambda text: "\x00" not in text and "\r" not in text), min_size=1))
def test_no_cell_is_reckoned_with_and_none_is_lost(cells: list[str]) -> None:
    [read] = csv.reader(io.StringIO(line(cells), newline=""))
    assert [cell if cell == was else cell.removeprefix("'") for cell, was in zip(read, cells, strict=True)] == cells
    assert not any(cell.startswith(tuple("=+-@\t\n|%＝＋－＠")) for cell in read)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44 20", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "|calc", "%0A", "＝1", "＠x"]
)
def test_what_begins_a_formula_begins_with_an_apostrophe(cell: str) -> None:
    [read] = csv.reader(io.StringIO(line([cell]), newline=""))
    assert read == [f"'{cell}"]


def test_no_other_module_writes_csv() -> None:
    writers = [path for path in APP.rglob("*.py") if re.search(r"csv\.(writer|DictWriter)", path.read_text("utf-8"))]
    assert writers == [APP / "spreadsheet.py"]

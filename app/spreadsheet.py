"""Tables for spreadsheets, as CSV: what others wrote must not be reckoned with when somebody opens one. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")
"""What begins a cell that a spreadsheet would reckon with, in the wide forms too, which some take for the same."""


def line(cells: Iterable[str], *, end: str = "\r\n") -> str:
    """One line; a cell that would be reckoned with is made text by an apostrophe (OWASP, CSV injection)."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()

"""Tables that staff take away, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = tuple("=+-@\t\r\n|%")
"""What begins a cell that a spreadsheet would reckon with."""


def line(cells: Iterable[str]) -> str:
    """One line; a cell that would be reckoned with is made text by an apostrophe (OWASP, CSV injection)."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()

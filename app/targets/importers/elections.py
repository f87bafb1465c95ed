"""A table of elections, one a row: the body's GSS code and the day (`gss_code,held_on`)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.targets.importers.parsed import NotThisFormatError
from app.targets.records import Rejected
from app.targets.tables import Row, read_rows


@dataclass(frozen=True, slots=True)
class ElectionRow:
    """One election as it was told; `line` says where."""

    line: str
    code: str
    held_on: date


def parse_elections(raw: bytes) -> tuple[list[ElectionRow], list[Rejected]]:
    """Return the elections of a table, and the rows that cannot be read.

    Raises:
        NotThisFormatError: the header is another one.
    """
    rows: list[ElectionRow] = []
    rejected: list[Rejected] = []
    for read in _rows(raw):
        if isinstance(read, ElectionRow):
            rows.append(read)
        else:
            rejected.append(read)
    return rows, rejected


def _rows(raw: bytes) -> Iterator[ElectionRow | Rejected]:
    text = raw.decode("utf-8-sig", errors="replace")
    for row in read_rows(io.StringIO(text, newline=""), ["gss_code", "held_on"], others=True):
        place = f"line {row.line}"
        if isinstance(row, Row):
            yield _election(place, row.cells["gss_code"], row.cells["held_on"])
        elif row.line == 1:
            raise NotThisFormatError(f"The file is not a table of elections (gss_code,held_on): {row.message}.")
        else:
            yield Rejected(place, row.message)


def _election(place: str, code: str, day: str) -> ElectionRow | Rejected:
    try:
        return ElectionRow(place, code, date.fromisoformat(day))
    except ValueError:
        return Rejected(place, f"{day!r} is not a day such as 2026-05-07")

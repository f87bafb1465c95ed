"""CSV files read row by row, each row with the line that it begins on."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

_UNDECODABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, counted from 1, and its cells by column, without surrounding space."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that could not be read as a row, and why."""

    line: int
    message: str


def read_rows(
    lines: Iterable[str], columns: Iterable[str], *, optional: Iterable[str] = (), others: bool = False
) -> Iterator[Row | Fault]:
    """Read CSV text that begins with a header, as a stream.

    Args:
        lines: the text, line ends kept (`newline=""`), decoded as UTF-8 with errors="replace" and any mark removed.
        columns: the columns that the header must name, in any order.
        optional: the columns that it may name besides; `attribute.*` stands for any that begin like this.
        others: whether the header may name further columns still; their cells are left out.

    Yields:
        A `Row` for each row, in order; a `Fault` in place of each row that cannot be read. A header without a required
        column, or with one that is unknown or named twice, is a fault on its line and ends the reading.
    """
    wanted = list(columns)
    known = [*wanted, *optional]
    records = read_records(lines)
    _, header = next(records, (1, []))
    if isinstance(header, Fault):
        yield header
        return
    names = [name.strip() for name in header]
    faults = list(_header_faults(names, wanted, known, others=others))
    yield from faults
    if not faults:
        taken = {name for name in names if _among(name, known)}
        for line, record in records:
            yield record if isinstance(record, Fault) else _row(line, record, names, taken)


def read_records(lines: Iterable[str], delimiter: str = ",") -> Iterator[tuple[int, list[str] | Fault]]:
    """Yield each record with its first line; a record may span lines, and empty lines are no records.

    A quotation mark that is not closed costs its own line: those that it would have swallowed are read for themselves.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, strict=True, delimiter=delimiter)
    while True:
        line = feed.begin_record()
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Fault(line, f"this is not CSV: {error}")
            feed.put_back()
            continue
        if record:
            yield line, record


class _Feed:
    """Lines for a reader of CSV, which may have those of its last record again, all but the first."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._line = 1

    def begin_record(self) -> int:
        """Return the number of the line that comes next."""
        self._line += len(self._taken)
        self._taken.clear()
        return self._line

    def put_back(self) -> None:
        """Let all lines of the record but the first come once more."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(line)
        return line


def _among(name: str, known: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in known)


def _header_faults(names: list[str], wanted: list[str], known: list[str], *, others: bool) -> Iterator[Fault]:
    """Yield what is wrong with the header, each fault on line 1."""
    for name in wanted:
        if name not in names:
            yield Fault(1, f"the column {name!r} is missing")
    for name in dict.fromkeys(names):
        if names.count(name) > 1 and (_among(name, known) or not others):
            yield Fault(1, f"the column {name!r} is named twice")
        elif not _among(name, known) and not others:
            yield Fault(1, f"the column {name!r} is unknown; the columns are {', '.join(known)}")


def _row(line: int, record: list[str], names: list[str], taken: set[str]) -> Row | Fault:
    """Return the row, unless its cells are too many, too few, not text, or hold a line break or other control."""
    if len(record) != len(names):
        return Fault(line, f"the row has {len(record)} cells, the header has {len(names)}")
    cells = {name: cell.strip() for name, cell in zip(names, record, strict=True) if name in taken}
    for name, cell in cells.items():
        if _UNDECODABLE in cell:
            return Fault(line, f"{name} is not UTF-8")
        if not cell.isprintable():
            return Fault(line, f"{name} holds a line break, a tab or another character that cannot be printed")
    return Row(line, cells)

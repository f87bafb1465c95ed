"""Tables of published files: CSV whose columns are found by name, and its formula cells.

A spreadsheet runs a cell that begins with = + - or @. `="text"` and `=HYPERLINK("address";"text")` say plainly what
they show, so they are unwrapped and the row says so; any other is never taken as text. A mere dash is no formula:
people write it for "none". Nor is what a spreadsheet shows for a formula that failed, such as #N/A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from app.targets.fields import FieldError, clean_text
from app.targets.importers.addresses import MailField, quoted, stated_address
from app.targets.importers.parsed import NotThisFormatError
from app.targets.importers.reading import cell_text, decode
from app.targets.records import Rejected
from app.targets.tables import Fault, read_records

_DELIMITERS = ",;\t"
_FORMULA = re.compile(r"'?[=+\-@](?![\s\-]*$)")
_FAILED = re.compile(r"#(n/a|ref!|value!|name\?|div/0!|null!|num!|spill!|calc!)", re.IGNORECASE)
_SEPARATOR = re.compile(r"sep=[,;\t]?", re.IGNORECASE)
"""What Excel may print above a table, to tell itself what parts its cells."""
_ABOVE = 10
"""How many lines above a header are looked at."""
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_LINK_FORMULA = re.compile(r'=HYPERLINK\(\s*"([^"]*)"\s*(?:[;,]\s*"([^"]*)"\s*)?\)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table: its line, and its cells by the names that were asked for."""

    line: int
    _cells: Mapping[str, str]
    _formulas: Mapping[str, str]
    """Of cells that cannot be used as text, what is wrong with them."""
    remarks: tuple[str, ...] = ()
    """Which cells were unwrapped, or look wrong."""

    @property
    def place(self) -> str:
        """The line in the words of a `Rejected`."""
        return f"line {self.line}"

    def text(self, name: str) -> str:
        """Return a cell's text, cleaned; empty where the file has no such column.

        Raises:
            FieldError: the cell is a formula that failed or cannot be unwrapped, or has lost characters.
        """
        return cell_text(name, self._cell(name))

    def lines(self, name: str) -> list[str]:
        """Return the lines of a cell as `text` returns the whole of it; those that are empty are left out."""
        return [text for line in self._cell(name).splitlines() if (text := cell_text(name, line))]

    def email(self, name: str) -> MailField:
        """Return what an e-mail cell says."""
        return stated_address(lambda: self.text(name))

    def _cell(self, name: str) -> str:
        if name in self._formulas:
            raise FieldError(self._formulas[name])
        return self._cells[name]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table in their order, those that cannot be read as `Rejected`."""

    rows: tuple[TableRow | Rejected, ...]
    remarks: tuple[Rejected, ...]
    """What is to be said of the file as a whole."""


def read_table(raw: bytes, required: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """Read CSV whose header names the required columns, between commas, semicolons or tabs.

    Names are compared without regard to capitals and space around them; further columns are left out. Lines whose
    cells are all empty are no rows. Titles above the header, each in one cell, are left out and told. Columns that are
    left out may be missing at a row's end, where spreadsheets drop empty cells.

    Raises:
        NotThisFormatError: the file is no text (see `decode`), lacks a required column, or names one twice.
    """
    decoded = decode(raw)
    wanted = {folded(name): name for name in (*required, *optional)}
    header, records, titles = _records(decoded.text, [folded(name) for name in required])
    names = [wanted.get(folded(name), "") for name in header]
    for name in required:
        if name not in names:
            raise NotThisFormatError(f"The column {name!r} is missing{_there_are(header)}.")
    for name in filter(None, names):
        if names.count(name) > 1:
            raise NotThisFormatError(f"The column {name!r} is named twice.")
    rows = (_row(line, record, names, optional) for line, record in records)
    return Table(tuple(row for row in rows if row is not None), (*decoded.remarks, *titles))


def header_of(raw: bytes) -> frozenset[str]:
    """Return the names of a table's header, folded; none where the file is no text."""
    try:
        text = decode(raw).text
    except NotThisFormatError:
        return frozenset()
    return frozenset(folded(name) for name in _longest_header(text))


def header_names(raw: bytes) -> tuple[str, ...]:
    """Return the names of a table's header in their order, as it prints them.

    Raises:
        NotThisFormatError: the file is no text (see `decode`).
    """
    return tuple(_longest_header(decode(raw).text))


def folded(name: str) -> str:
    """Return a column's name as names are compared."""
    return clean_text(name).casefold()


def _open(text: str, delimiter: str) -> tuple[list[str], Iterator[tuple[int, list[str] | Fault]], list[Rejected]]:
    """Return the names of the header, as this delimiter parts them, the records after it, and the titles above it."""
    records = read_records(_lines(text), delimiter)
    first = [record for record in islice(records, _ABOVE) if isinstance(record[1], Fault) or not _is_empty(record[1])]
    sizes = [0 if isinstance(cells, Fault) else sum(not _is_blank(cell) for cell in cells) for _, cells in first]
    at = next((place for place, size in enumerate(sizes) if size > 1), 0)
    if not first or isinstance(header := first[at][1], Fault):
        return [], iter(()), []
    titles = [Rejected(f"line {line}", words) for line, cells in first[:at] if (words := _above(cells))]
    return [clean_text(name) for name in header], chain(first[at + 1 :], records), titles


def _above(cells: Sequence[str] | Fault) -> str:
    """Return what is to be said of a line above the header."""
    if isinstance(cells, Fault):
        return cells.message
    title = "".join(cells).strip()
    return "" if _SEPARATOR.fullmatch(title) else f"left out, because it stands above the header: {quoted(title)}"


def _longest_header(text: str) -> list[str]:
    """Return the header as the delimiter that finds most names parts it."""
    return max((_open(text, delimiter)[0] for delimiter in _DELIMITERS), key=len)


def _records(
    text: str, required: Sequence[str]
) -> tuple[list[str], Iterator[tuple[int, list[str] | Fault]], list[Rejected]]:
    """Return what `_open` does, by the delimiter that finds most of the columns."""
    known = set(required)
    tables = (_open(text, delimiter) for delimiter in _DELIMITERS)
    return max(tables, key=lambda table: len(known.intersection(map(folded, table[0]))))


def _there_are(header: Sequence[str]) -> str:
    """Return which columns there are, to complete a sentence; empty where they are none that people would know."""
    names = [name for name in header if name]
    return f"; there are {quoted(', '.join(names))}" if len(names) > 1 else ""


def _is_empty(record: Sequence[str]) -> bool:
    return all(map(_is_blank, record))


def _is_blank(cell: str) -> bool:
    return not cell.strip() or not clean_text(cell)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines with their ends, parted only where a reader of CSV parts them."""
    return (found[0] for found in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text))


def _row(line: int, record: list[str] | Fault, names: list[str], optional: Sequence[str]) -> TableRow | Rejected | None:
    """Return the record as a row, or why it is none; nothing where its cells are all empty."""
    if isinstance(record, Fault):
        return Rejected(f"line {line}", record.message)
    if _is_empty(record):
        return None
    if any(names[len(record) :]) or not _is_empty(record[len(names) :]):
        return Rejected(f"line {line}", f"the row has {len(record)} cells, the header has {len(names)}")
    cells = dict.fromkeys(optional, "") | {
        name: cell.strip() for name, cell in zip(names, record, strict=False) if name
    }
    return _unwrapped(line, cells, _swallowed(record, len(names)))


def _swallowed(record: Sequence[str], columns: int) -> list[str]:
    """Return a remark where a cell holds what may be rows of their own.

    A quotation mark that is opened in one row and closed in another makes good CSV.
    """
    inner = (part for cell in record if "\n" in cell for part in cell.split("\n")[1:])
    if columns > 2 and any(part.count(mark) >= columns - 1 for part in inner for mark in _DELIMITERS):  # noqa: PLR2004
        return ["a cell runs over lines that look like rows: is a quotation mark left open?"]
    return []


def _unwrapped(line: int, cells: dict[str, str], remarks: list[str]) -> TableRow:
    """Return the row with its formula cells unwrapped where that is safe; `remarks` are told of it too."""
    formulas = {}
    for name, cell in cells.items():
        if _FAILED.fullmatch(cell):
            formulas[name] = f"{name} is a spreadsheet's formula that failed: {cell}"
        if not _FORMULA.match(cell):
            continue
        plain = _shown(cell)
        if plain is None:
            formulas[name] = f"{name} is a spreadsheet's formula: {cell[:60]!r}"
        else:
            cells[name] = plain
            remarks.append(f"{name} was a spreadsheet's formula; its text is used")
    return TableRow(line, cells, formulas, tuple(remarks))


def _shown(cell: str) -> str | None:
    """Return what a formula shows, if that is certain: a text, or a link to the very address that it shows."""
    if text := _TEXT_FORMULA.fullmatch(cell):
        shown = text[1]
    elif link := _LINK_FORMULA.fullmatch(cell):
        address, shown = re.sub("^mailto:", "", link[1], flags=re.IGNORECASE), link[2]
        if shown is None or "@" not in shown:
            shown = address if "@" in address or shown is None else shown
        elif "@" in address and address.casefold() != shown.strip().casefold():
            return None
    else:
        return None
    return None if _FORMULA.match(shown) else shown

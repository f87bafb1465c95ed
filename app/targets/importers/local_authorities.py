"""mySociety's `uk_local_authorities.csv` (CC-BY-4.0): every council of the country, the old ones with their successors.

Councils refer to each other by three letters (`local-authority-code`); the records that come out of here use GSS codes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.targets.areas import plain
from app.targets.fields import FieldError, clean_text, fitting
from app.targets.importers.parsed import NotThisFormatError
from app.targets.models import Area, AreaAlias, AreaKind
from app.targets.records import AreaRecord, Council, NotACouncilError, Rejected
from app.targets.tables import Row, read_rows

_COLUMNS = (
    "local-authority-code",
    "official-name",
    "nice-name",
    "gss-code",
    "end-date",
    "replaced-by",
    "local-authority-type",
    "local-authority-type-name",
    "county-la",
    "alt-names",
    "former-gss-codes",
)
_KINDS = {
    "CTY": AreaKind.COUNTY,
    "CC": AreaKind.COUNCIL,
    "LBO": AreaKind.COUNCIL,
    "MD": AreaKind.COUNCIL,
    "NID": AreaKind.COUNCIL,
    "NMD": AreaKind.COUNCIL,
    "SCO": AreaKind.COUNCIL,
    "UA": AreaKind.COUNCIL,
    "WPA": AreaKind.COUNCIL,
}
_WITHOUT_WARDS = frozenset({"COMB", "SRA"})
"""Combined authorities and Greater London: no ward elects anybody to them."""
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_BETWEEN_NAMES = re.compile(r",(?! )")
"""Names stand between commas without a space; a comma within a name ("Edinburgh, City of") has one."""


@dataclass(frozen=True, slots=True)
class CouncilRecord:
    """A council as the file states it. `successors` are GSS codes; `aliases` have the form of `plain`."""

    area: AreaRecord
    ended_on: date | None
    successors: tuple[str, ...]
    aliases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Councils:
    """What a file says."""

    councils: tuple[CouncilRecord, ...]
    left_out: tuple[Rejected, ...] = ()
    """Bodies that no ward elects anybody to."""
    rejected: tuple[Rejected, ...] = ()
    """Rows that cannot be used."""
    remarks: tuple[Rejected, ...] = ()
    """What was left out of rows that are used."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row whose own cells can be used."""

    row: Row
    council: Council
    kind: AreaKind
    ended_on: date | None


def parse_local_authorities(raw: bytes) -> Councils:
    """Read the file.

    Raises:
        NotThisFormatError: its header lacks a column.
    """
    rows, rejected = _rows(raw)
    bodies = [row for row in rows if row.cells["local-authority-type"] not in _WITHOUT_WARDS]
    left_out = [_named(row, _without_wards(row)) for row in rows if row not in bodies]
    known = _known(bodies, rejected)
    codes = {letters: entry.council.code for letters, entry in known.items()}
    remarks: list[Rejected] = []
    councils = [_record(entry, codes, remarks) for entry in known.values()]
    return Councils(tuple(councils), tuple(left_out), tuple(rejected), tuple(remarks))


def _rows(raw: bytes) -> tuple[list[Row], list[Rejected]]:
    rows: list[Row] = []
    rejected: list[Rejected] = []
    text = raw.decode("utf-8-sig", errors="replace").replace(_NO_BREAK_SPACE, " ")
    for row in read_rows(io.StringIO(text, newline=""), _COLUMNS, others=True):
        if isinstance(row, Row):
            rows.append(row)
        elif row.line == 1:
            raise NotThisFormatError(f"The file is not mySociety's list of local authorities: {row.message}.")
        else:
            rejected.append(Rejected(f"line {row.line}", row.message))
    return rows, rejected


def _known(rows: Iterable[Row], rejected: list[Rejected]) -> dict[str, _Entry]:
    """Return the councils by their three letters; rows that cannot be used go to `rejected`."""
    known: dict[str, _Entry] = {}
    for row in rows:
        try:
            entry = _entry(row, known)
        except (FieldError, NotACouncilError) as error:
            rejected.append(_named(row, str(error)))
        else:
            known[row.cells["local-authority-code"]] = entry
    return known


def _entry(row: Row, known: Mapping[str, _Entry]) -> _Entry:
    """Return what the row says of its own council.

    Raises:
        FieldError: it has no code, or another row has it; or the type or the day cannot be read.
        NotACouncilError: the code or the name cannot be a council's.
    """
    kind, letters, code = (row.cells[name] for name in ("local-authority-type", "local-authority-code", "gss-code"))
    if kind not in _KINDS:
        raise FieldError(f"the type {kind!r} is unknown")
    if not code:
        raise FieldError("it has no GSS code")
    council = Council(code, fitting(Area.name, clean_text(row.cells["nice-name"] or row.cells["official-name"])))
    if letters in known or any(code == other.council.code for other in known.values()):
        raise FieldError(f"{letters} or {code} is in the file already")
    return _Entry(row, council, _KINDS[kind], _day(row.cells["end-date"]))


def _record(entry: _Entry, codes: Mapping[str, str], remarks: list[Rejected]) -> CouncilRecord:
    row, council = entry.row, entry.council
    parent = list(_found(row, _listed(row.cells["county-la"]), codes, remarks))
    area = AreaRecord(council.code, council.name, entry.kind, parent[0] if parent else "")
    successors = tuple(_found(row, _listed(row.cells["replaced-by"]), codes, remarks))
    return CouncilRecord(area, entry.ended_on, successors, _aliases(row))


def _found(row: Row, letters: Iterable[str], codes: Mapping[str, str], remarks: list[Rejected]) -> Iterator[str]:
    """Yield the GSS codes of the councils with these letters; what the file does not have becomes a remark."""
    for one in letters:
        if one in codes:
            yield codes[one]
        else:
            remarks.append(_refused(row, f"{_body(row)} refers to {one}, which the file does not have as a council"))


def _aliases(row: Row) -> frozenset[str]:
    names = [
        row.cells["local-authority-code"],
        row.cells["official-name"],
        row.cells["nice-name"],
        *_BETWEEN_NAMES.split(row.cells["alt-names"]),
        *_listed(row.cells["former-gss-codes"]),
    ]
    longest = AreaAlias.alias.type.length
    return frozenset(alias for alias in map(plain, names) if alias and len(alias) <= (longest or 0))


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


def _day(cell: str) -> date | None:
    """Return the day, or none where there is none.

    Raises:
        FieldError: it is not written as 2026-11-24.
    """
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError:
        raise FieldError(f"{cell!r} is not a day such as 2026-11-24") from None


def _body(row: Row) -> str:
    return f"{row.cells['official-name']} ({row.cells['local-authority-type-name']})"


def _without_wards(row: Row) -> str:
    return f"no ward elects anybody to it ({row.cells['local-authority-type-name']})"


def _refused(row: Row, reason: str) -> Rejected:
    return Rejected(f"line {row.line}", reason)


def _named(row: Row, reason: str) -> Rejected:
    """What is said of many rows alike, so that the place names the body."""
    return Rejected(f"line {row.line}, {row.cells['official-name']}", reason)

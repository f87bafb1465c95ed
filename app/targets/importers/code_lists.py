"""Names of areas by their GSS codes: ONS "names and codes" files as CSV, and postcodes.io's maps as JSON.

A column such as `WD25CD` holds codes and `WD25NM` beside it their names; the kind of area is told by each code itself.
A file that has several such pairs (ward and council, division and county) also tells which area lies in which.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.targets.fields import FieldError, clean_text, fitting
from app.targets.gss import kind_of
from app.targets.importers.parsed import NotThisFormatError
from app.targets.models import Area, AreaKind
from app.targets.records import PARENTS
from app.targets.rejections import Rejections

_CODES = re.compile(r"((?:wd|ced|lad|laua|cty|ctyua|utla|pcon)(?:[0-9]{2})?)cd")


@dataclass(slots=True)
class CodeList:
    """What code lists say."""

    names: dict[str, str] = field(default_factory=dict)
    """The name of each area by its code."""
    parents: dict[str, str] = field(default_factory=dict)
    """The code of the area that it lies in, where it is told."""
    rejections: Rejections = field(default_factory=Rejections)

    def add(self, raw: bytes, name: str) -> None:
        """Read a file. What it says stands over what those before it have said.

        Raises:
            NotThisFormatError: it is no list of codes and names.
        """
        if raw.lstrip().startswith(b"{"):
            self._add_map(raw)
            return
        rows = csv.reader(io.StringIO(_text(raw), newline=""))
        header = [cell.strip().lower() for cell in next(rows, [])]
        pairs = list(_pairs(header))
        if not pairs:
            raise NotThisFormatError(f"{name} is no list of codes and names: no column such as WD25CD has a WD25NM.")
        for row in rows:
            if len(row) == len(header):
                self._add_row(
                    [(row[code].strip(), row[label]) for code, label in pairs], f"{name}, line {rows.line_num}"
                )

    def _add_map(self, raw: bytes) -> None:
        try:
            names = json.loads(raw)
        except (ValueError, RecursionError):
            raise NotThisFormatError("The file is neither CSV nor JSON in UTF-8.") from None
        pairs = [(code, name) for code, name in names.items() if isinstance(name, str)]
        if not any(kind_of(code) for code, _ in pairs):
            raise NotThisFormatError("The JSON is no map from GSS codes to names.")
        for code, name in pairs:
            self._add_name(code, name, code)

    def _add_row(self, cells: Sequence[tuple[str, str]], place: str) -> None:
        found: dict[AreaKind, str] = {}
        for code, name in cells:
            if kind := kind_of(code):
                self._add_name(code, name, place)
                found.setdefault(kind, code)
        for child, parent in PARENTS.items():
            if child in found and parent in found:
                self.parents[found[child]] = found[parent]

    def _add_name(self, code: str, name: str, place: str) -> None:
        """Take a name if its code is one of an area of ours."""
        if kind_of(code) is None:
            return
        try:
            self.names[code] = fitting(Area.name, clean_text(name)) or code
        except FieldError as error:
            self.rejections.add(place, str(error))


def is_code_list(header: Sequence[str]) -> bool:
    """Return whether a CSV file with this header is a list of codes and names."""
    return any(_pairs([cell.strip().lower() for cell in header]))


def _pairs(header: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where codes stand and where their names do."""
    for place, column in enumerate(header):
        match = _CODES.fullmatch(column)
        if match and f"{match[1]}nm" in header:
            yield place, header.index(f"{match[1]}nm")


def _text(raw: bytes) -> str:
    """Return the text: UTF-8, or what Windows wrote before ONS turned to it."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")

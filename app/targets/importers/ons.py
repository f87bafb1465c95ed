"""The postcode files of the Office for National Statistics: NSPL and ONSPD, of every edition.

Their columns are called differently from year to year (`osward`, `ward`, `wd25cd`), so they are found by patterns, the
newest year first. What is read of a row: the postcode, whether it was terminated, its ward, council, county, electoral
division and constituency. An area counts only if its code is of the kind that the column is for, and a division only
beside a county: then `E99999999` in any column, and Greater London as a county, are no area.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from app.targets.gss import kind_of, understood
from app.targets.importers.parsed import NotThisFormatError
from app.targets.models import AreaKind
from app.targets.postcode_blocks import INWARD
from app.targets.postcode_sets import Gathering
from app.targets.postcodes import NotAPostcode, normalise, split
from app.targets.records import PARENTS
from app.targets.rejections import Rejections

_POSTCODE = ("pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode")
"""The best first: `pcds` is written as on an envelope, the others are padded to a fixed width."""
_TERMINATED = "doterm"
_AREAS = {
    AreaKind.WARD: re.compile(r"(?:os)?ward|wd([0-9]{2})?cd"),
    AreaKind.COUNCIL: re.compile(r"(?:os)?laua|(?:lad|laua)([0-9]{2})?cd"),
    AreaKind.COUNTY: re.compile(r"(?:os)?cty|cty([0-9]{2})?cd"),
    AreaKind.DIVISION: re.compile(r"ced|ced([0-9]{2})?cd"),
    AreaKind.CONSTITUENCY: re.compile(r"pcon|pcon([0-9]{2})?(?:cd)?"),
}
"""What the columns of areas are called. Look-alikes such as `wdstl05cd` and `casward` hold areas of other years."""
_TOLD_EVERY = 20_000

Told = Callable[[], None]


def is_ons(header: Sequence[str]) -> bool:
    """Return whether a file with this header tells where postcodes lie, by codes."""
    names = _clean(header)
    return any(name in _POSTCODE for name in names) and any(_columns_of_areas(names).values())


class OnsReader:
    """Reads files of one edition, one after the other, into one gathering."""

    def __init__(self) -> None:
        self.gathering = Gathering()
        self.rejections = Rejections()
        self.parents: dict[str, str] = {}
        """A ward's council, a division's county, and a district's county, by their codes."""
        self.odd: Counter[str] = Counter()
        """Codes that cannot be understood, with the number of sets of areas that have them."""
        self._places: dict[tuple[tuple[AreaKind, ...], tuple[str, ...]], int] = {}
        self._outwards: set[str] = set()

    def read(self, lines: Iterable[str], name: str, told: Told) -> None:
        """Read a file as a stream.

        Args:
            lines: its text, line ends kept, decoded with errors="replace" and any mark removed.
            name: what a rejected row's place begins with.
            told: is called every now and then.

        Raises:
            NotThisFormatError: the header is none of an ONS postcode file.
        """
        rows = csv.reader(lines)
        header = _clean(next(rows, []))
        postcode, terminated, areas = _columns(header)
        area_cells, last = _picker([*areas.values()]), max(postcode, terminated or 0, *areas.values())
        kinds = tuple(areas)
        places, add = self._places, self.gathering.add
        for count, row in enumerate(_records(rows, name, self.rejections)):
            if count % _TOLD_EVERY == 0:
                told()
            if len(row) <= last:
                self.rejections.add(f"{name}line {rows.line_num}", f"the row has {len(row)} cells only")
                continue
            try:
                outward, number = self._place_of(row[postcode])
            except NotAPostcode as error:
                self.rejections.add(f"{name}line {rows.line_num}", str(error))
                continue
            codes = area_cells(row)
            place = places.get((kinds, codes))
            if place is None:
                place = places[kinds, codes] = self._new_place(kinds, codes)
            add(outward, number, place, terminated=terminated is not None and row[terminated].strip() != "")

    def _place_of(self, text: str) -> tuple[str, int]:
        """The outward code and inward number; the way round is short for what is written as it should be.

        Raises:
            NotAPostcode: it is none.
        """
        outward, _, inward = text.partition(" ")
        number = INWARD.get(inward)
        if number is None or outward not in self._outwards:
            outward, number = split(normalise(text))
            self._outwards.add(outward)
        return outward, number

    def _new_place(self, kinds: Sequence[AreaKind], cells: Sequence[str]) -> int:
        """Take note of a set of areas that no row had before."""
        found: dict[AreaKind, str] = {}
        for kind, cell in zip(kinds, cells, strict=True):
            code = cell.strip()
            if kind_of(code) is kind:
                found[kind] = code
            elif not understood(code):
                self.odd[code] += 1
        if AreaKind.COUNTY not in found:
            found.pop(AreaKind.DIVISION, None)
        for child, parent in PARENTS.items():
            if child in found and parent in found:
                self.parents.setdefault(found[child], found[parent])
        return self.gathering.set_of(frozenset(found.values()))


def _clean(header: Iterable[str]) -> list[str]:
    return [name.strip().lower() for name in header]


def _columns(header: Sequence[str]) -> tuple[int, int | None, dict[AreaKind, int]]:
    """Return where the postcode, the termination and the areas stand.

    Raises:
        NotThisFormatError: there is no postcode, or no area.
    """
    postcode = next((header.index(name) for name in _POSTCODE if name in header), None)
    areas = {kind: header.index(name) for kind, name in _columns_of_areas(header).items() if name}
    if postcode is None or not areas:
        missing = "of a postcode (pcds)" if postcode is None else "of an area (such as ward, laua or wd25cd)"
        raise NotThisFormatError(
            f"The file is no postcode file of ONS: it has no column {missing}. Its columns are: {_listed(header)}."
        )
    return postcode, header.index(_TERMINATED) if _TERMINATED in header else None, areas


def _columns_of_areas(header: Iterable[str]) -> dict[AreaKind, str]:
    """Return the column of each kind of area, that of the newest year where there are several; empty for none."""
    found = {}
    for kind, pattern in _AREAS.items():
        matches = [match for name in header if (match := pattern.fullmatch(name))]
        found[kind] = max(matches, key=lambda match: int(match[1] or -1))[0] if matches else ""
    return found


def _picker(columns: Sequence[int]) -> Callable[[Sequence[Any]], tuple[str, ...]]:
    """Return what takes these cells of a row, always as a tuple."""
    if len(columns) == 1:
        return lambda row: (row[columns[0]],)
    return itemgetter(*columns)


def _records(rows: Any, name: str, rejections: Rejections) -> Iterable[list[str]]:
    """Yield each row that is CSV and not empty."""
    while True:
        try:
            for row in rows:
                if row:
                    yield row
        except csv.Error as error:
            rejections.add(f"{name}line {rows.line_num}", f"this is not CSV: {error}")
        else:
            return


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(name[:30] for name in header[:8] if name.isprintable())
    return f"{shown}, …" if len(header) > 8 else shown or "none"  # noqa: PLR2004 - enough to know a file by

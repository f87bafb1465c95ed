"""What every figure is told in: a table of plain values, the same for the page, for CSV and for JSON. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

Cell: TypeAlias = int | float | str | None
"""A value; none is a number that is withheld or cannot be told."""
Row: TypeAlias = Sequence[Cell]


class LazyRows(Sequence[Row]):
    """Rows that are worked out when they are looked at: of thousands a page shows some dozens."""

    def __init__(self, places: Sequence[int], make: Callable[[int], Row]) -> None:
        """`make` works the row of a place out, as often as it is looked at."""
        self._places = places
        self._make = make

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> LazyRows: ...
    def __getitem__(self, index: int | slice) -> Row | LazyRows:
        """One row, or a part of them that is as lazy."""
        if isinstance(index, slice):
            return LazyRows(self._places[index], self._make)
        return self._make(self._places[index])


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns."""

    name: str
    """Its name in addresses and files: `states`."""
    columns: Sequence[str]
    """What the columns hold, as names for programs; the pages have words for them."""
    rows: Sequence[Row]

    @property
    def records(self) -> Iterator[dict[str, Cell]]:
        """The rows as programs read them, each cell by its column."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def column(self, name: str) -> list[Cell]:
        """The cells of one column."""
        place = list(self.columns).index(name)
        return [row[place] for row in self.rows]


def rate(part: Cell, whole: Cell) -> float | None:
    """A share of a whole, to four digits; none where either cannot be told, or there is no whole."""
    if not isinstance(part, int) or not isinstance(whole, int) or not whole:
        return None
    return round(part / whole, 4)

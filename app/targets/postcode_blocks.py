"""The postcodes of one outward code as bytes: about three bytes each, found by halving.

An inward code (a figure and two of twenty letters) is a number below 4,000. A block says first how it is laid out, then
holds the ids of the area groups that its postcodes have (its palette), the numbers of the postcodes in use in their
order, those of the terminated ones, and for each of these numbers the place of its group in the palette:

    version, bytes of a place (1 or 2): one byte each; postcodes in use, terminated ones, groups: two bytes each
    groups: four bytes each; numbers: two bytes each; places: one or two bytes each

All is little-endian.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Literal

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
INWARD = {
    f"{figure}{first}{second}": number
    for number, (figure, first, second) in enumerate(
        (figure, first, second) for figure in "0123456789" for first in _LETTERS for second in _LETTERS
    )
}
"""The number of each inward code that there can be."""
INWARD_CODES = tuple(INWARD)

_VERSION = 1
_HEAD = Struct("<BBHHH")
_ONE_BYTE = 256
"""How many groups a place of one byte tells apart."""


class UnknownLayoutError(Exception):
    """The block was written by a later version of the platform."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block's parts: `numbers` and `places` have the postcodes in use first, `live` of them, then the terminated."""

    live: int
    palette: array[int]
    numbers: array[int]
    places: array[int]

    @property
    def terminated(self) -> int:
        """How many postcodes were taken out of use."""
        return len(self.numbers) - self.live

    def find(self, number: int) -> tuple[int, bool] | None:
        """The group of the postcode with this inward number, and whether it is terminated; none if it is not here."""
        for first, last, terminated in ((0, self.live, False), (self.live, len(self.numbers), True)):
            at = bisect_left(self.numbers, number, first, last)
            if at < last and self.numbers[at] == number:
                return self.palette[self.places[at]], terminated
        return None

    def groups(self) -> dict[int, tuple[int, bool]]:
        """The group of every postcode and whether it is terminated, by its inward number."""
        live, ended = [(group, False) for group in self.palette], [(group, True) for group in self.palette]
        told = [live[place] for place in self.places[: self.live]]
        told += [ended[place] for place in self.places[self.live :]]
        return dict(zip(self.numbers, told, strict=True))

    def live_groups(self) -> Counter[int]:
        """How many postcodes in use each group has."""
        counted: Counter[int] = Counter()
        for place, count in Counter(self.places[: self.live]).items():
            counted[self.palette[place]] += count
        return counted

    def with_groups(self, group: Callable[[int], int]) -> Block:
        """The same postcodes with other groups; equal postcodes in equal groups make equal bytes."""
        groups = [group(one) for one in self.palette]
        palette = sorted(set(groups))
        new_places = [bisect_left(palette, one) for one in groups]
        places = array(_place_kind(len(palette)), map(new_places.__getitem__, self.places))
        return Block(self.live, array("I", palette), self.numbers, places)

    def pack(self) -> bytes:
        """The block as bytes; `unpack` turned round."""
        terminated, width = self.terminated, 1 if self.places.typecode == "B" else 2
        head = _HEAD.pack(_VERSION, width, self.live, terminated, len(self.palette))
        return head + b"".join(_little_endian(part).tobytes() for part in (self.palette, self.numbers, self.places))


def block_of(live: Mapping[int, int], terminated: Mapping[int, int]) -> Block:
    """The block of these postcodes: the group of each by its inward number. None is in both."""
    groups = {group: place for place, group in enumerate(sorted({*live.values(), *terminated.values()}))}
    numbers, places = array("H"), array(_place_kind(len(groups)))
    for part in (live, terminated):
        ordered = sorted(part)
        numbers.extend(ordered)
        places.extend(groups[part[number]] for number in ordered)
    return Block(len(live), array("I", groups), numbers, places)


def unpack(entries: bytes) -> Block:
    """The block that `pack` made these bytes of.

    Raises:
        UnknownLayoutError: the bytes have another version's layout.
    """
    version, width, live, terminated, groups = _HEAD.unpack_from(entries)
    if version != _VERSION:
        raise UnknownLayoutError(f"A block of postcodes has the layout {version}, which is not known here.")
    numbers_at = _HEAD.size + 4 * groups
    places_at = numbers_at + 2 * (live + terminated)
    return Block(
        live,
        _array("I", entries[_HEAD.size : numbers_at]),
        _array("H", entries[numbers_at:places_at]),
        _array("B" if width == 1 else "H", entries[places_at:]),
    )


def postcodes_in(outward: str, block: Block) -> Iterable[str]:
    """The postcodes of a block that are in use, in their order, as they are written on an envelope."""
    return (f"{outward} {INWARD_CODES[number]}" for number in block.numbers[: block.live])


def _place_kind(groups: int) -> Literal["B", "H"]:
    return "B" if groups <= _ONE_BYTE else "H"


def _array(kind: Literal["B", "H", "I"], entries: bytes) -> array[int]:
    numbers: array[int] = array(kind)
    numbers.frombytes(entries)
    return _little_endian(numbers)


def _little_endian(numbers: array[int]) -> array[int]:
    """The array with its bytes in the order that blocks have; turned round twice it is as before."""
    if sys.byteorder == "little":
        return numbers
    turned = numbers[:]
    turned.byteswap()
    return turned

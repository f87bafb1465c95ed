"""Small numbers are not shown where they could tell of a person, nor what gives them away. Pure.

A table of places or of kinds of people shows no number below `LEAST`. That alone would not do: the number that is
missing is the difference of the sum and the others, perhaps by way of another table of the same letters. So every leaf
(the smallest cell that any table shows, such as a target) that is not shown belongs to a block of at least two leaves
that sum to `LEAST` or more, and a sum is shown only if it takes each block whole or not at all. Whatever is added and
subtracted then yields sums of whole blocks, and never one of their leaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

LEAST = 5
"""The smallest number that is shown."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A cell that no table divides further."""

    value: int
    groups: tuple[Hashable, ...] = ()
    """The cell of each coarser table that it is part of; all leaves name the same tables in the same order."""


Block: TypeAlias = list[int]
"""Leaves that are not shown, by their places, and whose sum may be."""
_Kinship: TypeAlias = Callable[[int], Hashable]
"""What makes leaves alike, by their places."""


class Protected:
    """What may be shown of some leaves, and of the sums over them. The sum of all may always be known.

    Where the same leaves have several numbers, most of them nearly alike (letters, and letters that arrived), give the
    largest as `base`: its blocks stay together, so that one column never tells what another withholds.
    """

    def __init__(self, leaves: Sequence[Leaf], base: Protected | None = None) -> None:
        self._leaves = leaves
        self._blocks: list[Block] = _blocks(leaves, base._blocks if base else [])  # noqa: SLF001 - its own like
        self._block_of = {place: number for number, block in enumerate(self._blocks) for place in block}

    def leaf(self, place: int) -> int | None:
        """A leaf's value; none where it is withheld."""
        return None if place in self._block_of else self._leaves[place].value

    def sums(self, table: int) -> dict[Hashable, int | None]:
        """The cells of one of the coarser tables; none for those that are withheld."""
        members: dict[Hashable, set[int]] = defaultdict(set)
        for place, leaf in enumerate(self._leaves):
            members[leaf.groups[table]].add(place)
        return {group: self._sum(places) for group, places in members.items()}

    def _sum(self, places: set[int]) -> int | None:
        total = sum(self._leaves[place].value for place in places)
        touched = {self._block_of[place] for place in places if place in self._block_of}
        whole = all(place in places for place, block in self._block_of.items() if block in touched)
        return total if whole and total >= LEAST else None


def _blocks(leaves: Sequence[Leaf], given: Sequence[Block]) -> list[Block]:
    """The leaves that are withheld, in blocks that no sum of a table need divide, as far as that can be."""
    work = _Work(leaves)
    for block in given:
        work.hide(block)
    hidden = {place for block in given for place in block}
    for place, leaf in enumerate(leaves):
        if leaf.value < LEAST and place not in hidden:
            work.hide([place])
    tables = len(leaves[0].groups) if leaves else 0
    work.join(lambda place: leaves[place].groups)
    for table in range(tables):
        work.join(lambda place, table=table: leaves[place].groups[table])  # type: ignore[misc]
    work.join(lambda _place: None)
    return [*work.good, *work.poor]


class _Work:
    """Blocks in the making: those that are safe, and those that need company."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves
        self._shown = sorted(range(len(leaves)), key=lambda place: (leaves[place].value, place))
        self.good: list[Block] = []
        self.poor: list[Block] = []

    def hide(self, block: Sequence[int]) -> None:
        """Withhold leaves, which stay together."""
        hidden, gone = [*block], set(block)
        self._shown = [place for place in self._shown if place not in gone]
        (self.good if self._is_good(hidden) else self.poor).append(hidden)

    def join(self, kinship: _Kinship) -> None:
        """Put those that need company together with their like; where that is not enough, with the smallest leaf of
        their like that is shown, or else with a block of their like that is safe already.
        """
        families: dict[Hashable, Block] = defaultdict(list)
        for block in self.poor:
            families[kinship(block[0])] += block
        self.poor = []
        shown = self._firsts(self._shown, kinship)
        safe = {kinship(place): block for block in self.good for place in block}
        for kin, block in families.items():
            if not self._is_good(block) and kin in shown:
                block.append(shown[kin])
                self._shown.remove(shown[kin])
            if self._is_good(block):
                self.good.append(block)
            elif kin in safe:
                safe[kin] += block
            else:
                self.poor.append(block)

    @staticmethod
    def _firsts(places: Iterable[int], kinship: _Kinship) -> Mapping[Hashable, int]:
        """The first of each kin, the places being in order."""
        firsts: dict[Hashable, int] = {}
        for place in places:
            firsts.setdefault(kinship(place), place)
        return firsts

    def _is_good(self, block: Block) -> bool:
        return len(block) > 1 and sum(self._leaves[place].value for place in block) >= LEAST

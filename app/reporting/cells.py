"""Small numbers are not shown where they could tell of a person, nor what gives them away. Pure.

A table of places or of kinds of people shows no number below `LEAST`. That alone would not do: the number that is
missing is the difference of the sum and the others, perhaps by way of another table of the same letters. So every leaf
(the smallest cell that any table shows, such as a target) that is not shown belongs to a block of at least two leaves
that sum to `LEAST` or more, and a sum is shown only if it takes each block whole or not at all. Whatever is added and
subtracted then yields sums of whole blocks, and never one of their leaves.

Leaves of one place stand and fall together: whoever lives in a ward writes to all its councillors, so that one of their
numbers is as good as the others'. A block has leaves of two places at least.

What is shown after all is told to the nearest multiple of `LEAST`: of two readings at different times the difference
tells of `LEAST` or nothing (`app.reporting.publication` says when they may differ).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

LEAST = 5
"""The smallest number that is shown."""
SLACK = LEAST // 2
"""How far a number that is told is from what it was, at most."""


def coarse(number: int | None) -> int | None:
    """A number as it is told: to the nearest multiple of `LEAST`; none stays none."""
    return None if number is None else (number + SLACK) // LEAST * LEAST


@dataclass(frozen=True, slots=True)
class Leaf:
    """A cell that no table divides further."""

    value: int
    place: Hashable = None
    """What it tells of: leaves of one place tell the same. None is a place of its own."""
    groups: tuple[Hashable, ...] = ()
    """The cell of each coarser table that it is part of; all leaves name the same tables in the same order."""


Block: TypeAlias = list[int]
"""Leaves that are not shown, by their numbers, and whose sum may be."""
_Kinship: TypeAlias = Callable[[int], Hashable]
"""What makes leaves alike, by their numbers."""


class Protected:
    """What may be shown of some leaves, and of the sums over them. The sum of all may always be known.

    Where the same leaves have several numbers, most of them nearly alike (letters, and letters that arrived), give the
    largest as `base`: its blocks stay together, so that one column never tells what another withholds.
    """

    def __init__(self, leaves: Sequence[Leaf], base: Protected | None = None) -> None:
        self._leaves = leaves
        self._blocks: list[Block] = _blocks(leaves, base._blocks if base else [])  # noqa: SLF001 - its own like
        self._block_of = {leaf: place for place, block in enumerate(self._blocks) for leaf in block}
        # By table, once for all numbers of the same leaves.
        self._members: dict[int, dict[Hashable, set[int]]] = base._members if base else {}  # noqa: SLF001 - as above

    def leaf(self, number: int) -> int | None:
        """A leaf's value; none where it is withheld."""
        return None if number in self._block_of else self._leaves[number].value

    def sums(self, table: int) -> dict[Hashable, int | None]:
        """The cells of one of the coarser tables; none for those that are withheld."""
        return {group: self._sum(numbers) for group, numbers in self._groups(table).items()}

    def sum(self, table: int, group: Hashable) -> int | None:
        """One of those cells."""
        return self._sum(self._groups(table)[group])

    def _groups(self, table: int) -> Mapping[Hashable, set[int]]:
        """The leaves of each cell."""
        if table not in self._members:
            members: dict[Hashable, set[int]] = defaultdict(set)
            for number, leaf in enumerate(self._leaves):
                members[leaf.groups[table]].add(number)
            self._members[table] = members
        return self._members[table]

    def _sum(self, numbers: set[int]) -> int | None:
        total = sum(self._leaves[number].value for number in numbers)
        touched = {self._block_of[number] for number in numbers if number in self._block_of}
        whole = all(numbers.issuperset(self._blocks[block]) for block in touched)
        return total if whole and total >= LEAST else None


def _blocks(leaves: Sequence[Leaf], given: Sequence[Block]) -> list[Block]:
    """The leaves that are withheld, in blocks that no sum of a table need divide, as far as that can be."""
    work = _Work(leaves)
    for block in given:
        work.hide(block)
    for number, leaf in enumerate(leaves):
        if leaf.value < LEAST and work.shows(number):
            work.hide(work.alike(number))
    tables = len(leaves[0].groups) if leaves else 0
    work.join(lambda number: leaves[number].groups)
    for table in range(tables):
        work.join(partial(_group_in, leaves, table))
    work.join(lambda _number: None)
    return [*work.good, *work.poor]


def _group_in(leaves: Sequence[Leaf], table: int, number: int) -> Hashable:
    return leaves[number].groups[table]


class _Work:
    """Blocks in the making: those that are safe, and those that need company."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves
        self._shown = dict.fromkeys(sorted(range(len(leaves)), key=lambda number: (leaves[number].value, number)))
        self._places = [_place(leaf, number) for number, leaf in enumerate(leaves)]
        self._by_place: dict[Hashable, Block] = defaultdict(list)
        for number, place in enumerate(self._places):
            self._by_place[place].append(number)
        self.good: list[Block] = []
        self.poor: list[Block] = []

    def shows(self, number: int) -> bool:
        """Whether a leaf is not withheld so far."""
        return number in self._shown

    def alike(self, number: int) -> Block:
        """The leaves that tell the same as one, itself among them."""
        return self._by_place[self._places[number]]

    def hide(self, block: Sequence[int]) -> None:
        """Withhold leaves, which stay together."""
        hidden = self._withhold(block)
        (self.good if self._is_good(hidden) else self.poor).append(hidden)

    def join(self, kinship: _Kinship) -> None:
        """Put those that need company together with their like; where that is not enough, with the smallest leaf of
        their like that is shown, or else with a block of their like that is safe already.
        """
        if not self.poor:
            return
        families: dict[Hashable, Block] = defaultdict(list)
        for block in self.poor:
            families[kinship(block[0])] += block
        self.poor = []
        shown = self._firsts(kinship)
        safe = {kinship(number): block for block in self.good for number in block}
        for kin, block in families.items():
            if not self._is_good(block) and shown.get(kin) in self._shown:
                block.extend(self._withhold(self.alike(shown[kin])))
            if self._is_good(block):
                self.good.append(block)
            elif kin in safe:
                safe[kin] += block
            else:
                self.poor.append(block)

    def _withhold(self, block: Iterable[int]) -> Block:
        hidden = [*block]
        for number in hidden:
            self._shown.pop(number, None)
        return hidden

    def _firsts(self, kinship: _Kinship) -> Mapping[Hashable, int]:
        """The smallest of each kin that is shown."""
        firsts: dict[Hashable, int] = {}
        for number in self._shown:
            firsts.setdefault(kinship(number), number)
        return firsts

    def _is_good(self, block: Block) -> bool:
        first = self._places[block[0]]
        several = any(self._places[number] != first for number in block)
        return several and sum(self._leaves[number].value for number in block) >= LEAST


def _place(leaf: Leaf, number: int) -> Hashable:
    return ("a place of its own", number) if leaf.place is None else leaf.place

"""Small numbers cannot be worked out, by whatever adding and subtracting, across all tables of the same leaves."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.reporting.cells import LEAST, Leaf, Protected

PARTIES, COUNCILS = ("red", "green", "none"), ("north", "south", "west")

leaves_of_a_campaign = st.lists(
    st.builds(
        lambda value, ward, party, council: Leaf(value, (council, ward), (party, council)),
        st.integers(0, 12),
        st.integers(0, 3),
        st.sampled_from(PARTIES),
        st.sampled_from(COUNCILS),
    ),
    max_size=14,
)


class Knowledge:
    """What follows from published sums: the span of their equations, by elimination over the fractions."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: dict[int, list[Fraction]] = {}

    def learn(self, members: set[int]) -> None:
        row = self._reduced(members)
        pivot = next((place for place, cell in enumerate(row) if cell), None)
        if pivot is not None:
            self._rows[pivot] = [cell / row[pivot] for cell in row]

    def follows(self, members: set[int]) -> bool:
        """Whether the sum of these leaves can be worked out."""
        return not any(self._reduced(members))

    def _reduced(self, members: set[int]) -> list[Fraction]:
        row = [Fraction(place in members) for place in range(self._width)]
        for pivot in range(self._width):
            if row[pivot] and pivot in self._rows:
                factor = row[pivot]
                row = [cell - factor * known for cell, known in zip(row, self._rows[pivot], strict=True)]
        return row


def published(leaves: Sequence[Leaf], protected: Protected) -> Knowledge:
    """Everything that somebody learns who reads all tables, and the sum of all."""
    known = Knowledge(len(leaves))
    known.learn(set(range(len(leaves))))
    for number in range(len(leaves)):
        if protected.leaf(number) is not None:
            known.learn({number})
    for table in range(2):
        for group, value in protected.sums(table).items():
            if value is not None:
                known.learn(members_of(leaves, table, group))
    return known


def members_of(leaves: Sequence[Leaf], table: int, group: Hashable) -> set[int]:
    return {number for number, leaf in enumerate(leaves) if leaf.groups[table] == group}


def places_of(leaves: Sequence[Leaf]) -> dict[Hashable, set[int]]:
    places: dict[Hashable, set[int]] = {}
    for number, leaf in enumerate(leaves):
        places.setdefault(leaf.place, set()).add(number)
    return places


def can_be_protected(leaves: Sequence[Leaf]) -> bool:
    """Where all tell of one place, or are few in all, the sum that everybody knows says it."""
    return len(places_of(leaves)) > 1 and sum(leaf.value for leaf in leaves) >= LEAST


@settings(max_examples=300, deadline=None)
@given(leaves_of_a_campaign)
def test_nothing_small_is_shown_and_nothing_small_follows(leaves: list[Leaf]) -> None:
    protected = Protected(leaves)
    shown = [value for number in range(len(leaves)) if (value := protected.leaf(number)) is not None]
    sums = [value for table in range(2) if leaves for value in protected.sums(table).values() if value is not None]
    assert all(value >= LEAST for value in (*shown, *sums))
    if not can_be_protected(leaves):
        return
    known = published(leaves, protected)
    for number, leaf in enumerate(leaves):
        if leaf.value < LEAST:
            assert not known.follows({number}), f"leaf {number} can be worked out"
    for members in places_of(leaves).values():
        if any(leaves[number].value < LEAST for number in members):
            assert not known.follows(members), "the leaves of a small place can be worked out"
    for table in range(2):
        for group, value in protected.sums(table).items():
            members = members_of(leaves, table, group)
            if value is None and sum(leaves[number].value for number in members) < LEAST:
                assert not known.follows(members), f"{group} can be worked out"


@settings(max_examples=200, deadline=None)
@given(leaves_of_a_campaign, st.data())
def test_a_smaller_number_of_the_same_leaves_gives_nothing_of_the_larger_away(
    leaves: list[Leaf], data: st.DataObject
) -> None:
    arrived = [Leaf(data.draw(st.integers(0, leaf.value)), leaf.place, leaf.groups) for leaf in leaves]
    base = Protected(leaves)
    later = Protected(arrived, base)
    assert all(later.leaf(number) is None for number in range(len(leaves)) if base.leaf(number) is None)
    if can_be_protected(leaves):
        # If all have arrived, both numbers of each leaf are the same, and what is known of one is known of both.
        known = published(leaves, base)
        for table in range(2):
            for group, value in later.sums(table).items():
                if value is not None:
                    known.learn(members_of(leaves, table, group))
        assert not any(known.follows({number}) for number, leaf in enumerate(leaves) if leaf.value < LEAST)


def test_what_is_not_small_is_shown() -> None:
    leaves = [Leaf(value, number, ("red", "north")) for number, value in enumerate((7, 9, 30))]
    protected = Protected(leaves)
    assert [protected.leaf(number) for number in range(3)] == [7, 9, 30]
    assert protected.sums(0) == {"red": 46}


def test_a_small_one_takes_the_smallest_of_its_like_with_it() -> None:
    leaves = [Leaf(value, number, ("red", "north")) for number, value in enumerate((2, 9, 30))]
    protected = Protected(leaves)
    assert [protected.leaf(number) for number in range(3)] == [None, None, 30]
    assert protected.sums(1) == {"north": 41}


def test_those_of_one_ward_stand_and_fall_together() -> None:
    north = [
        Leaf(12, "ward", ("red", "north")),
        Leaf(12, "ward", ("green", "north")),
        Leaf(4, "other", ("red", "north")),
    ]
    protected = Protected(north)
    assert [protected.leaf(number) for number in range(3)] == [None] * 3
    assert protected.sums(0) == {"red": None, "green": None}
    assert protected.sums(1) == {"north": 28}

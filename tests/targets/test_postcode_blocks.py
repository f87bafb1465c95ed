"""Postcodes packed into bytes: what goes in comes out, and is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.postcode_blocks import INWARD, Block, UnknownLayoutError, block_of, postcodes_in, unpack

GROUPS = st.dictionaries(st.integers(0, 3999), st.integers(1, 2**31 - 1), max_size=60)


def split_of(told: dict[int, int]) -> tuple[dict[int, int], dict[int, int]]:
    """A part of the postcodes in use, the rest terminated."""
    ended = {number: group for number, group in told.items() if number % 3 == 0}
    return {number: group for number, group in told.items() if number not in ended}, ended


def same(one: Block, other: Block) -> bool:
    return (one.groups(), one.live) == (other.groups(), other.live)


def test_every_inward_code_has_a_number_of_its_own() -> None:
    assert len(INWARD) == 4000
    assert sorted(INWARD.values()) == list(range(4000))
    assert list(INWARD) == sorted(INWARD)


@given(GROUPS)
def test_what_is_packed_is_the_same_unpacked_and_found(told: dict[int, int]) -> None:
    live, ended = split_of(told)
    block = unpack(block_of(live, ended).pack())
    assert same(block, block_of(live, ended))
    for number in range(4000):
        expected = (live[number], False) if number in live else (ended[number], True) if number in ended else None
        assert block.find(number) == expected
    assert (block.live, block.terminated) == (len(live), len(ended))


@given(GROUPS, st.permutations(range(1, 8)))
def test_equal_postcodes_in_equal_groups_make_equal_bytes(told: dict[int, int], groups: list[int]) -> None:
    places = {number: group % 7 for number, group in told.items()}
    final = {number: groups[place] for number, place in places.items()}
    renamed = block_of(*split_of(places)).with_groups(lambda place: groups[place])
    assert renamed.pack() == block_of(*split_of(final)).pack()


def test_more_groups_than_a_byte_tells_apart_take_two() -> None:
    told = {number: number + 1 for number in range(300)}
    block = unpack(block_of(told, {}).pack())
    assert {number: group for number, (group, _) in block.groups().items()} == told
    few = block.with_groups(lambda _: 7)
    assert len(few.pack()) < len(block.pack()) / 2
    assert dict(few.live_groups()) == {7: 300}


def test_a_postcode_takes_three_bytes_and_its_share_of_the_groups() -> None:
    told = {number: number % 10 for number in range(1000)}
    assert len(block_of(told, {}).pack()) == 8 + 10 * 4 + 1000 * 3


def test_postcodes_come_in_their_order() -> None:
    block = block_of({INWARD["1AB"]: 1, INWARD["1AA"]: 1}, {INWARD["0AA"]: 1})
    assert list(postcodes_in("ZZ1", block)) == ["ZZ1 1AA", "ZZ1 1AB"]


def test_a_layout_of_the_future_is_refused() -> None:
    with pytest.raises(UnknownLayoutError, match="layout 9"):
        unpack(b"\x09" + block_of({1: 1}, {}).pack()[1:])

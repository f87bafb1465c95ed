"""Intervals and comparisons, against values that others have published or that follow by hand."""

from __future__ import annotations

import math

import pytest

from app.reporting.chances import LEAST_FOR_A_SHARE, Tried, by_luck, compare, interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    found = interval(successes, trials)
    assert found is not None
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_of_few_nothing_is_told() -> None:
    assert interval(3, LEAST_FOR_A_SHARE - 1) is None
    assert interval(3, LEAST_FOR_A_SHARE) is not None


def test_the_test_is_the_square_root_of_pearsons_chi_square() -> None:
    one, other = Tried("one", 30, 100), Tried("other", 45, 100)
    found = by_luck(one, other)
    # chi² of the table 30, 70 / 45, 55 without continuity correction is 4.8, which has p = 0.0285 with one degree
    chi_square = 200 * (30 * 55 - 45 * 70) ** 2 / (75 * 125 * 100 * 100)
    assert chi_square == pytest.approx(4.8)
    assert found == pytest.approx(math.erfc(math.sqrt(chi_square / 2)))
    assert found == pytest.approx(0.0285, abs=5e-5)


def test_too_little_is_not_compared() -> None:
    assert by_luck(Tried("one", 1, 10), Tried("other", 2, 10)) is None
    assert by_luck(Tried("one", 0, 0), Tried("other", 20, 100)) is None
    assert compare([Tried("one", 1, 10), Tried("other", 2, 10)]) == []


def test_several_comparisons_are_corrected() -> None:
    tried = [Tried("a", 30, 100), Tried("b", 45, 100), Tried("c", 31, 100)]
    found = compare(tried)
    alone = [chance for one, other in ((0, 1), (1, 2), (0, 2)) if (chance := by_luck(tried[one], tried[other]))]
    assert alone[0] < 0.05
    assert [one.chance for one in found] == pytest.approx([3 * alone[0], max(3 * alone[0], 2 * alone[1]), alone[2]])
    assert not any(one.differs for one in found), "a difference of one in twenty is not one when three are looked at"


def test_a_plain_difference_is_seen() -> None:
    [found] = compare([Tried("a", 300, 1000), Tried("b", 450, 1000)])
    assert found.differs

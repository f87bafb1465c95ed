"""How sure a share is, and whether shares differ: a few formulas of statistics, exact enough to be told. Pure.

The interval is Wilson's (1927), which is honest for few letters and for shares near nothing. Differences are tested by
the pooled two-proportion z test, and the p values of several comparisons corrected by Holm's method (1979), so that who
compares many variants does not find a difference by luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

LEAST_FOR_A_SHARE = 20
"""Below so many trials no share is told: its interval would say nothing."""
LEAST_EXPECTED = 5
"""What the z test needs to be expected of either outcome on both sides."""
SURE = 0.05
"""The chance of finding a difference where there is none that we put up with, over all comparisons together."""

_Z = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""


class Interval(NamedTuple):
    """Where a share lies with a certainty of 95 %."""

    low: float
    high: float


def interval(successes: int, trials: int) -> Interval | None:
    """Wilson's interval for a share; none for too few trials."""
    if trials < LEAST_FOR_A_SHARE:
        return None
    share, square = successes / trials, _Z**2
    middle = share + square / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    scale = 1 + square / trials
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


@dataclass(frozen=True, slots=True)
class Tried:
    """How often something was tried, and how often it came off."""

    name: str
    successes: int
    trials: int

    @property
    def share(self) -> float:
        """The share that came off."""
        return self.successes / self.trials if self.trials else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two that were compared."""

    one: Tried
    other: Tried
    chance: float
    """How likely so large a difference would be by luck alone, corrected for the number of comparisons."""

    @property
    def differs(self) -> bool:
        """Whether luck alone hardly explains it."""
        return self.chance < SURE


def compare(tried: Sequence[Tried]) -> list[Comparison]:
    """Every pair that can be compared, the surest difference first; pairs with too little to go by are left out."""
    pairs = [(one, other, by_luck(one, other)) for one, other in combinations(tried, 2)]
    tested = sorted(
        ((one, other, chance) for one, other, chance in pairs if chance is not None), key=lambda row: row[2]
    )
    found: list[Comparison] = []
    highest = 0.0
    for place, (one, other, chance) in enumerate(tested):
        highest = max(highest, min(1.0, chance * (len(tested) - place)))
        found.append(Comparison(one, other, highest))
    return found


def by_luck(one: Tried, other: Tried) -> float | None:
    """The two-sided p value of the pooled z test; none where too little is to be expected of either outcome."""
    if not (one.trials and other.trials):
        return None
    pooled = (one.successes + other.successes) / (one.trials + other.trials)
    expected = min(trials * share for trials in (one.trials, other.trials) for share in (pooled, 1 - pooled))
    if expected < LEAST_EXPECTED:
        return None
    error = math.sqrt(pooled * (1 - pooled) * (1 / one.trials + 1 / other.trials))
    return math.erfc(abs(one.share - other.share) / error / math.sqrt(2))

"""Letters an hour: how many may leave now, and when the next one may. Pure.

Bursts are what makes a receiver turn mail away: letters leave one after the other, with a pause between them that is
never the same.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random

BURST = 5
"""Letters that a lane which was quiet may send at once: one supporter's letters to their ward."""

BURST_MINUTES = 1
"""Or as many as its pace gives in this time, if that is more: workers look only so often."""


def slots_at(next_at: datetime | None, pace: int, now: datetime, most: int) -> int:
    """How many letters may leave now, `most` at the most; `next_at` is when the next one may, or none."""
    if next_at is None:
        return min(most, _burst(pace))
    late = (now - next_at) / _interval(pace)
    return 0 if late < 0 else min(most, _burst(pace), math.floor(late) + 1)


def next_turn(next_at: datetime | None, pace: int, taken: int, now: datetime, random: Random) -> datetime:
    """When the next letter may leave after `taken` have left now. The pauses differ by up to a half."""
    interval = _interval(pace)
    longest_ago = now - interval * (_burst(pace) - 1)
    start = longest_ago if next_at is None else max(next_at, longest_ago)
    return start + sum((interval * random.uniform(0.5, 1.5) for _ in range(taken)), timedelta())


def _interval(pace: int) -> timedelta:
    return timedelta(hours=1) / pace


def _burst(pace: int) -> int:
    return max(BURST, math.ceil(pace * BURST_MINUTES / 60))

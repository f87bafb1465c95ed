"""When a campaign's goal is worth showing. Pure.

A bar that is nearly empty tells people that nobody cares; a number far off discourages whoever reads it first.
"""

from __future__ import annotations

FEWEST = 5
SHARE = 10
"""One in so many of the goal."""


def goal_shown(goal: int | None, count: int) -> bool:
    """Whether the page says how far `count` people have come towards the goal."""
    return goal is not None and count >= FEWEST and count * SHARE >= goal

"""Whether an import would take so many people away that its file is more likely cut off than right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from app.targets.changes import Stored

ALWAYS_MAY_LEAVE = 5
"""So many may leave at once, however few they are: a small council's by-elections."""
SHARE_THAT_MAY_LEAVE = 1 / 3


class WouldShrinkError(Exception):
    """An import would archive too many of a list's people, or of one council's; nothing was changed."""

    def __init__(self, shrinking: Mapping[str, tuple[int, int]], added: int) -> None:
        counts = "; ".join(f"{leaving} of the {people} {where}" for where, (leaving, people) in shrinking.items())
        super().__init__(
            f"This would archive {counts}, and add {added}. Nothing was changed: is the file whole? "
            "If they have really left, after an election for example, say so with --allow-shrink."
        )


def refuse_shrinking(
    slug: str, current: Iterable[Stored], leaving: Iterable[Stored], councils: Mapping[int, str], added: int
) -> None:
    """Stop an import that would archive more than a third, and more than five, of a list or of a council on it.

    Args:
        slug: the list's.
        current: its targets that are not archived.
        leaving: those of them that would be.
        councils: the name of each area's council, by the area's id.
        added: how many would be new.

    Raises:
        WouldShrinkError: it would.
    """
    before, gone = _count(slug, current, councils), _count(slug, leaving, councils)
    shrinking = {
        where: (number, before[where])
        for where, number in gone.items()
        if number > ALWAYS_MAY_LEAVE and number > before[where] * SHARE_THAT_MAY_LEAVE
    }
    if shrinking:
        raise WouldShrinkError(shrinking, added)


def _count(slug: str, targets: Iterable[Stored], councils: Mapping[int, str]) -> Counter[str]:
    """Count targets on the list and in each council."""
    counts: Counter[str] = Counter()
    for target in targets:
        counts[f"on {slug}"] += 1
        if council := councils.get(target.values["area_id"] or 0):
            counts[f"in {council}"] += 1
    return counts

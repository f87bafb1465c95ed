"""Whether an import would take people away who may not have left: its file may be cut off, or not readable in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from app.targets.changes import Stored, cut
from app.targets.records import Rejected

ALWAYS_MAY_LEAVE = 5
"""So many may leave at once, however few they are: a small council's by-elections."""
SHARE_THAT_MAY_LEAVE = 1 / 3
_SHOWN = 3


class WouldShrinkError(Exception):
    """An import would archive people who may not have left; nothing was changed."""


class TooManyLeaveError(WouldShrinkError):
    """They are too many of a list's people, or of one council's."""

    def __init__(self, shrinking: Mapping[str, tuple[int, int]], added: int) -> None:
        self.shrinking = shrinking
        counts = "; ".join(f"{leaving} of the {people} {where}" for where, (leaving, people) in shrinking.items())
        super().__init__(
            f"This would archive {counts}, and add {added}. Nothing was changed: is the file whole? "
            "If they have really left, after an election for example, say so with --allow-shrink."
        )


class UnclearLeaversError(WouldShrinkError):
    """Rows were rejected that do not say whom they are about: it may be those who would be archived."""

    def __init__(self, names: Sequence[str], nameless: Sequence[Rejected]) -> None:
        rows = "One row was" if len(nameless) == 1 else f"{len(nameless)} rows were"
        would = "1 person" if len(names) == 1 else f"{len(names)} people"
        super().__init__(
            f"{rows} rejected without saying whom {'it is' if len(nameless) == 1 else 'they are'} about "
            f"({'; '.join(cut(nameless, shown=_SHOWN))}), and this would archive {would} "
            f"({', '.join(cut(names, shown=_SHOWN))}): the two may be the same. Nothing was changed: put the rows "
            "right, or say that these people have left with --allow-shrink."
        )


def refuse_unclear(leaving: Sequence[str], nameless: Sequence[Rejected]) -> None:
    """Stop an import that would archive people while rows of its file, of whoever they are, could not be read.

    Args:
        leaving: the names of those who would be archived.
        nameless: rejected rows that do not say whom they are about.

    Raises:
        UnclearLeaversError: there are both.
    """
    if leaving and nameless:
        raise UnclearLeaversError(leaving, nameless)


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
        TooManyLeaveError: it would.
    """
    before, gone = _count(slug, current, councils), _count(slug, leaving, councils)
    shrinking = {
        where: (number, before[where])
        for where, number in gone.items()
        if number > ALWAYS_MAY_LEAVE and number > before[where] * SHARE_THAT_MAY_LEAVE
    }
    if shrinking:
        raise TooManyLeaveError(shrinking, added)


def _count(slug: str, targets: Iterable[Stored], councils: Mapping[int, str]) -> Counter[str]:
    """Count targets on the list and in each council."""
    counts: Counter[str] = Counter()
    for target in targets:
        counts[f"on {slug}"] += 1
        if council := councils.get(target.values["area_id"] or 0):
            counts[f"in {council}"] += 1
    return counts

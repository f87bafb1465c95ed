"""Areas where all whom a campaign means are without an e-mail address, the largest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.actions.search import Meant
from app.sentences import say as _l
from app.targets.known_areas import AnyArea
from app.targets.postcode_counts import groups_with_counts

LARGEST = 10
"""How many are named."""


@dataclass(slots=True)
class SilentAreas:
    """Fills with those of an area that a campaign means, whoever it is that goes through them."""

    _names: dict[int, str] = field(default_factory=dict)
    """What the areas are called where somebody has no address."""
    _answered: set[int] = field(default_factory=set)
    """Those where somebody has one, or is left out: whoever lives there is told that no letter is needed."""

    def add(self, meant: Meant) -> None:
        """Look at one more."""
        if meant.area is None:
            return
        if meant.reachable or meant.excluded:
            self._answered.add(meant.area.id)
        elif meant.area.id not in self._names:
            self._names[meant.area.id] = _called(meant.area)

    def sentence(self, session: Session) -> str:
        """Name the largest, by the postcodes in use that lie in them: a space and a sentence, or nothing."""
        silent = {area_id: name for area_id, name in self._names.items() if area_id not in self._answered}
        if not silent:
            return ""
        postcodes = _look(session, silent, self._answered)
        within = postcodes.within
        ranked = sorted(silent.items(), key=lambda each: (-within[each[0]], each[1]))
        named = tuple(
            _l("%(area)s (%(postcodes)s)", area=name, postcodes=_counted(within[area_id]))
            for area_id, name in ranked[:LARGEST]
        )
        areas = _l("1 area") if len(silent) == 1 else _l("%(number)s areas", number=len(silent))
        which = (
            _l("the %(number)s largest are %(areas)s", number=LARGEST, areas=named) if len(silent) > LARGEST else named
        )
        return _l(
            " In %(areas)s nobody has one: %(which)s.%(others)s", areas=areas, which=which, others=_others(postcodes)
        )


@dataclass(slots=True)
class _Postcodes:
    """Postcodes in use that lie in silent areas."""

    within: Counter[int] = field(default_factory=Counter)
    """By area; one that straddles counts in each of its own."""
    all: int = 0
    lost: int = 0
    """Those that lie in no area where somebody answers, so that nobody is found."""


def _look(session: Session, silent: Collection[int], answered: Collection[int]) -> _Postcodes:
    found, answering = _Postcodes(), set(answered)
    for group in groups_with_counts(session):
        if inside := [area_id for area_id in group.area_ids if area_id in silent]:
            found.within.update(dict.fromkeys(inside, group.live))
            found.all += group.live
            found.lost += group.live if answering.isdisjoint(group.area_ids) else 0
    return found


def _others(postcodes: _Postcodes) -> str:
    """Who lives in a silent area may have others to write to, as in two tiers: then it is said, or nothing."""
    if postcodes.lost == postcodes.all:
        return ""
    if not postcodes.lost:
        return _l(" Supporters who live there write to others who answer for them.")
    return _l(
        " At %(lost)s of these %(all)s postcodes supporters find nobody; at the rest they write to others.",
        lost=postcodes.lost,
        all=postcodes.all,
    )


def _called(area: AnyArea) -> str:
    return f"{area.name}, {area.parent.name}" if area.parent else area.name


def _counted(postcodes: int) -> str:
    return _l("1 postcode") if postcodes == 1 else _l("%(number)s postcodes", number=postcodes)

"""What it takes to know whom a supporter finds: asked of the registry for one of them, or read for all of them at once.

Who gets a letter is decided in `app.actions.recipients`, from either of the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actions.search import Excluded, Meant, Search, fallback_targets, search_areas
from app.campaigns.models import Campaign
from app.targets.known_areas import AnyArea
from app.targets.models import Area, Target


class Lookup(Protocol):
    """Answers what a campaign's rule asks of the registry."""

    def search(self, areas: Sequence[AnyArea]) -> Search:
        """Return those whom the campaign means among the office holders of these areas."""

    def fallback(self) -> Sequence[Target]:
        """Return those whom it writes to where nobody is found."""

    def area(self, area_id: int) -> AnyArea | None:
        """Return an area with its parent; none where there is no such area."""


@dataclass(frozen=True, slots=True)
class ForOne:
    """Asks the database: what is needed for one supporter is little."""

    session: Session
    campaign: Campaign

    def search(self, areas: Sequence[AnyArea]) -> Search:
        """Return what `Lookup` says."""
        return search_areas(self.session, self.campaign, areas)

    def fallback(self) -> Sequence[Target]:
        """Return what `Lookup` says."""
        return fallback_targets(self.session, self.campaign)

    def area(self, area_id: int) -> AnyArea | None:
        """Return what `Lookup` says."""
        return self.session.get(Area, area_id, options=[joinedload(Area.parent)])


@dataclass(slots=True)
class _Holders:
    """Of those whom a campaign means in an area, one of each sort: whether there is any is all that is asked."""

    reachable: list[Target] = field(default_factory=list)
    mute: list[Target] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)

    def add(self, meant: Meant) -> None:
        if meant.excluded:
            self.excluded = self.excluded or [Excluded(meant.target, meant.excluded)]
        elif meant.reachable:
            self.reachable = self.reachable or [meant.target]
        else:
            self.mute = self.mute or [meant.target]


class ForAll:
    """Knows it for the whole country, in three statements; of each sort of targets in an area it has one."""

    def __init__(self, session: Session, campaign: Campaign, everybody: Iterable[Meant]) -> None:
        """Read.

        Args:
            session: only read from.
            campaign: one with the rule `area`.
            everybody: whom the campaign means, as `app.actions.everybody.everybody` gives them.
        """
        self._areas = {area.id: area for area in session.scalars(select(Area))}  # their parents among them
        self._holders: defaultdict[int, _Holders] = defaultdict(_Holders)
        for meant in everybody:
            if meant.area is not None:
                self._holders[meant.area.id].add(meant)
        self._fallback = fallback_targets(session, campaign)

    def search(self, areas: Sequence[AnyArea]) -> Search:
        """Return what `Lookup` says, with one target of each sort for each area."""
        here = [self._holders[area.id] for area in areas if area.id in self._holders]
        return Search(
            [target for holders in here for target in holders.reachable],
            [target for holders in here for target in holders.mute],
            [excluded for holders in here for excluded in holders.excluded],
        )

    def fallback(self) -> Sequence[Target]:
        """Return what `Lookup` says."""
        return self._fallback

    def area(self, area_id: int) -> AnyArea | None:
        """Return what `Lookup` says."""
        return self._areas.get(area_id)

"""Imports by staff: published files of targets into the registry, all or nothing.

Each function works in the caller's transaction. Importing the same file twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.targets.areas import store_areas
from app.targets.changes import Changes
from app.targets.elections import store_next_elections
from app.targets.freshness import refresh_staleness
from app.targets.importers.parsed import Format, Parsed
from app.targets.lists import ListHead, store_list
from app.targets.models import ListOwner
from app.targets.overlay import Standing
from app.targets.overrides import expire_overrides
from app.targets.places import Places
from app.targets.placing import place_rows
from app.targets.records import (
    Council,
    Progress,
    Provenance,
    Rejected,
    no_progress,
)
from app.targets.turn import take_turn
from app.targets.vacancies import store_vacancies

_SHOWN = 5


class NothingToImportError(ValueError):
    """No row of the file can be used. Nothing was changed: an empty file does not say that everybody has left."""

    def __init__(self, rejected: Sequence[Rejected]) -> None:
        reasons = "; ".join(map(str, rejected[:_SHOWN])) or "the file has no rows"
        super().__init__(f"There is nothing to import: {reasons}")
        self.rejected = rejected


@dataclass(frozen=True, slots=True)
class TargetImport:
    """What an import of targets did."""

    areas: Changes
    targets: Changes
    """To the list; `gone` are archived."""
    rejected: tuple[Rejected, ...]
    """Rows that were not taken."""
    remarks: tuple[Rejected, ...] = ()
    """What was cleaned or left out of rows that were."""
    vacant: int = 0
    """Seats that the file says are vacant."""
    ended: tuple[Standing, ...] = ()
    """Overrides, of whichever list, whose time had passed."""


def import_targets(
    session: Session,
    parsed: Parsed,
    *,
    form: Format,
    list_slug: str,
    provenance: Provenance,
    now: datetime,
    council: Council | None = None,
    list_name: str = "",
    allow_shrink: bool = False,
    progress: Progress = no_progress,
) -> TargetImport:
    """Make a list hold exactly the parsed rows; who left is archived as of `now`.

    Overrides whose time has passed end first. A council's wards that the registry does not have yet become areas, and
    so does `council`, the one that the whole file is about; a row of any other place that is not known is rejected. A
    target whose row was rejected stays as it is. When councils are elected next is kept where the file tells it.

    Raises:
        NothingToImportError: no row was usable.
        NotFoundError: the code of `council` is that of another kind of area.
        ListOwnedError: a list of that name is kept by the files of `targets/`.
        WouldShrinkError: so many would be archived that the file seems cut off, or some would of whom a rejected row
            may speak, and `allow_shrink` does not say that they have left.
    """
    take_turn(session)
    ended = expire_overrides(session, now)
    places = Places(session, council, provenance.as_of)
    placed = place_rows(parsed, places, form.confidence)
    if not placed.records:
        raise NothingToImportError(placed.rejected)
    areas = store_areas(session, places.new)
    of_council = f"{places.council('').name}: councillors" if council else form.title
    targets = store_list(
        session,
        ListHead(list_slug, list_name or of_council, ListOwner.IMPORT, provenance, format=form.name),
        placed.records.values(),
        now,
        rejected=placed.rejected,
        allow_shrink=allow_shrink,
    )
    store_vacancies(session, list_slug, placed.seats)
    placed.rejected += store_next_elections(
        session, parsed.elections, places.council_code, provenance.source, as_of=provenance.as_of
    )
    refresh_staleness(session)
    progress(len(placed.records), len(placed.records))
    return TargetImport(
        areas,
        targets,
        tuple(placed.rejected),
        tuple(placed.remarks),
        placed.seats.total(),
        tuple(ended),
    )

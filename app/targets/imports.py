"""Imports by staff: published files of councillors into the registry, all or nothing.

Each function works in the caller's transaction. Importing the same file twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.targets.areas import council_record, store_areas, ward_code, ward_record
from app.targets.changes import Changes
from app.targets.importers.edinburgh import CouncillorRow, Parsed
from app.targets.lists import ListHead, store_list
from app.targets.models import ListOwner
from app.targets.records import (
    Council,
    Progress,
    Provenance,
    Rejected,
    TargetRecord,
    TargetRole,
    no_progress,
)
from app.targets.turn import take_turn

_SHOWN = 5


class NothingToImportError(ValueError):
    """No row of the file can be used. Nothing was changed: an empty file does not say that everybody has left."""

    def __init__(self, rejected: Sequence[Rejected]) -> None:
        reasons = "; ".join(map(str, rejected[:_SHOWN])) or "the file has no rows"
        super().__init__(f"There is nothing to import: {reasons}")
        self.rejected = rejected


@dataclass(frozen=True, slots=True)
class TargetImport:
    """What an import of targets did: to the areas, to the list (`gone` are archived), and the rows it rejected."""

    areas: Changes
    targets: Changes
    rejected: tuple[Rejected, ...]


def import_councillors(
    session: Session,
    parsed: Parsed,
    *,
    council: Council,
    list_slug: str,
    provenance: Provenance,
    now: datetime,
    progress: Progress = no_progress,
) -> TargetImport:
    """Make a council's list of councillors hold exactly the parsed rows; who left is archived as of `now`.

    The council and its wards become areas. A councillor whose row was rejected stays as they are.

    Raises:
        NothingToImportError: no row was usable.
        ListOwnedError: a list of that name is kept by the files of `targets/`.
    """
    if not parsed.rows:
        raise NothingToImportError(parsed.rejected)
    take_turn(session)
    wards = {ward_code(council, row.ward): ward_record(council, row.ward) for row in parsed.rows}
    areas = store_areas(session, [council_record(council), *wards.values()])
    head = ListHead(list_slug, f"{council.name}: councillors", ListOwner.IMPORT, provenance)
    records = [_councillor(row, council) for row in parsed.rows]
    keep = {row.external_id for row in parsed.rejected}
    targets = store_list(session, head, records, now, keep=keep)
    progress(len(records), len(records))
    session.expire_all()
    return TargetImport(areas, targets, parsed.rejected)


def _councillor(row: CouncillorRow, council: Council) -> TargetRecord:
    return TargetRecord(
        external_id=row.external_id,
        role=TargetRole.COUNCILLOR,
        name=row.name,
        salutation=row.salutation,
        organisation=council.name,
        email=row.email,
        party=row.party,
        area_code=ward_code(council, row.ward),
    )

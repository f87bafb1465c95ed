"""Imports by staff: published files of councillors and postcodes into the registry, all or nothing.

Each function works in the caller's transaction. Importing the same file twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.targets.areas import area_ids, council_record, store_areas, ward_code, ward_record
from app.targets.changes import Changes
from app.targets.importers.edinburgh import PostcodeRow, parse_postcodes
from app.targets.importers.parsed import Parsed, TargetRow
from app.targets.lists import ListHead, store_list
from app.targets.models import ListOwner
from app.targets.postcode_sets import SetChanges, SourceHead, gather, store_postcodes
from app.targets.records import (
    AreaRecord,
    Council,
    PostcodeRecord,
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


@dataclass(frozen=True, slots=True)
class PostcodeImport:
    """What an import of postcodes did: to the areas, to the set (`gone` are removed), and the rows it rejected."""

    areas: Changes
    postcodes: SetChanges
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
    wards = {ward_code(council, ward): ward_record(council, ward) for ward in map(_ward, parsed.rows)}
    areas = store_areas(session, [council_record(council), *wards.values()])
    head = ListHead(list_slug, f"{council.name}: councillors", ListOwner.IMPORT, provenance)
    records = [_councillor(row, council) for row in parsed.rows]
    keep = {row.external_id for row in parsed.rejected}
    targets = store_list(session, head, records, now, keep=keep)
    progress(len(records), len(records))
    session.expire_all()
    return TargetImport(areas, targets, parsed.rejected)


def import_postcodes(
    session: Session,
    file: Path,
    *,
    council: Council,
    source_slug: str,
    provenance: Provenance,
    progress: Progress = no_progress,
) -> PostcodeImport:
    """Make a source hold exactly the postcodes of the file, each in its ward or wards and in the council.

    Wards that the registry does not have are added, so that councillors and postcodes may come in either order; the
    summary names them.

    Raises:
        NothingToImportError: no row was usable.
        OSError: the file cannot be read.
    """
    wards: dict[str, AreaRecord] = {}
    rejected: list[Rejected] = []
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        codes = gather(_placed(parse_postcodes(lines), council, wards, rejected))
    if not codes:
        raise NothingToImportError(rejected)
    take_turn(session)
    known = area_ids(session)
    new = [ward for code, ward in wards.items() if code not in known]
    areas = store_areas(session, [council_record(council), *new])
    postcodes = store_postcodes(session, SourceHead(source_slug, provenance), codes, progress)
    session.expire_all()
    return PostcodeImport(areas, postcodes, tuple(rejected))


def _ward(row: TargetRow) -> str:
    return row.place.name if row.place else ""


def _councillor(row: TargetRow, council: Council) -> TargetRecord:
    return TargetRecord(
        external_id=row.external_id,
        role=TargetRole.COUNCILLOR,
        name=row.name,
        salutation=row.salutation,
        organisation=council.name,
        email=row.email,
        party=row.party,
        area_code=ward_code(council, _ward(row)),
    )


def _placed(
    rows: Iterable[PostcodeRow | Rejected], council: Council, wards: dict[str, AreaRecord], rejected: list[Rejected]
) -> Iterator[PostcodeRecord]:
    """Yield each row with its areas' codes; wards that are met and rows that are rejected are put into the last two."""
    areas: dict[str, frozenset[str]] = {}
    for row in rows:
        if isinstance(row, Rejected):
            rejected.append(row)
            continue
        if row.ward not in areas:
            ward = ward_record(council, row.ward)
            wards.setdefault(ward.code, ward)
            areas[row.ward] = frozenset({council.code, ward.code})
        yield PostcodeRecord(row.postcode, areas[row.ward])

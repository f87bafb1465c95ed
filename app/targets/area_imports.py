"""Imports of areas' names by staff: lists of GSS codes, without postcodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from app.targets.areas import area_ids, store_areas
from app.targets.changes import Changes
from app.targets.freshness import refresh_staleness
from app.targets.gss import kind_of
from app.targets.importers.code_lists import CodeList
from app.targets.imports import NothingToImportError
from app.targets.records import AreaRecord
from app.targets.rejections import Rejections
from app.targets.turn import take_turn


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What an import of names did, and the rows that it rejected."""

    areas: Changes
    rejections: Rejections


def import_code_lists(session: Session, files: Sequence[Path]) -> AreaImport:
    """Add and rename areas as the files say, in the caller's transaction; none is taken away.

    Where the files do not tell what an area lies in, it stays where it is; postcodes tell it later.

    Raises:
        NotThisFormatError: a file is no list of codes and names.
        NothingToImportError: no row was usable.
        OSError: a file cannot be read.
    """
    code_list = CodeList()
    for file in files:
        code_list.add(file.read_bytes(), file.name)
    if not code_list.names:
        raise NothingToImportError(code_list.rejections.shown)
    take_turn(session)
    known = area_ids(session).keys() | code_list.names.keys()
    parents = {code: parent for code, parent in code_list.parents.items() if parent in known}
    records = [
        AreaRecord(code, name, kind, parents.get(code, ""))
        for code, name in code_list.names.items()
        if (kind := kind_of(code))
    ]
    areas = store_areas(session, records)
    refresh_staleness(session)  # wards may lie in another council now
    return AreaImport(areas, code_list.rejections)

"""The rows of a published file, each put into its area; what cannot be is rejected with its line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app.targets.fields import FieldError
from app.targets.importers.parsed import Parsed, TargetRow
from app.targets.models import WARDS, Confidence
from app.targets.places import Known, Places
from app.targets.records import Rejected, TargetRecord


@dataclass(slots=True)
class Placed:
    """What a file says, in the registry's own codes."""

    rejected: list[Rejected]
    remarks: list[Rejected]
    records: dict[str, TargetRecord] = field(default_factory=dict)
    seats: Counter[str] = field(default_factory=Counter)
    """Vacant seats by the code of their ward."""


def place_rows(parsed: Parsed, places: Places, confidence: Confidence) -> Placed:
    """Put every row and vacant seat into its place, or reject it."""
    placed = Placed(list(parsed.rejected), list(parsed.remarks))
    for row in parsed.rows:
        try:
            _take(row, placed, places, confidence)
        except FieldError as error:
            placed.rejected.append(Rejected(row.line, str(error), row.external_id))
    for seat in parsed.vacancies:
        try:
            placed.seats[places.find(seat.place).code] += 1
        except FieldError as error:
            placed.rejected.append(Rejected(seat.line, f"of a vacant seat, {error}", nobody=True))
    return placed


def _take(row: TargetRow, placed: Placed, places: Places, confidence: Confidence) -> None:
    """Take a row.

    Raises:
        FieldError: it is there already, or in no place that the registry has.
    """
    if row.external_id in placed.records:
        raise FieldError(f"{row.external_id} is in the file already")
    area = places.find(row.place) if row.place else None
    if area is None and row.role.area_kinds:
        raise FieldError(f"a {row.role} needs a {' or a '.join(row.role.area_kinds)}")
    if area and area.ended_on and area.ended_on <= places.day:
        remark = (
            f"the {area.kind} {area.name} ceased to exist on {area.ended_on}; postcodes may not lead to it any more"
        )
        placed.remarks.append(Rejected(row.line, remark, row.external_id))
    placed.records[row.external_id] = _record(row, area, places, confidence)


def _record(row: TargetRow, area: Known | None, places: Places, confidence: Confidence) -> TargetRecord:
    """Return the row as a record; a ward's councillor belongs to its council where the file names no organisation."""
    of_council = places.name_of(area.parent) if area and area.kind in WARDS else ""
    return TargetRecord(
        external_id=row.external_id,
        role=row.role,
        name=row.name,
        salutation=row.salutation,
        organisation=row.organisation or of_council,
        email=row.email,
        email_untold=row.email_untold,
        address=row.address,
        party=row.party,
        area_code=area.code if area else "",
        registration=row.registration,
        attributes=row.attributes,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source_url=row.source_url,
        confidence=confidence,
    )

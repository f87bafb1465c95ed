"""An invented borough as records, and a count of the statements that a piece of work needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.targets.datasets import Dataset, DatasetHead, Holds
from app.targets.importers.parsed import Format, Parsed, Place, TargetRow
from app.targets.imports import TargetImport, import_targets
from app.targets.models import AreaKind, Confidence
from app.targets.records import AreaRecord, Council, PostcodeRecord, Provenance, TargetRecord, TargetRole

SOURCE = Provenance("Invented for a test", date(2026, 11, 1), "CC0-1.0")
ZEDMERE = Council("Z09000001", "Zedmere")
AREAS = (
    AreaRecord("Z05000001", "Canalside", AreaKind.WARD, "Z09000001"),
    AreaRecord("Z05000003", "Hilltop", AreaKind.WARD, "Z09000001"),
    AreaRecord("Z09000001", "Zedmere", AreaKind.COUNCIL),
    AreaRecord("Z14000001", "Zedmere and Thornby", AreaKind.CONSTITUENCY),
)
ALICE = TargetRecord(
    "c-1",
    TargetRole.COUNCILLOR,
    "Alice Sample",
    "Dear Cllr Sample",
    organisation="Zedmere Borough Council",
    email="alice@zedmere.example",
    area_code="Z05000001",
)
BOB = replace(ALICE, external_id="c-2", name="Bob Verde", salutation="Dear Cllr Verde", email="bob@zedmere.example")
CHARLIE = replace(
    ALICE, external_id="c-3", name="Charlie Moss", salutation="Dear Cllr Moss", email="", area_code="Z05000003"
)
"""The borough's councillors as its files have them."""

ALICE_ROW = TargetRow(
    "line 2",
    "115",
    TargetRole.COUNCILLOR,
    "Alice Sample",
    "Dear Cllr Sample",
    Place(AreaKind.WARD, "Canalside"),
    email="alice@zedmere.example",
    party="Lantern Party",
)
BOB_ROW = replace(
    ALICE_ROW, external_id="116", name="Bob Verde", salutation="Dear Cllr Verde", email="bob@zedmere.example"
)
CHARLIE_ROW = replace(
    ALICE_ROW,
    external_id="117",
    place=Place(AreaKind.WARD, "Hilltop"),
    name="Charlie Moss",
    salutation="Dear Cllr Moss",
    email="",
)
"""They as an importer returns them."""


def head(slug: str, holds: Holds, *, demo: bool = True, as_of: date = SOURCE.as_of) -> DatasetHead:
    """What a dataset is."""
    return DatasetHead(slug, holds, f"The list {slug}", replace(SOURCE, as_of=as_of), demo)


def places(*more: AreaRecord, demo: bool = True) -> Dataset:
    """The areas of the borough, and more."""
    return Dataset(head("places", Holds.AREAS, demo=demo), areas=(*AREAS, *more))


def postcodes(slug: str, areas: dict[str, str], *, demo: bool = True, as_of: date = SOURCE.as_of) -> Dataset:
    """Postcodes with their area codes, separated by spaces."""
    rows = tuple(PostcodeRecord(postcode, frozenset(codes.split())) for postcode, codes in areas.items())
    return Dataset(head(slug, Holds.POSTCODES, demo=demo, as_of=as_of), postcodes=rows)


def targets(slug: str, *rows: TargetRecord, demo: bool = True, as_of: date = SOURCE.as_of) -> Dataset:
    """A list of targets."""
    return Dataset(head(slug, Holds.TARGETS, demo=demo, as_of=as_of), targets=rows)


COUNCILLORS = Format("councillors", "Councillors", lambda _: Parsed(()), Confidence.OFFICIAL, one_council=True)
"""A format, for what has been parsed already."""


def load(session: Session, now: datetime, parsed: Parsed, **options: Any) -> TargetImport:
    """Import what a file says into the list `zedmere-councillors`; any option may be replaced."""
    usual: dict[str, Any] = {
        "form": COUNCILLORS,
        "council": ZEDMERE,
        "list_slug": "zedmere-councillors",
        "provenance": SOURCE,
        "now": now,
    }
    return import_targets(session, parsed, **usual | options)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Collect what the database is asked; a statement for many rows counts once."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)

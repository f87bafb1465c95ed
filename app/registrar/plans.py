"""How a file is to be read and what it is to fill: what staff say of a file before it is taken over."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy.orm import Session

from app.targets.areas import council_called
from app.targets.importers.formats import FORMATS
from app.targets.importers.mapping import Mapping
from app.targets.importers.parsed import Format
from app.targets.importers.plain_csv import NAME, table_format
from app.targets.importers.sheets import header_names
from app.targets.imports import TargetImport, import_targets
from app.targets.records import Provenance, TargetRole


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said of a file; empty until somebody has."""

    format: str = ""
    """`csv` for a table whose columns are mapped, else one of `FORMATS`."""
    role: str = ""
    columns: tuple[str, ...] = ()
    """The mapping as texts (`field=column`), where `format` is `csv`."""
    list_slug: str = ""
    list_name: str = ""
    source: str = ""
    source_url: str = ""
    as_of: str = ""
    """As ISO 8601 writes it."""
    licence: str = ""
    council_code: str = ""
    council_name: str = ""

    @classmethod
    def read(cls, stored: AnyMapping[str, Any]) -> Self:
        """Return the plan that `stored` made."""
        known = {one.name for one in fields(cls)}
        held = {name: value for name, value in stored.items() if name in known}
        return cls(**{**held, "columns": tuple(held.get("columns", ()))})

    def stored(self) -> dict[str, Any]:
        """Return the plan as a row keeps it."""
        return {**asdict(self), "columns": list(self.columns)}

    @property
    def complete(self) -> bool:
        """Whether there is enough to read the file and fill a list."""
        rows = self.role if self.format == NAME else self.format
        return all((self.format, rows, self.list_slug, self.source, self.as_of, self.licence))

    def form(self, raw: bytes) -> Format:
        """Return the format that the file is read by.

        Raises:
            MappingError: the mapping cannot be used.
            NotThisFormatError: the file is no table.
        """
        if self.format != NAME:
            return FORMATS[self.format]
        return table_format(Mapping.parse(self.columns, header_names(raw)), TargetRole(self.role))


def own_list(form: Format, council_code: str) -> str:
    """Return the list that files of a format fill by themselves; empty where somebody has to say which."""
    if form.one_council:
        return f"councillors-{council_code.lower()}" if council_code else ""
    return form.list_slug


def carry_out(session: Session, raw: bytes, plan: Plan, *, allow_shrink: bool, now: datetime) -> TargetImport:
    """Import a file as its plan says, in the caller's transaction.

    Raises:
        ValueError, WouldShrinkError and others: as `import_targets` and `Plan.form` do.
    """
    form = plan.form(raw)
    return import_targets(
        session,
        form.parse(raw),
        form=form,
        list_slug=plan.list_slug,
        list_name=plan.list_name,
        provenance=Provenance(plan.source, date.fromisoformat(plan.as_of), plan.licence, plan.source_url),
        now=now,
        council=council_called(session, plan.council_code, plan.council_name) if form.one_council else None,
        allow_shrink=allow_shrink,
    )

"""What staff say of a file: the form and what it offers, and a mapping of columns, from a plan and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.registrar.models import Upload
from app.registrar.plans import Plan, own_list
from app.targets.areas import plain
from app.targets.fields import FieldError
from app.targets.importers.formats import FORMATS
from app.targets.importers.mapping import FIELDS, Mapping, MappingError
from app.targets.importers.parsed import NotThisFormatError
from app.targets.importers.plain_csv import NAME as CSV
from app.targets.importers.plain_csv import guess_mapping
from app.targets.importers.sheets import TableRow, folded, header_names, read_table
from app.targets.models import ListOwner, TargetList
from app.targets.records import TargetRole
from app.web.organise.targets.forms import PlanForm
from app.web.organise.targets.words import field_words, format_words, role_meaning, role_of_target

SAMPLES = 3
LONGEST_SLUG = 80


def column_names(header: Sequence[str]) -> list[str]:
    """The columns that can be mapped: those that have a name of their own."""
    times = Counter(map(folded, header))
    return [name for name in header if name and times[folded(name)] == 1]


def plan_of(session: Session, form: PlanForm, raw: bytes, given: AnyMapping[str, str]) -> Plan:
    """What the form says, as far as it can be used. What a list has said of itself before need not be said again."""
    known = _list_of(session, form.list.data)
    name, code = form.list_name.data or "", (form.council_code.data or "").upper()
    kind = form.format.data if form.format.data in (CSV, *FORMATS) else CSV
    own = "" if kind == CSV else own_list(FORMATS[kind], code)
    slug = known.slug if known else own or plain(name)[:LONGEST_SLUG].strip("-")
    return Plan(
        format=kind,
        role=form.role.data if form.role.data in set(TargetRole) else "",
        columns=tuple(_columns(raw, given)) if kind == CSV else (),
        list_slug=slug,
        list_name=name,
        source=form.source.data or (known.source if known else ""),
        source_url=form.source_url.data or (known.source_url if known else ""),
        as_of=form.as_of.data.isoformat() if form.as_of.data else "",
        licence=form.licence.data or (known.licence if known else ""),
        council_code=code,
        council_name=form.council_name.data or "",
    )


def fill_form(session: Session, plan: Plan) -> PlanForm:
    """The form with what a plan says."""
    known = session.scalar(select(TargetList).where(TargetList.slug == plan.list_slug)) if plan.list_slug else None
    return PlanForm(
        formdata=None,
        format=plan.format,
        role=plan.role,
        list=known.id if known else None,
        list_name=plan.list_name,
        source=plan.source,
        source_url=plan.source_url,
        as_of=date.fromisoformat(plan.as_of) if plan.as_of else None,
        licence=plan.licence,
        council_code=plan.council_code,
        council_name=plan.council_name,
    )


def offered(session: Session, kept: Upload, raw: bytes, plan: Plan) -> dict[str, Any]:
    """What the page of a file lets one choose from."""
    mine = select(TargetList).where(TargetList.owner == ListOwner.IMPORT).order_by(TargetList.name)
    is_table = plan.format == CSV
    return {
        "upload_id": kept.id,
        "file_name": kept.name,
        "formats": [{"id": name, "name": format_words(name)} for name in (CSV, *FORMATS)],
        "roles": [{"id": role.value, "name": role_of_target(role), "means": role_meaning(role)} for role in TargetRole],
        "lists": [{"id": one.id, "name": f"{one.name} ({one.slug})"} for one in session.scalars(mine)],
        "is_table": is_table,
        "one_council": not is_table and plan.format in FORMATS and FORMATS[plan.format].one_council,
        "columns": _shown(raw, plan) if is_table else [],
        "fields": [{"id": field, "name": field_words(field)} for field in FIELDS],
    }


def _list_of(session: Session, list_id: int | None) -> TargetList | None:
    """The list that is chosen; one that the files of `targets/` keep cannot be."""
    if list_id is None or not 0 < list_id < 2**31:
        return None
    found = session.get(TargetList, list_id)
    return found if found is not None and found.owner is ListOwner.IMPORT else None


def _columns(raw: bytes, given: AnyMapping[str, str]) -> list[str]:
    """The mapping that the form says, as texts; fields that no column is chosen for are mapped to nothing."""
    names = column_names(_header(raw))
    chosen = [(given.get(f"column-{number}", ""), name) for number, name in enumerate(names)]
    if not any(f"column-{number}" in given for number in range(len(names))):
        return []
    taken = {field for field, _name in chosen}
    return [
        *(f"{field}={name}" for field, name in chosen if field in FIELDS),
        *(f"{field}=" for field in FIELDS if field not in taken),
    ]


def _shown(raw: bytes, plan: Plan) -> list[dict[str, Any]]:
    """Each column with what stands in its first rows, and the field that it is mapped to."""
    header = _header(raw)
    names, mapped = column_names(header), _mapped(raw, header, plan)
    samples = _samples(raw, names)
    return [
        {"name": name, "id": f"column-{number}", "sample": samples.get(name, []), "field": mapped.get(name, "")}
        for number, name in enumerate(names)
    ]


def _mapped(raw: bytes, header: Sequence[str], plan: Plan) -> dict[str, str]:
    """The field that each column is mapped to: by the plan, else by the guess."""
    try:
        mapping = Mapping.parse(plan.columns, header) if plan.columns else guess_mapping(raw)
    except MappingError:
        pairs = (text.partition("=") for text in plan.columns)
        return {column: field for field, _equals, column in pairs if column}
    return {column: field for field, columns in mapping.columns.items() for column in columns}


def _samples(raw: bytes, names: Sequence[str]) -> dict[str, list[str]]:
    try:
        rows = [row for row in read_table(raw, names).rows if isinstance(row, TableRow)][:SAMPLES]
    except NotThisFormatError:
        return {}
    return {name: [text for row in rows if (text := _text(row, name))] for name in names}


def _text(row: TableRow, name: str) -> str:
    try:
        return row.text(name)[:80]
    except FieldError:
        return ""


def _header(raw: bytes) -> Sequence[str]:
    try:
        return header_names(raw)
    except NotThisFormatError:
        return ()

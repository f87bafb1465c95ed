"""Any CSV file by a mapping of its columns, for lists that no published format covers: companies, regulators, editors.

The file does not say what its rows are, so the role is given. A body's offices and officers are rows that share its
registration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from app.targets.areas import plain
from app.targets.fields import FieldError, fitting
from app.targets.importers.account import Account, Entry
from app.targets.importers.mapping import Mapping, MappingError
from app.targets.importers.parsed import Format, Parsed, TargetRow
from app.targets.importers.plain_rows import Fields, full_name, place_of, target_of
from app.targets.importers.sheets import TableRow, header_names, read_table
from app.targets.models import Confidence, Target
from app.targets.names import is_vacant
from app.targets.records import Rejected, TargetRole
from app.targets.registrations import organisations_differ

NAME = "csv"
"""What this way of reading a file is called, among the names of formats."""
CONFIDENCE = Confidence.REPORTED
"""How far a list that somebody has put together is trusted."""
_PLACES = ("gss_code", "ward", "division", "constituency", "council")
_NEEDS_ONE = {
    TargetRole.COUNCILLOR: ("gss_code", "ward", "division"),
    TargetRole.MP: ("gss_code", "constituency"),
}


def guess_mapping(raw: bytes) -> Mapping:
    """Return the mapping that the file's header suggests, for a person to look at.

    Raises:
        NotThisFormatError: the file is no table.
    """
    return Mapping.guess(header_names(raw))


def table_format(mapping: Mapping, role: TargetRole) -> Format:
    """Return the format of tables that are mapped in this way, all of their rows targets of one role."""
    return Format(NAME, "", lambda raw: parse_with(raw, mapping, role), CONFIDENCE)


def parse_with(raw: bytes, mapping: Mapping, role: TargetRole) -> Parsed:
    """Read the file's rows as targets of one role.

    Raises:
        MappingError: no column is mapped to what such a target needs.
        NotThisFormatError: the file is no table, or not the one that was mapped.
    """
    _check(mapping, role)
    table = read_table(raw, tuple(dict.fromkeys(column for columns in mapping.columns.values() for column in columns)))
    account = Account()
    account.remark("the file", *_remarks(mapping, role))
    shared = _shared_names((Fields(row, mapping) for row in table.rows if isinstance(row, TableRow)), role)
    account.take_table(table, lambda entry, row: _take(account, entry, Fields(row, mapping), role, shared))
    return _with_differences(account.parsed())


def _check(mapping: Mapping, role: TargetRole) -> None:
    """Refuse a mapping that gives no target of this role."""
    named = ("name", "first_name", "last_name") if role.area_kinds else ("name", "last_name", "organisation")
    for wanted in (named, _NEEDS_ONE.get(role, ())):
        if wanted and not any(field in mapping.columns for field in wanted):
            raise MappingError(
                f"Targets with the role {role} need a column for {' or '.join(wanted)}. "
                f"The columns are {', '.join(filter(None, mapping.header))}."
            )


def _remarks(mapping: Mapping, role: TargetRole) -> Iterator[str]:
    """Yield what is to be said of the file as a whole."""
    if "email" not in mapping.columns:
        nor = "" if "address" in mapping.columns else ", nor to address"
        yield f"no column is mapped to email{nor}; addresses that are known stay as they are"
    if not role.area_kinds and (unused := [field for field in _PLACES if field in mapping.columns]):
        yield f"{', '.join(unused)} is not used: a {role} answers for no place"


def _shared_names(rows: Iterable[Fields], role: TargetRole) -> frozenset[str]:
    """Return the names, each with its organisation, that more than one row has: a target cannot be told by them."""
    times: Counter[str] = Counter()
    for fields in rows:
        with suppress(FieldError):  # the row is rejected when it is taken
            times[_named(target_of(fields, role)[0])] += 1
    return frozenset(name for name, count in times.items() if count > 1)


def _take(account: Account, entry: Entry, fields: Fields, role: TargetRole, shared: frozenset[str]) -> None:
    """Put a row into the account; it works as within `Account.entry`."""
    stated = entry.external_id = fitting(Target.external_id, fields.text("id"))
    if is_vacant(full_name(fields)) and (place := place_of(fields, role)):
        account.vacant(fields.place, place)
        return
    row, remarks = target_of(fields, role)
    entry.external_id = stated or _made_id(row, shared)
    if "id" in fields.mapping.columns and not stated:
        remarks = [*remarks, f"id is empty; {entry.external_id} is used"]
    account.use(replace(row, external_id=entry.external_id), remarks)


def _made_id(row: TargetRow, shared: frozenset[str]) -> str:
    """Return the external id of a row that states none: its name and organisation, which stay when its address changes.

    Where several rows share these, or there are no Latin letters in them, the address tells who is meant.

    Raises:
        FieldError: there is no address either, or the id is too long.
    """
    named, address = _named(row), row.email.casefold()
    made = named if named and named not in shared else "/".join(filter(None, (named, address)))
    if not made:
        raise FieldError("there is no id, nor are there Latin letters in name or organisation to make one of")
    return fitting(Target.external_id, made)


def _named(row: TargetRow) -> str:
    return "/".join(dict.fromkeys(filter(None, (plain(row.name), plain(row.organisation)))))


def _with_differences(parsed: Parsed) -> Parsed:
    """Add a remark where the rows of one body carry different names of it."""
    named = [(row.line, row.registration, row.organisation) for row in parsed.rows]
    found = (
        Rejected(parsed.rows[number].line, fault, parsed.rows[number].external_id)
        for number, fault in organisations_differ(named)
    )
    return replace(parsed, remarks=(*parsed.remarks, *found))

"""NHS trusts by their code of the Organisation Data Service (rcpch/rcpch-nhs-organisations, and files like it).

The source prints everything in capitals and has no e-mail addresses; a column `email` is read where somebody has added
one. It keeps trusts that have closed and does not say so: two at one postcode are told, for one has often followed the
other.
"""

from __future__ import annotations

from app.targets.fields import FieldError, fitting
from app.targets.importers.account import Account, Entry
from app.targets.importers.addresses import NO_PLACE, NOTHING_TOLD, MailField
from app.targets.importers.capitals import proper_case
from app.targets.importers.parsed import Format, Parsed, TargetRow
from app.targets.importers.sheets import TableRow, header_of, read_table
from app.targets.models import Confidence, Target
from app.targets.records import TargetRole
from app.targets.registrations import NHS, check_registration, ods_code

COLUMNS = ("ods_code", "trust_name", "address_line_1", "town", "postcode")
_MORE = ("address_line_2", "address_line_3", "county", "country", "email")
_ADDRESS = ("address_line_1", "address_line_2", "address_line_3", "town", "county")


def parse(raw: bytes) -> Parsed:
    """Read the CSV file.

    Raises:
        NotThisFormatError: the file is no such table.
    """
    account = Account()
    has_email = "email" in header_of(raw)
    if not has_email:
        account.remark("the file", NO_PLACE)
    at_postcode: dict[str, TargetRow] = {}

    def take_row(entry: Entry, row: TableRow) -> None:
        entry.external_id = ods_code(row.text("ods_code"))
        mail = row.email("email") if has_email else NOTHING_TOLD
        trust = _trust(row, entry.external_id, mail)
        account.use(trust, [*row.remarks, mail.remark, *_doubts(row, trust, at_postcode)])

    account.take_table(read_table(raw, COLUMNS, _MORE), take_row)
    return account.parsed()


FORMAT = Format("nhs-trusts", "NHS trusts by their ODS code", parse, Confidence.COLLECTED, list_slug="nhs-trusts")


def _trust(row: TableRow, code: str, mail: MailField) -> TargetRow:
    """Return the trust.

    Raises:
        FieldError: a part of the row cannot be used.
    """
    name = fitting(Target.name, proper_case(row.text("trust_name")))
    if not name:
        raise FieldError("there is no name")
    lines = [proper_case(text).strip(" ,") for column in _ADDRESS if (text := row.text(column))]
    country = proper_case(row.text("country"))
    return TargetRow(
        line=row.place,
        external_id=code,
        role=TargetRole.NHS_TRUST,
        name=name,
        salutation="Dear Chief Executive",
        organisation=name,
        registration=check_registration(code, NHS),
        email=mail.email,
        email_untold=mail.untold,
        address=fitting(Target.address, " / ".join(filter(None, [*lines, row.text("postcode").upper()]))),
        attributes={"country": [country]} if country else {},
    )


def _doubts(row: TableRow, trust: TargetRow, at_postcode: dict[str, TargetRow]) -> list[str]:
    """Return why the trust may have closed, or may not be reached by post; the first of each postcode is kept."""
    postcode = row.text("postcode").upper()
    if not postcode:
        return ["there is no postcode; the trust may have closed"]
    first = at_postcode.setdefault(postcode, trust)
    if first is trust:
        return []
    return [f"{first.name} ({first.line}) has the same postcode; one of the two may have closed"]

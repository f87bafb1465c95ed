"""The look-up of Members of Parliament that the Department for Education publishes (dfe-analytical-services/mp-lookup).

One row is one constituency with its GSS code and its member. What the source does not have is the text `No email
found`, `Not applicable`, `z` or `NA`; a constituency without a member is a vacant seat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.targets.fields import FieldError, fitting
from app.targets.gss import has_form
from app.targets.importers.account import Account, beside_name
from app.targets.importers.addresses import stated_address
from app.targets.importers.members import HOUSE, Reader, member_salutation, read_members
from app.targets.importers.parsed import Format, Parsed, Place, TargetRow
from app.targets.importers.sheets import TableRow, read_table
from app.targets.models import Area, AreaKind, Confidence, Target
from app.targets.names import split_name
from app.targets.records import TargetRole

COLUMNS = ("pcon_name", "pcon_code", "member_id", "full_title", "display_as", "party_text", "member_email")
_MORE = {"country": "country_name", "region": "region_name", "councils": "lad_codes"}
"""Attributes, and the columns that list their values."""
_NOTHING = frozenset({"", "na", "n/a", "z", "not applicable"})
_PARLIAMENT = "parliament.uk"


def parse(raw: bytes) -> Parsed:
    """Read the CSV file.

    Raises:
        NotThisFormatError: the file is no such table.
    """
    return read_members(read_table(raw, COLUMNS, tuple(_MORE.values())), _READER, Account())


FORMAT = Format(
    "dfe-mps", "MPs: the look-up of the Department for Education", parse, Confidence.OFFICIAL, list_slug="mps"
)


def _place(row: TableRow) -> Place:
    code, name = row.text("pcon_code"), fitting(Area.name, row.text("pcon_name"))
    if not has_form(code):
        raise FieldError(f"pcon_code {code!r} is not a constituency's GSS code, such as E14001063")
    return Place(AreaKind.CONSTITUENCY, name, code)


def _full_name(row: TableRow) -> str:
    """Return the form of the name that has a title, that for display before that for envelopes; or else the first."""
    forms = [text for column in ("display_as", "full_title") if (text := _text(row, column))]
    return next((form for form in forms if split_name(form).titles), [*forms, ""][0])


def _member(row: TableRow, place: Place, full_name: str) -> tuple[TargetRow, Sequence[str]]:
    mail = stated_address(lambda: _text(row, "member_email"))
    member = TargetRow(
        line=row.place,
        external_id=row.text("member_id"),
        role=TargetRole.MP,
        name=fitting(Target.name, split_name(full_name).name),
        salutation=fitting(Target.salutation, member_salutation(full_name, mail.email)),
        place=place,
        organisation=HOUSE,
        email=mail.email,
        email_untold=mail.untold,
        party=fitting(Target.party, _text(row, "party_text")),
        attributes=_attributes(row),
    )
    elsewhere = mail.email and not mail.email.casefold().endswith((f"@{_PARLIAMENT}", f".{_PARLIAMENT}"))
    return member, [
        beside_name(split_name(full_name)),
        mail.remark,
        f"the e-mail address is not at {_PARLIAMENT}" if elsewhere else "",
    ]


def _attributes(row: TableRow) -> Mapping[str, list[str]]:
    """Return what else a campaign may choose by. Lists are parted by a slash between spaces."""
    listed = {key: [part.strip() for part in _text(row, column).split(" / ")] for key, column in _MORE.items()}
    return {key: values for key, parts in listed.items() if (values := [part for part in parts if part])}


def _text(row: TableRow, column: str) -> str:
    """Return a cell's text; empty where it says that there is nothing."""
    text = row.text(column)
    return "" if text.casefold() in _NOTHING else text


_READER = Reader("member_id", _place, _full_name, _member)

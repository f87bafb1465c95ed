"""One row of a mapped CSV file as a target: whose name it is, how they are greeted, and which place they answer for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from app.targets.areas import plain, ward_name
from app.targets.dataset_rows import listed
from app.targets.fields import FieldError, fitting, web_address
from app.targets.gss import has_form
from app.targets.importers.account import beside_name
from app.targets.importers.addresses import NO_EMAIL, NOTHING_TOLD, MailField, quoted, stated_address
from app.targets.importers.mapping import Mapping
from app.targets.importers.members import HOUSE, member_salutation
from app.targets.importers.parsed import Place, TargetRow
from app.targets.importers.sheets import TableRow
from app.targets.models import Area, AreaKind, Target
from app.targets.names import councillor_salutation, formal_salutation, split_name
from app.targets.records import TargetRole
from app.targets.registrations import check_registration, register_of

_GREETED = {
    TargetRole.COMPANY: "Dear Directors",
    TargetRole.NHS_TRUST: "Dear Chief Executive",
    TargetRole.BROADCASTER: "Dear Editor",
    TargetRole.REGULATOR: "Dear Chief Executive",
    TargetRole.TEAM: "Dear team",
}
"""A body of which no officer is named."""
_GREETING = re.compile(r"(dear|hello|hi|to|annwyl|good)\b", re.IGNORECASE)
_NO_NUMBER = re.compile(r"n\s*/?\s*a|none|not (applicable|known|registered)|tb[ac]|unknown|[\W_]+", re.IGNORECASE)
_COUNTY_DIVISION = "E58"
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y")
_CODE = re.compile(r"[A-Z][0-9]{8}|[A-Z]{3}")
_NOBODY = "there is neither an e-mail address nor a postal address: nobody can write there"


class Fields:
    """A row's cells by our fields."""

    def __init__(self, row: TableRow, mapping: Mapping) -> None:
        self._row = row
        self.mapping = mapping
        self.place = row.place
        self.remarks = row.remarks

    def texts(self, field: str) -> list[str]:
        """Return the cells of a field that are not empty.

        Raises:
            FieldError: a cell cannot be used.
        """
        return [text for column in self.mapping.columns.get(field, ()) if (text := self._row.text(column))]

    def text(self, field: str) -> str:
        """Return the cell of a field that has one column; empty where nothing is mapped to it."""
        return (self.texts(field) or [""])[0]

    def joined(self, field: str, by: str = "; ") -> str:
        """Return the cells of a field as one text."""
        return by.join(self.texts(field))

    def lines(self, field: str) -> list[str]:
        """Return the lines of the cells of a field.

        Raises:
            FieldError: a cell cannot be used.
        """
        return [line for column in self.mapping.columns.get(field, ()) for line in self._row.lines(column)]

    def email(self) -> MailField:
        """Return what the e-mail cells say."""
        if "email" not in self.mapping.columns:
            return NOTHING_TOLD
        return stated_address(lambda: self.joined("email"))


def full_name(fields: Fields) -> str:
    """Return the name that a row gives, with its titles: in one column, or in parts."""
    name = fields.text("name") or " ".join(filter(None, (fields.text("first_name"), fields.text("last_name"))))
    title = fields.text("title")
    return f"{title} {name}" if title and name and not split_name(name).titles else name


def place_of(fields: Fields, role: TargetRole) -> Place | None:
    """Return the area that a row names; nothing for a role that answers for none.

    Raises:
        FieldError: it names none, or its code is not a GSS code.
    """
    if not role.area_kinds:
        return None
    code = fields.text("gss_code")
    if code and not has_form(code):
        raise FieldError(f"the code {code!r} is not a GSS code such as E05000001")
    if role is TargetRole.MP:
        kind, name = AreaKind.CONSTITUENCY, fitting(Area.name, fields.text("constituency"))
    else:
        division, ward = fields.text("division"), fields.text("ward")
        kind = AreaKind.DIVISION if code.startswith(_COUNTY_DIVISION) or (division and not ward) else AreaKind.WARD
        name = ward_name(ward or division) if ward or division else ""
    if not name and not code:
        raise FieldError(f"there is no {' or '.join(role.area_kinds)}")
    return Place(kind, name, code, "" if role is TargetRole.MP else fields.text("council"))


def target_of(fields: Fields, role: TargetRole) -> tuple[TargetRow, list[str]]:
    """Return the row as a target without an external id, and what is to be said of it.

    Raises:
        FieldError: a part of the row cannot be used.
    """
    mail = fields.email()
    name, greeting = _named(fields, role, mail.email)
    address, remarks = " / ".join(fields.lines("address")), [*fields.remarks, *_of_name(fields, name)]
    if not mail.email and not address and {"email", "address"} & {*fields.mapping.columns}:
        remarks.append(_NOBODY)
    if mail.remark and not (mail.remark == NO_EMAIL and not address):
        remarks.append(mail.remark)
    row = TargetRow(
        line=fields.place,
        external_id="",
        role=role,
        name=fitting(Target.name, name),
        salutation=fitting(Target.salutation, _salutation(fields, remarks) or greeting),
        place=place_of(fields, role),
        organisation=fitting(Target.organisation, _organisation(fields, role)),
        registration=_registration(fields, role, remarks),
        email=mail.email,
        email_untold=mail.untold,
        address=fitting(Target.address, address),
        party=fitting(Target.party, fields.text("party")),
        attributes=dict(_attributes(fields)),
        valid_from=_day(fields, "valid_from", remarks),
        valid_to=_day(fields, "valid_to", remarks),
        source_url=_page(fields, remarks),
    )
    return row, remarks


def _named(fields: Fields, role: TargetRole, email: str) -> tuple[str, str]:
    """Return the name of a target and its greeting."""
    full, organisation = full_name(fields), fields.text("organisation")
    if role.area_kinds:
        if not (name := split_name(full).name):
            raise FieldError("there is no name")
        return name, (member_salutation if role is TargetRole.MP else councillor_salutation)(full, email)
    if organisation and not split_name(full).name:
        full = ""
    if not full and not organisation:
        raise FieldError("there is neither a name nor an organisation")
    if not full and (post := "; ".join(fields.texts("posts"))):
        return f"{post}, {organisation}", f"Dear {post}"
    if not organisation or plain(full) == plain(organisation):
        return full or organisation, _GREETED[role]
    if not full:
        return organisation, _GREETED[role]
    split = split_name(full)
    office = re.match(r"the (.+?)(?: of |,|$)", full, re.IGNORECASE)
    if office and [title.casefold() for title in split.titles] == ["the"]:
        return full, f"Dear {office[1]}"
    return split.name, formal_salutation("", full, email)


def _of_name(fields: Fields, used: str) -> Iterator[str]:
    """Yield what is to be said of the name that a row gives, where another is used."""
    full = full_name(fields)
    split = split_name(full)
    if full and not split.name:
        yield f"{quoted(full)} is no name"
    elif used == split.name:
        yield beside_name(split)


def _organisation(fields: Fields, role: TargetRole) -> str:
    """Return the organisation; that of a councillor may be named as the council."""
    organisation = fields.text("organisation")
    if role is TargetRole.MP:
        return organisation or HOUSE
    council = fields.text("council") if role is TargetRole.COUNCILLOR else ""
    return organisation or ("" if _CODE.fullmatch(council) else council)


def _salutation(fields: Fields, remarks: list[str]) -> str:
    """Return the greeting that the file gives, as a letter has it; empty where it gives none or only "Dear"."""
    given = fields.text("salutation")
    greeting = given.rstrip(" ,:;!")
    if _GREETING.fullmatch(greeting):
        greeting = ""
    if greeting and not _GREETING.match(greeting):
        greeting = f"Dear {greeting}"
    if greeting != given:
        remarks.append(f"the salutation {given!r} becomes {greeting!r}")
    return greeting


def _registration(fields: Fields, role: TargetRole, remarks: list[str]) -> str:
    """Return the number of a body in its register; words for none are told."""
    text = fields.text("registration")
    if text and _NO_NUMBER.fullmatch(text):
        remarks.append(f"registration {text!r} is left out: it is no number")
        return ""
    return check_registration(text, register_of(role))


def _attributes(fields: Fields) -> Iterator[tuple[str, list[str]]]:
    for field in fields.mapping.columns:
        if (field == "posts" or field.startswith("attribute.")) and (values := listed(fields.joined(field))):
            yield field.removeprefix("attribute."), values


def _day(fields: Fields, field: str, remarks: list[str]) -> date | None:
    """Return a day in one of the ways in which the country writes it; one that is not read is told."""
    text = fields.text(field)
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    if text:
        remarks.append(f"{field} {text!r} is left out: it is no day such as 2026-05-07 or 7/5/2026")
    return None


def _page(fields: Fields, remarks: list[str]) -> str:
    """Return the page that the row names; one that is none is told."""
    text = fields.text("source_url")
    try:
        return web_address(text)
    except FieldError as error:
        remarks.append(f"source_url is left out: {error}")
        return ""

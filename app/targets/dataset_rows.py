"""The rows of the CSV files of `targets/`: each cell checked by itself, all that is wrong with a row told at once."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from app.targets.fields import FieldError, fitting, mail_address, web_address
from app.targets.gss import kind_of
from app.targets.models import Area, AreaKind, Target
from app.targets.postcodes import NotAPostcode, normalise
from app.targets.records import PARENTS, AreaRecord, PostcodeRecord, TargetRecord, TargetRole
from app.targets.registrations import COMPANIES_HOUSE, check_registration, register_of

R = TypeVar("R")
K = TypeVar("K", bound=enum.StrEnum)

AREA_COLUMNS = ("code", "name", "kind", "parent_code")
POSTCODE_COLUMNS = ("postcode", "areas")
_TARGET_TEXTS = {
    "external_id": Target.external_id,
    "name": Target.name,
    "salutation": Target.salutation,
    "organisation": Target.organisation,
    "address": Target.address,
    "party": Target.party,
    "area_code": Area.code,
    "verified": Target.verified_how,
}
_REQUIRED = ("external_id", "name", "salutation")
TARGET_COLUMNS = (*_TARGET_TEXTS, "role", "email")
TARGET_OPTIONS = ("registration", "posts", "source_url", "valid_from", "valid_to", "attribute.*")
"""Columns that a dataset of targets may leave out. A body's offices and officers are rows with its `registration`."""
_NEEDS_PARENT = frozenset({AreaKind.WARD, AreaKind.DIVISION})
_AREA_CODE = re.compile(r"[A-Z][0-9]{8}(:[a-z0-9]+(-[a-z0-9]+)*)?")
_BODIES = frozenset({TargetRole.COMPANY, TargetRole.NHS_TRUST, TargetRole.BROADCASTER, TargetRole.REGULATOR})
_ATTRIBUTE = re.compile(r"attribute\.(?!posts$)([a-z][a-z0-9_]{0,39})")
_BETWEEN = ";"
_NOBODYS = re.compile(r".*([@.]example|[@.]example\.(com|net|org))")
"""Domains that RFC 2606 keeps for examples: nobody receives what is sent there."""


@dataclass(frozen=True, slots=True)
class Numbered(Generic[R]):
    """A record and the line of its row."""

    line: int
    record: R


class Cells:
    """The cells of one row, taken one by one; what cannot be used is put into `faults` and counts as empty."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.faults: list[str] = []

    def text(self, name: str, column: InstrumentedAttribute[str], *, required: bool = False) -> str:
        """The text of a cell, which the column must have room for."""
        if required and not self._cells[name]:
            self.faults.append(f"{name} is empty")
        return self.parsed(name, lambda cell: fitting(column, cell))

    def parsed(self, name: str, parse: Callable[[str], str]) -> str:
        """The cell through `parse`; a column that the file does not have is empty."""
        try:
            return parse(self._cells.get(name, ""))
        except (FieldError, NotAPostcode) as error:
            self.faults.append(str(error))
            return ""

    def day(self, name: str) -> date | None:
        """The cell as a day, such as 2026-05-07; none where it is empty."""
        try:
            return date.fromisoformat(text) if (text := self._cells.get(name, "")) else None
        except ValueError:
            self.faults.append(f"{name} {text!r} is not a day such as 2026-05-07")
            return None

    def attributes(self) -> dict[str, list[str]]:
        """What the cells of `posts` and `attribute.<key>` list, by key; their values stand between semicolons."""
        found = {}
        for name, cell in self._cells.items():
            key = _ATTRIBUTE.fullmatch(name)
            if name.startswith("attribute.") and not key:
                self.faults.append(f"the column {name!r} is not attribute. and a word of its own in small letters")
            elif (name == "posts" or key) and (values := listed(cell)):
                found[key[1] if key else name] = values
        return found

    def one_of(self, name: str, kind: type[K]) -> K | None:
        """The cell as a member of an enum."""
        try:
            return kind(self._cells[name])
        except ValueError:
            self.faults.append(f"{name} {self._cells[name]!r} is unknown; it is one of {', '.join(kind)}")
            return None


def listed(text: str) -> list[str]:
    """Return the values that a text lists between semicolons."""
    return [value for part in text.split(_BETWEEN) if (value := part.strip())]


def area_record(cells: Cells) -> AreaRecord | None:
    """Read a row of a dataset of areas; none where something is wrong with it."""
    code, name = cells.text("code", Area.code, required=True), cells.text("name", Area.name, required=True)
    kind, parent_code = cells.one_of("kind", AreaKind), cells.text("parent_code", Area.code)
    if code and not _AREA_CODE.fullmatch(code):
        cells.faults.append(
            f"code {code!r} is not a GSS code such as E05000001, nor one with a ward's name after a colon"
        )
    if kind and (own := kind_of(code)) and own is not kind:
        cells.faults.append(f"{code} is the code of a {own}, not of a {kind}")
    if kind in _NEEDS_PARENT and not parent_code:
        cells.faults.append(f"a {kind} needs the code of its {PARENTS[kind]} as parent_code")
    elif kind and kind not in PARENTS and parent_code:
        cells.faults.append(f"a {kind} has no parent_code")
    return AreaRecord(code, name, kind, parent_code) if kind and not cells.faults else None


def postcode_record(cells: Cells) -> PostcodeRecord | None:
    """Read a row of a dataset of postcodes; none where something is wrong with it."""
    postcode = cells.parsed("postcode", normalise)
    codes = cells.parsed("areas", str.strip).split()
    if not codes:
        cells.faults.append("areas is empty")
    return None if cells.faults else PostcodeRecord(postcode, frozenset(codes))


def target_record(cells: Cells, *, demo: bool) -> TargetRecord | None:
    """Read a row of a dataset of targets; none where something is wrong with it.

    Invented targets must have addresses that are nobody's, so that no test of a letter reaches a stranger.
    """
    role = cells.one_of("role", TargetRole)
    values: dict[str, Any] = {
        name: cells.text(name, column, required=name in _REQUIRED) for name, column in _TARGET_TEXTS.items()
    }
    register = register_of(role) if role else COMPANIES_HOUSE
    values |= {
        "email": cells.parsed("email", mail_address),
        "registration": cells.parsed("registration", lambda cell: check_registration(cell, register)),
        "source_url": cells.parsed("source_url", web_address),
        "valid_from": cells.day("valid_from"),
        "valid_to": cells.day("valid_to"),
        "attributes": cells.attributes(),
    }
    cells.faults += _target_faults(role, values, demo=demo)
    return TargetRecord(role=role, **values) if role and not cells.faults else None


def _target_faults(role: TargetRole | None, values: Mapping[str, Any], *, demo: bool) -> Iterator[str]:
    """Yield what is wrong between the cells of a target."""
    email = values["email"]
    if values["salutation"].endswith(","):
        yield "salutation ends with a comma, which the letter adds itself"
    if values["verified"] and not email:
        yield "verified is said of an e-mail address, but email is empty"
    if demo and email and not _NOBODYS.fullmatch(email):
        yield "an invented target needs an address that ends with .example"
    if role and role.area_kinds and not values["area_code"]:
        yield f"a {role} needs the code of a {' or a '.join(role.area_kinds)} as area_code"
    if role in _BODIES and not email and not values["address"]:
        yield "there is neither an e-mail address nor a postal address, so nobody can write to it"
    if values["valid_from"] and values["valid_to"] and values["valid_to"] < values["valid_from"]:
        yield "valid_to is before valid_from"

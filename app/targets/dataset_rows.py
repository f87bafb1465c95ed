"""The rows of the CSV files of `targets/`: each cell checked by itself, all that is wrong with a row told at once."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from app.targets.fields import FieldError, fitting, mail_address
from app.targets.models import Area, AreaKind, Target
from app.targets.postcodes import NotAPostcode, normalise
from app.targets.records import PARENTS, AreaRecord, PostcodeRecord, TargetRecord, TargetRole

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
_NEEDS_PARENT = frozenset({AreaKind.WARD, AreaKind.DIVISION})
_AREA_CODE = re.compile(r"[A-Z][0-9]{8}(:[a-z0-9]+(-[a-z0-9]+)*)?")
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
        """The cell through `parse`."""
        try:
            return parse(self._cells[name])
        except (FieldError, NotAPostcode) as error:
            self.faults.append(str(error))
            return ""

    def one_of(self, name: str, kind: type[K]) -> K | None:
        """The cell as a member of an enum."""
        try:
            return kind(self._cells[name])
        except ValueError:
            self.faults.append(f"{name} {self._cells[name]!r} is unknown; it is one of {', '.join(kind)}")
            return None


def area_record(cells: Cells) -> AreaRecord | None:
    """Read a row of a dataset of areas; none where something is wrong with it."""
    code, name = cells.text("code", Area.code, required=True), cells.text("name", Area.name, required=True)
    kind, parent_code = cells.one_of("kind", AreaKind), cells.text("parent_code", Area.code)
    if code and not _AREA_CODE.fullmatch(code):
        cells.faults.append(
            f"code {code!r} is not a GSS code such as E05000001, nor one with a ward's name after a colon"
        )
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
    email = cells.parsed("email", mail_address)
    if values["salutation"].endswith(","):
        cells.faults.append("salutation ends with a comma, which the letter adds itself")
    if values["verified"] and not email:
        cells.faults.append("verified is said of an e-mail address, but email is empty")
    if demo and email and not _NOBODYS.fullmatch(email):
        cells.faults.append("an invented target needs an address that ends with .example")
    if role and role.area_kinds and not values["area_code"]:
        cells.faults.append(f"a {role} needs the code of a {' or a '.join(role.area_kinds)} as area_code")
    return TargetRecord(role=role, email=email, **values) if role and not cells.faults else None

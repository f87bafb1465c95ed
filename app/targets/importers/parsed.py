"""What every importer returns: the targets that a published file names, cleaned, and an account of all the rest.

Importers are pure: bytes in, `Parsed` out. They know neither the registry nor the day; areas are named as the file
names them, and `app.targets.imports` finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.targets.models import AreaKind, Confidence
from app.targets.records import Rejected, TargetRole


class NotThisFormatError(ValueError):
    """The file is not of this format at all; the message says what it seems to be and how that was seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area as a file names it: by its GSS code, or by its name inside a council (or in the country)."""

    kind: AreaKind
    name: str = ""
    code: str = ""
    council: str = ""
    """The council in the file's own words: a GSS code, the three letters of mySociety's local-authority-code, or a
    name. Empty where the whole file is about one council, which the import is told of."""


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target as a file states it, cleaned. Texts fit the columns of `app.targets.models.Target`."""

    line: str
    """Where the row stands, in the words that a `Rejected` uses."""
    external_id: str
    role: TargetRole
    name: str
    salutation: str
    place: Place | None = None
    organisation: str = ""
    registration: str = ""
    email: str = ""
    email_untold: bool = False
    """Whether `email` is empty because the file tells nothing of the address: it has no place for one, or what stands
    there cannot be read. What is known of it already is better than nothing."""
    address: str = ""
    party: str = ""
    attributes: Mapping[str, list[str]] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class VacantSeat:
    """A seat that the file says is vacant."""

    line: str
    place: Place


@dataclass(frozen=True, slots=True)
class NextElection:
    """When a council is elected next, as the file says it; only the year is published."""

    council: str
    year: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says."""

    rows: tuple[TargetRow, ...]
    rejected: tuple[Rejected, ...] = ()
    """Rows that cannot be used, each with its place and the reason."""
    remarks: tuple[Rejected, ...] = ()
    """What was cleaned or left out of rows that are used: a second address, a remark in brackets, a missing e-mail."""
    vacancies: tuple[VacantSeat, ...] = ()
    elections: tuple[NextElection, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """A published format: how it is called on the command line, what it is, and what reads it."""

    name: str
    title: str
    parse: Callable[[bytes], Parsed]
    confidence: Confidence
    one_council: bool = False
    """Whether a file is about one council that it does not name."""
    list_slug: str = ""
    """The list that a file fills where it is always the same (`mps`, `nhs-trusts`); with one council it is
    `councillors-<code>`."""

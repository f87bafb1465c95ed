"""What files and imports tell the registry, before any database: the rows of each kind, and where they come from."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.targets.gss import has_form
from app.targets.models import AreaKind, Confidence


class TargetRole(enum.StrEnum):
    """What a target is. Campaigns name it to say who is written to."""

    COUNCILLOR = "councillor"
    MP = "mp"
    COMPANY = "company"
    NHS_TRUST = "nhs_trust"
    BROADCASTER = "broadcaster"
    REGULATOR = "regulator"
    TEAM = "team"

    @property
    def area_kinds(self) -> tuple[AreaKind, ...]:
        """The kinds of area that a target of this role answers for; none where it answers for no place."""
        return _ANSWERS_FOR.get(self, ())


_LONGEST_NAME = 120
_ANSWERS_FOR = {
    TargetRole.COUNCILLOR: (AreaKind.WARD, AreaKind.DIVISION),
    TargetRole.MP: (AreaKind.CONSTITUENCY,),
}


PARENTS = {AreaKind.WARD: AreaKind.COUNCIL, AreaKind.DIVISION: AreaKind.COUNTY, AreaKind.COUNCIL: AreaKind.COUNTY}
"""The kind of area that one of each kind belongs to. A council has a county where there are two tiers."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a set of rows was published, the day that it describes, and the licence it may be used under."""

    source: str
    as_of: date
    licence: str
    source_url: str = ""


class NotACouncilError(ValueError):
    """What was given as a council's code or name cannot be one; the message says why."""


@dataclass(frozen=True, slots=True)
class Council:
    """The council that an import is about: its GSS code and its name.

    Raises:
        NotACouncilError: the code has not the form of a GSS code, or the name is empty, too long or not one line.
    """

    code: str
    name: str

    def __post_init__(self) -> None:
        """Refuse what would make a council that nobody can find again."""
        if not has_form(self.code):
            raise NotACouncilError(f"{self.code!r} is not a council's GSS code, such as S12000036.")
        if not 0 < len(self.name) <= _LONGEST_NAME or not self.name.isprintable():
            raise NotACouncilError(f"The council's name must be a line of up to {_LONGEST_NAME} characters.")


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """An area as a file states it. `parent_code` is a ward's council, empty for other kinds."""

    code: str
    name: str
    kind: AreaKind
    parent_code: str = ""

    @property
    def key(self) -> str:
        """What is unique among areas."""
        return self.code


@dataclass(frozen=True, slots=True)
class PostcodeRecord:
    """A normalised postcode and the codes of all the areas that it lies in."""

    postcode: str
    area_codes: frozenset[str]

    @property
    def key(self) -> str:
        """What is unique among a dataset's postcodes."""
        return self.postcode


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A target as a file states it; the fields are those of `app.targets.models.Target`.

    `area_code` is empty where the target answers for no place. `verified` says how and when somebody checked the
    address that stands beside it, or is empty. `email_untold` is said of an empty `email` whose source tells
    nothing of it: it has no place for addresses, or something there that nobody can read.
    """

    external_id: str
    role: TargetRole
    name: str
    salutation: str
    organisation: str = ""
    email: str = ""
    email_untold: bool = False
    address: str = ""
    party: str = ""
    area_code: str = ""
    verified: str = ""
    registration: str = ""
    attributes: Mapping[str, list[str]] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    source_url: str = ""
    confidence: Confidence = Confidence.REPORTED

    @property
    def key(self) -> str:
        """What is unique in a list of targets."""
        return self.external_id


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: where it is, in words or as a line counted from 1, and why.

    `external_id` names the target that the row is about where that much could be read: the target then stays as it is,
    for a row that cannot be read does not say that its target has gone. `nobody` is said of a row that is about no
    target, such as a vacant seat.
    """

    place: str
    reason: str
    external_id: str = ""
    nobody: bool = False

    @property
    def nameless(self) -> bool:
        """Whether the row is about a target, and it cannot be told which."""
        return not (self.external_id or self.nobody)

    def __str__(self) -> str:
        """Return the place and the reason, as a summary prints them."""
        return f"{self.place}: {self.reason}"


class Progress(Protocol):
    """Is told how a long piece of work comes along: how many more rows are done, and how many there are in all."""

    def __call__(self, advance: int, total: int, /) -> None:
        """Take the news; an exception stops the work and its transaction."""


def no_progress(advance: int, total: int, /) -> None:
    """Tell nobody."""

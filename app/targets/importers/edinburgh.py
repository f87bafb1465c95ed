"""The two files of NateWr/edinburgh-councillors (MIT): councillors by ward as JSON, postcodes by ward name as CSV.

Neither file has GSS codes: a ward is known by its name inside its council. A councillor's stable key is the user id of
the council's ModernGov site, the `UID` in the address of their page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.targets.areas import ward_name
from app.targets.fields import FieldError, clean_text, fitting, mail_address
from app.targets.importers.parsed import NotThisFormatError
from app.targets.models import Target
from app.targets.names import clean_name, councillor_salutation
from app.targets.postcodes import NotAPostcode, normalise
from app.targets.records import Rejected
from app.targets.tables import Fault, read_rows


@dataclass(frozen=True, slots=True)
class CouncillorRow:
    """One councillor as the file states them, cleaned. `email` is empty when none is published."""

    external_id: str
    ward: str
    name: str
    salutation: str
    email: str
    party: str


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """One normalised postcode and the name of the ward that it lies in."""

    postcode: str
    ward: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file of councillors says, and the rows of it that cannot be used."""

    rows: tuple[CouncillorRow, ...]
    rejected: tuple[Rejected, ...]


def parse_councillors(raw: bytes) -> Parsed:
    """Read `councillors.json`: a list of wards, each with its councillors.

    A rejected row is named by its place (`ward "Almond", councillor 3`), because the file is often one line.

    Raises:
        NotThisFormatError: the bytes are not JSON in UTF-8, or not a list.
    """
    try:
        wards = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotThisFormatError("The file is not JSON in UTF-8.") from None
    if not isinstance(wards, list):
        raise NotThisFormatError("The file is not a list of wards with their councillors.")
    rows: dict[str, CouncillorRow] = {}
    rejected: list[Rejected] = []
    for place, ward, entry in _entries(wards):
        read = _read(place, ward, entry)
        if isinstance(read, Rejected):
            rejected.append(read)
        elif read.external_id in rows:
            rejected.append(Rejected(place, f"UID {read.external_id} is in the file already"))
        else:
            rows[read.external_id] = read
    return Parsed(tuple(rows.values()), tuple(rejected))


def parse_postcodes(lines: Iterable[str]) -> Iterator[PostcodeRow | Rejected]:
    """Read `postcodes.csv` as a stream: its columns Postcode and Ward, whatever else it has.

    A postcode may come twice; when the wards differ, it straddles them.

    Args:
        lines: the text as `app.targets.tables.read_rows` takes it.
    """
    for row in read_rows(lines, ["Postcode", "Ward"], others=True):
        place = f"line {row.line}"
        if isinstance(row, Fault):
            yield Rejected(place, row.message)
            continue
        try:
            yield PostcodeRow(normalise(row.cells["Postcode"]), ward_name(row.cells["Ward"]))
        except (NotAPostcode, FieldError) as error:
            yield Rejected(place, str(error))


def _entries(wards: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each councillor's place in the file, the ward's name and the entry; a ward that is none is one entry."""
    for number, ward in enumerate(wards, 1):
        entries = ward.get("councillors") if isinstance(ward, dict) else None
        if not isinstance(ward, dict) or not isinstance(entries, list):
            yield f"ward {number}", None, None
            continue
        name = ward.get("name")
        label = f'"{clean_text(name)}"' if isinstance(name, str) and name.strip() else str(number)
        for position, entry in enumerate(entries, 1):
            yield f"ward {label}, councillor {position}", name, entry


def _read(place: str, ward: Any, entry: Any) -> CouncillorRow | Rejected:
    """Return the entry as a row, or why it cannot be one."""
    if not isinstance(entry, dict):
        return Rejected(place, "this is not a ward with councillors" if entry is None else "this is not a councillor")
    external_id = ""
    try:
        external_id = _user_id(_text(entry, "url"))
        return _councillor(external_id, ward, entry)
    except FieldError as error:
        return Rejected(place, str(error), external_id)


def _councillor(external_id: str, ward: Any, entry: dict[str, Any]) -> CouncillorRow:
    """Return the councillor.

    Raises:
        FieldError: a part of the entry cannot be used.
    """
    if not isinstance(ward, str):
        raise FieldError("the ward has no name")
    name = fitting(Target.name, clean_name(_text(entry, "name")))
    if not name:
        raise FieldError("there is no name, or the seat is vacant")
    email = mail_address(_text(entry, "email"))
    return CouncillorRow(
        external_id=external_id,
        ward=ward_name(ward),
        name=name,
        salutation=fitting(Target.salutation, councillor_salutation(name, email)),
        email=email,
        party=fitting(Target.party, _text(entry, "party")),
    )


def _text(entry: dict[str, Any], key: str) -> str:
    """Return a text of the entry, cleaned; empty where it is missing or null."""
    value = entry.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldError(f"{key} is not text")
    return clean_text(value)


def _user_id(url: str) -> str:
    """Return the `UID` of a ModernGov page's address."""
    try:
        ids = parse_qs(urlsplit(url).query).get("UID", [])
    except ValueError:
        ids = []
    if len(ids) != 1 or not (ids[0].isascii() and ids[0].isdigit()):
        raise FieldError("the page's address has no UID, so the councillor has no stable key")
    return fitting(Target.external_id, ids[0])

"""The two files of NateWr/edinburgh-councillors (MIT): councillors by ward as JSON, postcodes by ward name as CSV.

Neither file has GSS codes: a ward is known by its name inside its council. A councillor's stable key is the user id of
the council's ModernGov site, the `UID` in the address of their page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.targets.areas import ward_name
from app.targets.fields import FieldError, clean_text
from app.targets.importers.account import Account
from app.targets.importers.addresses import NOTHING_TOLD, stated_address
from app.targets.importers.councillors import Councillor, take, user_id
from app.targets.importers.parsed import Format, NotThisFormatError, Parsed
from app.targets.importers.reading import cell_text, read_json, text_of
from app.targets.models import Confidence
from app.targets.postcodes import NotAPostcode, normalise
from app.targets.records import Rejected
from app.targets.tables import Fault, read_rows

KEYS = ("name", "councillors")


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """One normalised postcode and the name of the ward that it lies in."""

    postcode: str
    ward: str


def parse_councillors(raw: bytes) -> Parsed:
    """Read `councillors.json`: a list of wards, each with its councillors.

    A row is named by its place (`ward "Almond", councillor 3`), because the file is often one line.

    Raises:
        NotThisFormatError: the file is not JSON, or not a list.
    """
    wards, remarks = read_json(raw)
    if not isinstance(wards, list):
        raise NotThisFormatError("The file is not a list of wards with their councillors.")
    account = Account()
    account.add(remarks)
    for place, ward, stated in _entries(wards):
        with account.entry(place) as entry:
            if not isinstance(stated, dict):
                what = "a ward with councillors" if ward is None and stated is None else "a councillor"
                raise FieldError(f"this is not {what}")
            entry.external_id = user_id(text_of(stated, "url"))
            take(account, entry, _councillor(ward, stated))
    return account.parsed()


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


def _councillor(ward: Any, stated: dict[str, Any]) -> Councillor:
    """Return the councillor as stated.

    Raises:
        FieldError: a part of the entry is no text.
    """
    return Councillor(
        name=text_of(stated, "name"),
        ward=cell_text("the ward's name", ward) if isinstance(ward, str) else "",
        email=stated_address(lambda: text_of(stated, "email")) if "email" in stated else NOTHING_TOLD,
        party=text_of(stated, "party"),
        url=text_of(stated, "url"),
    )


FORMAT = Format(
    "edinburgh",
    "edinburgh-councillors: councillors by ward (JSON)",
    parse_councillors,
    Confidence.COLLECTED,
    one_council=True,
)

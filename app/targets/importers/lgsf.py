"""The files of Democracy Club's Local Government Scraper Framework (DemocracyClub/LGSF), in CSV and in JSON.

CSV has all councils, one councillor a row: `council_id,raw_division,raw_identifier,email,url,raw_name,raw_party`, where
`council_id` is the council's three letters. The framework itself writes one JSON object for each councillor, with the
same names and the day of `standing_down`, into a folder for each council; such an object, or a list of them, is about
one council unless it has a `council_id` too.

A councillor's key is the council's own identifier, behind the council's letters where they are known: identifiers are
unique only inside a council.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.targets.fields import FieldError
from app.targets.importers.account import Account, Entry
from app.targets.importers.addresses import NO_PLACE, NOTHING_TOLD, MailField, quoted, stated_address
from app.targets.importers.councillors import Councillor, take
from app.targets.importers.parsed import Format, NotThisFormatError, Parsed
from app.targets.importers.reading import read_json, text_of
from app.targets.importers.sheets import TableRow, header_of, read_table
from app.targets.models import Confidence

COLUMNS = ("council_id", "raw_division", "raw_identifier", "raw_name")
_MORE = ("raw_party", "email", "url")
KEYS = ("raw_division", "raw_identifier", "raw_name")


def parse_csv(raw: bytes) -> Parsed:
    """Read the file of all councils.

    Raises:
        NotThisFormatError: it has not these columns, or is no table at all.
    """
    account = Account()

    def take_row(entry: Entry, row: TableRow) -> None:
        council = row.text("council_id").upper()
        if not council:
            raise FieldError("there is no council_id")
        entry.external_id = _key(council, row.text("raw_identifier"))
        take(account, entry, _of_row(council, row, row.email("email") if has_email else NOTHING_TOLD))

    has_email = "email" in header_of(raw)
    if not has_email:
        account.remark("the file", NO_PLACE)
    account.take_table(read_table(raw, COLUMNS, _MORE), take_row)
    return account.parsed()


def parse_json(raw: bytes) -> Parsed:
    """Read an object, or a list of objects; each is named by its place in the list ("entry 3").

    Raises:
        NotThisFormatError: the file is not JSON, or no object of it has the names of this format.
    """
    held, remarks = read_json(raw)
    entries = held if isinstance(held, list) else [held]
    if not any(isinstance(one, dict) and one.keys() >= set(KEYS) for one in entries):
        raise NotThisFormatError("The file has no object with raw_name, raw_division and raw_identifier.")
    account = Account()
    account.add(remarks)
    for number, one in enumerate(entries, 1):
        with account.entry(f"entry {number}") as entry:
            if not isinstance(one, dict):
                raise FieldError("this is not a councillor")
            council = text_of(one, "council_id").upper()
            entry.external_id = _key(council, text_of(one, "raw_identifier"))
            take(account, entry, _of_object(council, one))
    return account.parsed()


def _key(council: str, identifier: str) -> str:
    """Return the key that is described at the top; empty where the council gives no identifier."""
    return ":".join(filter(None, (council, identifier))) if identifier else ""


def _of_row(council: str, row: TableRow, email: MailField) -> Councillor:
    return Councillor(
        name=row.text("raw_name"),
        ward=row.text("raw_division"),
        email=email,
        party=row.text("raw_party"),
        council=council,
        url=row.text("url"),
        remarks=row.remarks,
    )


def _of_object(council: str, one: dict[str, Any]) -> Councillor:
    day, remark = _day(text_of(one, "standing_down"))
    return Councillor(
        name=text_of(one, "raw_name"),
        ward=text_of(one, "raw_division"),
        email=stated_address(lambda: text_of(one, "email")) if "email" in one else NOTHING_TOLD,
        party=text_of(one, "raw_party"),
        council=council,
        url=text_of(one, "url"),
        valid_to=day,
        remarks=(remark,),
    )


def _day(text: str) -> tuple[date | None, str]:
    """Return a day in the form of ISO 8601, and what is to be said where it is none."""
    try:
        return (datetime.fromisoformat(text).date() if text else None), ""
    except ValueError:
        return None, f"standing_down is no day: {quoted(text)}"


FORMAT = Format("lgsf", "Democracy Club LGSF: councillors (CSV)", parse_csv, Confidence.COLLECTED)
JSON_FORMAT = Format(
    "lgsf-json",
    "Democracy Club LGSF: one council's councillors (JSON)",
    parse_json,
    Confidence.COLLECTED,
    one_council=True,
)

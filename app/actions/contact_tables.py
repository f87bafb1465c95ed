"""Supporters for another program to read: as CSV for spreadsheets and contact managers, and as JSON."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator

from app.actions.consent import Contact
from app.spreadsheet import line

COLUMNS = ("id", "name", "email", "language", "consented_at", "counts_since", "wording", "campaign")
WITHDRAWN_COLUMNS = ("id", "email", "withdrawn_at", "campaign")
"""Of who has taken their consent back: what is needed to delete them elsewhere, and nothing else."""


class Format(enum.StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSON = "json"


def record_of(contact: Contact, *, withdrawn: bool) -> dict[str, str | int]:
    """A supporter as others read them."""
    since = contact.since.isoformat(timespec="seconds")
    if withdrawn:
        return {"id": contact.id, "email": contact.email, "withdrawn_at": since, "campaign": contact.campaign}
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "language": contact.language,
        "consented_at": contact.at.isoformat(timespec="seconds"),
        "counts_since": since,
        "wording": contact.wording,
        "campaign": contact.campaign,
    }


def lines(contacts: Iterable[Contact], kind: Format, *, withdrawn: bool) -> Iterator[str]:
    """The table, bit by bit: CSV with a line of headings, or one array of JSON."""
    records = (record_of(contact, withdrawn=withdrawn) for contact in contacts)
    if kind is Format.CSV:
        columns = WITHDRAWN_COLUMNS if withdrawn else COLUMNS
        yield line(columns)
        yield from (line([str(record[name]) for name in columns]) for record in records)
        return
    before = "[\n"
    for record in records:
        yield before + json.dumps(record, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"

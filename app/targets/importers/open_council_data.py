"""The file of Open Council Data UK: `Council,"Ward Name","Councillor Name","Next Election","Party Name",…`.

It has every councillor of the country without an e-mail address and without an id. A councillor's key is made of
council, ward and name, in the letters that ward codes are made of: whoever is re-elected keeps it, and so does a name
written with other capitals, accents, titles or honours; a new spelling of the name, another ward or a renamed council
makes somebody new. Two councillors of one name in one ward cannot be told apart: the second is rejected.

The year of the next election stands beside each councillor. Councils that elect by thirds have several.
"""

from __future__ import annotations

import re

from app.targets.areas import plain, ward_name
from app.targets.fields import FieldError
from app.targets.importers.account import Account, Entry
from app.targets.importers.addresses import NO_PLACE, NOTHING_TOLD, quoted
from app.targets.importers.councillors import Councillor, take
from app.targets.importers.parsed import Format, NextElection, Parsed
from app.targets.importers.sheets import TableRow, read_table
from app.targets.models import Confidence
from app.targets.names import clean_name

COLUMNS = ("Council", "Ward Name", "Councillor Name", "Next Election", "Party Name")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


def parse(raw: bytes) -> Parsed:
    """Read the file.

    Raises:
        NotThisFormatError: it has not these columns, or is no table at all.
    """
    account = Account()
    account.remark("the file", NO_PLACE)
    elections: dict[NextElection, None] = {}

    def take_row(entry: Entry, row: TableRow) -> None:
        council = _council(row)
        entry.external_id = _key(council, row)
        election, remark = _election(council, row)
        take(account, entry, _councillor(council, row, (*row.remarks, remark)))
        if election:
            elections[election] = None

    account.take_table(read_table(raw, COLUMNS), take_row)
    return account.parsed(elections)


def _council(row: TableRow) -> str:
    """Return the council's name as the file writes it."""
    council = row.text("Council")
    if not plain(council):
        raise FieldError("the council has no name")
    return council


def _key(council: str, row: TableRow) -> str:
    """Return the key that is described at the top; empty for a vacant seat."""
    name = clean_name(row.text("Councillor Name"))
    if name and not plain(name):
        raise FieldError("the name has no Latin letters, of which the councillor's key is made")
    return ":".join(map(plain, (council, ward_name(row.text("Ward Name")), name))) if name else ""


def _election(council: str, row: TableRow) -> tuple[NextElection | None, str]:
    """Return the election that the row names, and what is to be said of it."""
    text = row.text("Next Election")
    if year := _YEAR.search(text):
        return NextElection(council, int(year[0])), ""
    return None, f"the next election is no year: {quoted(text)}" if text else ""


def _councillor(council: str, row: TableRow, remarks: tuple[str, ...]) -> Councillor:
    return Councillor(
        name=row.text("Councillor Name"),
        ward=row.text("Ward Name"),
        email=NOTHING_TOLD,
        party=row.text("Party Name"),
        council=council,
        remarks=remarks,
    )


FORMAT = Format("open-council-data", "Open Council Data UK: councillors (CSV)", parse, Confidence.COLLECTED)

"""The file of traffordDataLab/councillors (OGL v3): `Name,Party,Ward,Telephone,Email,Page,Image`.

The council's own data lab collects it from the council's ModernGov site. A councillor's stable key is their user id
there, the `UID` in the address of their page. Wards are known by their names; telephone numbers and pictures are left
out.
"""

from __future__ import annotations

from app.targets.importers.account import Account, Entry
from app.targets.importers.councillors import Councillor, take, user_id
from app.targets.importers.parsed import Format, Parsed
from app.targets.importers.sheets import TableRow, read_table
from app.targets.models import Confidence

COLUMNS = ("Name", "Party", "Ward", "Email", "Page")


def parse(raw: bytes) -> Parsed:
    """Read the file.

    Raises:
        NotThisFormatError: it has not these columns, or is no table at all.
    """
    account = Account()

    def take_row(entry: Entry, row: TableRow) -> None:
        entry.external_id = user_id(row.text("Page"))
        take(account, entry, _councillor(row))

    account.take_table(read_table(raw, COLUMNS), take_row)
    return account.parsed()


def _councillor(row: TableRow) -> Councillor:
    return Councillor(
        name=row.text("Name"),
        ward=row.text("Ward"),
        email=row.email("Email"),
        party=row.text("Party"),
        url=row.text("Page"),
        remarks=row.remarks,
    )


FORMAT = Format("trafford", "Trafford Data Lab: councillors (CSV)", parse, Confidence.OFFICIAL, one_council=True)

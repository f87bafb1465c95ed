"""The CSV files of MPs that TheyWorkForYou offers: `Person ID,First name,Last name,Party,Constituency,URI`.

They have no e-mail address, no GSS code and no title: a constituency is known by its name, and the greeting carries the
whole name. The file of all members, former ones too, does not say who sits now; and the files of the Lords and of other
parliaments look the same, though peers have no constituency.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.targets.fields import FieldError, fitting, web_address
from app.targets.importers.account import Account
from app.targets.importers.addresses import NO_PLACE
from app.targets.importers.members import HOUSE, Reader, member_salutation, read_members
from app.targets.importers.parsed import Format, Parsed, Place, TargetRow
from app.targets.importers.sheets import TableRow, read_table
from app.targets.models import Area, AreaKind, Confidence, Target
from app.targets.names import clean_name
from app.targets.records import TargetRole

COLUMNS = ("Person ID", "First name", "Last name", "Party", "Constituency", "URI")


def parse(raw: bytes) -> Parsed:
    """Read the CSV file.

    Raises:
        NotThisFormatError: the file is no such table.
    """
    table, account = read_table(raw, COLUMNS), Account()
    account.remark("the file", NO_PLACE)
    return read_members(table, _READER, account)


FORMAT = Format("theyworkforyou", "MPs: the CSV file of TheyWorkForYou", parse, Confidence.COLLECTED, list_slug="mps")


def _place(row: TableRow) -> Place:
    name = fitting(Area.name, row.text("Constituency"))
    if not name:
        raise FieldError("there is no constituency")
    return Place(AreaKind.CONSTITUENCY, name)


def _full_name(row: TableRow) -> str:
    return f"{row.text('First name')} {row.text('Last name')}".strip()


def _member(row: TableRow, place: Place, full_name: str) -> tuple[TargetRow, Sequence[str]]:
    member = TargetRow(
        line=row.place,
        external_id=row.text("Person ID"),
        role=TargetRole.MP,
        name=fitting(Target.name, clean_name(full_name)),
        salutation=fitting(Target.salutation, member_salutation(full_name)),
        place=place,
        organisation=HOUSE,
        email_untold=True,
        party=fitting(Target.party, row.text("Party")),
        source_url=web_address(row.text("URI")),
    )
    return member, ()


_READER = Reader("Person ID", _place, _full_name, _member)

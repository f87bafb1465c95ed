"""What importers of Members of Parliament share: the account of their rows, and how a member is greeted.

Parliament's own members' service gives each name in a form for correspondence: title and surname, "Mr Sample", and for
a knight or dame the title and given name, "Sir Bob". It has neither "Rt Hon", which belongs on an envelope, nor "MP":
a letter opens "Dear Mr Sample", not "Dear Mr Sample MP". Where the source prints no title none is guessed from the
name: the greeting carries the whole name, "Dear Alex Sample".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.targets.fields import FieldError, fitting
from app.targets.importers.account import Account, Entry
from app.targets.importers.parsed import Parsed, Place, TargetRow
from app.targets.importers.sheets import Table, TableRow
from app.targets.models import Target
from app.targets.names import formal_salutation, is_vacant, split_name
from app.targets.records import Rejected

HOUSE = "House of Commons"
_GIVEN_NAME_FOLLOWS = {"sir": "Sir", "dame": "Dame"}


def member_salutation(full_name: str, email: str = "") -> str:
    """Return the whole greeting of a member, without a comma, from the name with the titles that are printed."""
    split = split_name(full_name)
    for title in split.titles:
        if knighted := _GIVEN_NAME_FOLLOWS.get(title.casefold()):
            given = split.name.partition(" ")[0].strip(".")
            return f"Dear {knighted} {given if len(given) > 1 else split.name}"
    return formal_salutation("", full_name, email)


@dataclass(frozen=True, slots=True)
class Reader:
    """How a format's row is read; each function may raise `FieldError`."""

    id_column: str
    place: Callable[[TableRow], Place]
    full_name: Callable[[TableRow], str]
    """The name with its titles; empty where there is none."""
    member: Callable[[TableRow, Place, str], tuple[TargetRow, Sequence[str]]]
    """The target of a row, its place and its full name, and what is to be said of it."""


def read_members(table: Table, reader: Reader, account: Account) -> Parsed:
    """Return the account of a table of which each row is a constituency and its member.

    A constituency has one member: of rows that claim the same one none is used, for which is right is not said. A row
    without a number and a name, or with a word such as "Vacant", is a vacant seat.
    """
    places = Counter(place for row in table.rows if (place := _place_or_none(row, reader)))
    account.take_table(table, lambda entry, row: _take(account, entry, row, reader, places))
    return account.parsed()


def _take(account: Account, entry: Entry, row: TableRow, reader: Reader, places: Counter[Place]) -> None:
    external_id = entry.external_id = fitting(Target.external_id, row.text(reader.id_column))
    place, full_name = reader.place(row), reader.full_name(row)
    if is_vacant(full_name) or not (full_name or external_id):
        account.vacant(row.place, place)
    elif places[place] > 1:
        account.reject(row.place, f"{places[place]} rows are for {place.name}", external_id)
    elif not split_name(full_name).name:
        account.reject(row.place, "there is no name", external_id)
    elif not external_id.isdecimal():
        account.reject(row.place, f"{reader.id_column} {external_id!r} is not a number")
    else:
        member, remarks = reader.member(row, place, full_name)
        account.use(member, [*row.remarks, *remarks])


def _place_or_none(row: TableRow | Rejected, reader: Reader) -> Place | None:
    try:
        return None if isinstance(row, Rejected) else reader.place(row)
    except FieldError:
        return None

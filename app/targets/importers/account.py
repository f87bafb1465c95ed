"""The account of a file: each of its rows is used, rejected or a vacant seat, and what was cleaned is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from app.targets.areas import plain
from app.targets.fields import FieldError
from app.targets.importers.addresses import quoted
from app.targets.importers.parsed import NextElection, Parsed, Place, TargetRow, VacantSeat
from app.targets.importers.sheets import Table, TableRow
from app.targets.names import SplitName
from app.targets.records import Rejected


@dataclass(slots=True)
class Entry:
    """One row while it is read: where it stands, and the external id as soon as that is known."""

    line: str
    external_id: str = ""


class Account:
    """Takes a file's rows one by one, in their order, and finds those that come twice.

    Of rows with one external id the first counts, and of rows that tell the same name, place and e-mail address under
    two ids too. The same name in the same place with another address, and one address of two people, are told: two
    people may share a name, and a letter goes once to a mailbox.
    """

    def __init__(self) -> None:
        self._rows: dict[str, TargetRow] = {}
        self._people: dict[tuple[str, str, Place | None], TargetRow] = {}
        self._mailboxes: dict[str, TargetRow] = {}
        self._rejected: list[Rejected] = []
        self._remarks: list[Rejected] = []
        self._vacancies: list[VacantSeat] = []

    @contextmanager
    def entry(self, line: str) -> Iterator[Entry]:
        """Open a row; a `FieldError` within rejects it, with its external id where that was known by then."""
        entry = Entry(line)
        try:
            yield entry
        except FieldError as error:
            self.reject(line, str(error), entry.external_id)

    def use(self, row: TargetRow, remarks: Iterable[str] = ()) -> None:
        """Take a row, and what is to be said of it; or reject it, where it is there already.

        Days of which the last is before the first are left out.
        """
        if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
            remarks = (
                *remarks,
                f"its last day ({row.valid_to}) is before its first ({row.valid_from}); both are left out",
            )
            row = replace(row, valid_from=None, valid_to=None)
        if first := self._rows.get(row.external_id):
            self.reject(row.line, f"{row.external_id} is in the file already: {first.line}", row.external_id)
            return
        person = (row.role.value, plain(row.name) or row.name, row.place)
        namesake = self._people.setdefault(person, row)
        if namesake is not row and row.email and namesake.email.casefold() == row.email.casefold():
            told = f"{row.name} is in the file already: {namesake.line}, as {namesake.external_id}"
            self.reject(row.line, told, namesake.external_id)
            return
        self._rows[row.external_id] = row
        if namesake is not row:
            remarks = (*remarks, f"somebody of the same name and place is there too: {namesake.line}")
        if row.email and (sharer := self._mailboxes.setdefault(row.email.casefold(), row)) is not row:
            remarks = (*remarks, f"the e-mail address is also that of {sharer.name}: {sharer.line}")
        self.remark(row.line, *remarks, external_id=row.external_id)

    def reject(self, line: str, reason: str, external_id: str = "", *, nobody: bool = False) -> None:
        """Take a row that cannot be used; see `Rejected`."""
        self._rejected.append(Rejected(line, reason, external_id, nobody))

    def vacant(self, line: str, place: Place) -> None:
        """Take a row that says that a seat is vacant."""
        self._vacancies.append(VacantSeat(line, place))

    def remark(self, line: str, *remarks: str, external_id: str = "") -> None:
        """Tell what was cleaned."""
        self._remarks += [Rejected(line, remark, external_id) for remark in remarks if remark]

    def add(self, remarks: Iterable[Rejected]) -> None:
        """Tell what is to be said of the file."""
        self._remarks += remarks

    def take_table(self, table: Table, take: Callable[[Entry, TableRow], None]) -> None:
        """Put a whole table into the account, each of its rows by `take`, which works as within `entry`."""
        self.add(table.remarks)
        for row in table.rows:
            if isinstance(row, Rejected):
                self.reject(row.place, row.reason)
                continue
            with self.entry(row.place) as entry:
                take(entry, row)

    def without_addresses(self) -> None:
        """Take it that the file tells of nobody's e-mail address, for it has no place for any.

        For formats in which whoever has no address has no such place: the rows say so already.
        """
        self._rows = {key: replace(row, email_untold=True) for key, row in self._rows.items()}

    def parsed(self, elections: Iterable[NextElection] = ()) -> Parsed:
        """Return the account."""
        return Parsed(
            rows=tuple(self._rows.values()),
            rejected=tuple(self._rejected),
            remarks=tuple(self._remarks),
            vacancies=tuple(self._vacancies),
            elections=tuple(elections),
        )


def beside_name(split: SplitName) -> str:
    """Return the remark on words that stood beside a name; empty where there were none."""
    return f"words beside the name are left out: {quoted(split.left_out)}" if split.left_out else ""

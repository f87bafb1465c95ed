"""The days on which councils and the House of Commons were, or will be, elected."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.targets.freshness import HOUSE_OF_COMMONS, refresh_staleness
from app.targets.importers.elections import ElectionRow
from app.targets.importers.parsed import NextElection
from app.targets.models import COUNCILS, Area, Election
from app.targets.records import Rejected
from app.targets.turn import take_turn

_MAY = 5


@dataclass(frozen=True, slots=True)
class ElectionImport:
    """How many elections were new and how many were known, the rows that name no body, and whom it concerns."""

    added: int
    known: int
    rejected: tuple[Rejected, ...]
    concerned: int
    """How many targets are stale now, or from another day, because of it."""


def ordinary_election_day(year: int) -> date:
    """Return the day of a year's ordinary council elections: the first Thursday in May."""
    first = date(year, _MAY, 1)
    return first.replace(day=1 + (calendar.THURSDAY - first.weekday()) % 7)


def elections(session: Session) -> Sequence[tuple[Election, str]]:
    """Return all elections, the latest first, each with the name of its body."""
    rows = session.execute(
        select(Election, Area.name)
        .outerjoin(Area, Area.code == Election.body_code)
        .order_by(Election.held_on.desc(), Election.body_code)
    )
    return [(election, name or _name(election.body_code)) for election, name in rows]


def store_elections(session: Session, rows: Iterable[ElectionRow], source: str) -> ElectionImport:
    """Add the elections that are not known; what is known keeps its source, and its acceptance.

    A row whose code is neither a council's of the registry nor that of the House of Commons is rejected.
    """
    take_turn(session)
    bodies = _bodies(session)
    wanted, rejected = [], []
    for row in rows:
        if row.code in bodies:
            wanted.append((row.code, row.held_on))
        else:
            rejected.append(Rejected(row.line, f"there is no council {row.code!r} in the registry"))
    added = _add(session, wanted, source)
    return ElectionImport(added, len(set(wanted)) - added, tuple(rejected), refresh_staleness(session))


def store_next_elections(
    session: Session,
    elections: Iterable[NextElection],
    resolve: Callable[[str], str | None],
    source: str,
    *,
    as_of: date,
) -> list[Rejected]:
    """Keep when a file says that councils are elected next: on the ordinary day of the year that it names.

    A day that the same source had told of a council before, and that has not come by `as_of`, is replaced: elections
    are put off. Where another source tells a day of that year, it knows better. The caller refreshes the staleness.

    Args:
        session: writes in the caller's transaction.
        elections: what the file says.
        resolve: gives the GSS code of a council in the file's own words; none for one that is not known.
        source: where the file comes from, in words that every edition of it has.
        as_of: the day that the file describes.

    Returns:
        The councils that are not known.
    """
    days: dict[str, date] = {}
    rejected = []
    for council, year in dict.fromkeys((told.council, told.year) for told in elections):
        if code := resolve(council):
            days[code] = ordinary_election_day(year)
        else:
            rejected.append(Rejected(f"next election {year}", f"there is no council {council!r} in the registry"))
    if days:
        _replace_next(session, days, source, as_of)
    return rejected


def _replace_next(session: Session, days: dict[str, date], source: str, as_of: date) -> None:
    known = session.execute(select(Election.id, Election.body_code, Election.held_on, Election.source)).all()
    of_others = {(row.body_code, row.held_on.year) for row in known if row.source != source}
    outdated = [
        row.id
        for row in known
        if row.source == source and row.held_on > as_of and row.held_on != days.get(row.body_code, row.held_on)
    ]
    if outdated:
        session.execute(delete(Election).where(Election.id.in_(outdated)))
    wanted = [(code, day) for code, day in days.items() if (code, day.year) not in of_others]
    _add(session, wanted, source)


def _add(session: Session, wanted: Iterable[tuple[str, date]], source: str) -> int:
    """Add the elections that are not there yet; how many these were."""
    rows = session.execute(select(Election.body_code, Election.held_on))
    known = {(row.body_code, row.held_on) for row in rows}
    new = sorted(set(wanted) - known)
    if new:
        session.execute(insert(Election), [{"body_code": code, "held_on": day, "source": source} for code, day in new])
    return len(new)


def _bodies(session: Session) -> set[str]:
    """Return the codes of all that is elected by areas here."""
    councils = select(Area.code).where(Area.kind.in_(COUNCILS))
    return {HOUSE_OF_COMMONS, *session.scalars(councils)}


def _name(code: str) -> str:
    return "House of Commons" if code == HOUSE_OF_COMMONS else code

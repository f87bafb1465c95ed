"""Adding to counters: changes are collected while a transaction runs and written in one go just before it commits.

They are written table by table, in the order of their keys: a counter's row is then locked for the length of a commit
only, and two transactions never wait for each other in a circle. Roll a session back and what it collected is gone
with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.db import Base
from app.statements import Columns, add_up

_KEY = "solidarity_counts"


@dataclass(frozen=True, slots=True)
class CounterTable:
    """A table of counters: its row's class, and its columns with what they hold, the number last."""

    row: type[Base]
    columns: Columns = field(hash=False, compare=False)

    @property
    def name(self) -> str:
        """The table's own name; tables are written in the order of these."""
        return str(self.row.__tablename__)


Key: TypeAlias = tuple[int | str, ...]
"""What names a counter: the table's columns but the number."""


def count(session: Session, table: CounterTable, changes: Iterable[tuple[Key, int]]) -> None:
    """Add to counters of a table when the transaction commits."""
    waiting = _waiting(session)[table]
    for key, number in changes:
        waiting[key] += number


def _waiting(session: Session) -> defaultdict[CounterTable, Counter[Key]]:
    if _KEY not in session.info:
        session.info[_KEY] = defaultdict(Counter)
        event.listen(session, "before_commit", _write)
        event.listen(session, "after_rollback", _forget)
    waiting: defaultdict[CounterTable, Counter[Key]] = session.info[_KEY]
    return waiting


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    waiting = _waiting(session)
    collected = sorted(waiting.items(), key=lambda each: each[0].name)
    waiting.clear()
    for table, changes in collected:
        add_up(session, table.row, table.columns, [(*key, change) for key, change in sorted(changes.items()) if change])


def _forget(session: Session) -> None:
    _waiting(session).clear()

"""Adding to counters: changes are collected while a transaction runs and written in one go just before it commits.

They are written table by table, in the order of their keys: a counter's row is then locked for the length of a commit
only, and two transactions never wait for each other in a circle. Roll a session back and what it collected is gone
with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.statements import Totals

_KEY = "solidarity_counts"


Key: TypeAlias = tuple[int | str, ...]
"""What names a counter: the table's columns but the number."""


def count(session: Session, table: Totals, changes: Iterable[tuple[Key, int]]) -> None:
    """Add to counters of a table when the transaction commits."""
    waiting = _waiting(session)[table]
    for key, number in changes:
        waiting[key] += number


def _waiting(session: Session) -> defaultdict[Totals, Counter[Key]]:
    if _KEY not in session.info:
        session.info[_KEY] = defaultdict(Counter)
        event.listen(session, "before_commit", _write)
        event.listen(session, "after_rollback", _forget)
    waiting: defaultdict[Totals, Counter[Key]] = session.info[_KEY]
    return waiting


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    waiting = _waiting(session)
    collected = sorted(waiting.items(), key=lambda each: each[0].name)
    waiting.clear()
    for table, changes in collected:
        table.add(session, [(*key, change) for key, change in sorted(changes.items()) if change])


def _forget(session: Session) -> None:
    _waiting(session).clear()

"""Forgetting many rows a few at a time, so that SQLite's write lock is held for moments and a table for none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, delete, inspect, select, tuple_, update
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.dml import Delete, Update

BATCH = 500
_BY_ITSELF = {"synchronize_session": False}


def delete_some(session: Session, row: type[DeclarativeBase], *where: ColumnElement[bool], at_most: int = BATCH) -> int:
    """Delete up to `at_most` rows for which all of `where` holds; how many. Call again while it is `at_most`."""
    return _done(session, delete(row).where(_chosen(row, where, at_most)))


def erase_some(
    session: Session, row: type[DeclarativeBase], *where: ColumnElement[bool], values: dict[str, Any]
) -> int:
    """Write `values` into up to `BATCH` rows for which all of `where` holds; after it, it must hold no more."""
    return _done(session, update(row).where(_chosen(row, where, BATCH)).values(values))


def _chosen(row: type[DeclarativeBase], where: tuple[ColumnElement[bool], ...], at_most: int) -> ColumnElement[bool]:
    keys = inspect(row).primary_key
    chosen: Select[Any] = select(*keys).where(*where).limit(at_most)
    return keys[0].in_(chosen) if len(keys) == 1 else tuple_(*keys).in_(chosen)


def _done(session: Session, statement: Delete | Update) -> int:
    result = session.execute(statement, execution_options=_BY_ITSELF)
    if not isinstance(result, CursorResult):
        raise TypeError("a statement without RETURNING gives a cursor's result")
    return result.rowcount

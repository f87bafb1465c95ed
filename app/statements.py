"""Statements for which the two databases have different words: inserts, counters, and many values at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, literal, select, text, true
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.columns import Base
from app.ready import Columns, GivenTable, Many, Number, Ready, one_of_many


def insert_or(session: Session, row: type[Base]) -> SqliteInsert | PostgresInsert:
    """An INSERT that can say what a conflict with a named uniqueness does, in the dialect of the session's database."""
    return _inserting(session.get_bind().dialect.name, row)


def _inserting(dialect: str, row: type[Base]) -> SqliteInsert | PostgresInsert:
    return sqlite_insert(row) if dialect == "sqlite" else postgres_insert(row)


def analyse(session: Session, *rows: type[Base]) -> None:
    """Let the database look at tables that have just been filled, in the session's transaction.

    PostgreSQL looks by itself only a minute or so later, and until then plans as if they were as small as before: a
    look-up reads whole tables. SQLite's plans do not depend on it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for row in rows:
        session.execute(text(f"ANALYZE {row.__tablename__}"))  # ours, no value of anybody's


def among(session: Session, column: Number, ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the column is one of `ids`, as one parameter, so that there may be any number of them."""
    return one_of_many(session.get_bind().dialect.name, column, literal(sorted(ids), Many()))


class Totals:
    """Counters in a table: the last of its columns is the number, the others are the key."""

    def __init__(self, row: type[Base], columns: Columns) -> None:
        self.name = row.__tablename__
        self._row, self._columns = row, columns
        self._table = GivenTable(columns)
        self._adding = Ready(self._build)

    def add(self, session: Session, rows: Sequence[Sequence[int | str]]) -> None:
        """Add to counters; missing rows are made.

        Give the rows in the order of their keys, so that two transactions never wait for each other in a circle.
        """
        if rows:
            self._adding.run(session, **self._table.values(session, rows))

    def _build(self, dialect: str) -> SqliteInsert | PostgresInsert:
        *key, number = self._columns
        into = _inserting(dialect, self._row)
        statement = into.from_select([*self._columns], select(self._table.build(dialect)).where(true()))
        added = self._row.__table__.c[number] + statement.excluded[number]
        return statement.on_conflict_do_update(index_elements=key, set_={number: added})

"""Statements for which the two databases have different words: inserts, counters, and many values at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    any_,
    cast,
    func,
    select,
    text,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from app.db import Base


def insert_or(session: Session, row: type[Base]) -> SqliteInsert | PostgresInsert:
    """An INSERT that can say what a conflict with a named uniqueness does, in the dialect of the session's database."""
    return sqlite_insert(row) if session.get_bind().dialect.name == "sqlite" else postgres_insert(row)


def analyse(session: Session, *rows: type[Base]) -> None:
    """Let the database look at tables that have just been filled, in the session's transaction.

    PostgreSQL looks by itself only a minute or so later, and until then plans as if they were as small as before: a
    look-up reads whole tables. SQLite's plans do not depend on it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for row in rows:
        session.execute(text(f"ANALYZE {row.__tablename__}"))  # ours, no value of anybody's


def among(
    session: Session,
    column: ColumnElement[int] | InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    ids: Collection[int],
) -> ColumnElement[bool]:
    """Whether the column is one of `ids`, as one parameter, so that there may be any number of them."""
    numbers = sorted(ids)
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(numbers)).table_valued("value").c.value))
    return column == any_(cast(numbers, ARRAY(BigInteger)))


Columns: TypeAlias = Mapping[str, TypeEngine[Any]]
"""Names of columns and what they hold."""


def table_of(session: Session, columns: Columns, rows: Sequence[Sequence[int | str]]) -> Subquery:
    """A table with these rows (at least one), for statements that take many at once with very few parameters."""
    kinds = list(columns.values())
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(rows)).table_valued("value")
        cells = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(kinds))]
    else:
        arrays = [cast(list(cells), ARRAY(kind)) for cells, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
        cells = [*func.unnest(*arrays).table_valued(*columns, name="each").render_derived().c]
    named = zip(columns, kinds, cells, strict=True)
    return select(*(type_coerce(cell, kind).label(name) for name, kind, cell in named)).subquery()


def add_up(session: Session, row: type[Base], columns: Columns, rows: Sequence[Sequence[int | str]]) -> None:
    """Add to counters: the last of the columns is the number, the others are the table's key; missing rows are made.

    Give the rows in the order of their keys, so that two transactions never wait for each other in a circle.
    """
    if not rows:
        return
    *key, number = columns
    statement = insert_or(session, row).from_select([*columns], select(table_of(session, columns, rows)).where(true()))
    counted = row.__table__.c[number]
    session.execute(
        statement.on_conflict_do_update(index_elements=key, set_={number: counted + statement.excluded[number]})
    )

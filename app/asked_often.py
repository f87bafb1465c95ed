"""Statements that are asked so often that SQLAlchemy's part in them counts, which is greater than the database's."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, SelectBase
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The statement in one dialect."""

    sql: str
    places: Sequence[str] | None
    """The names of its values in their order, where the driver takes them so."""
    readers: Sequence[Callable[[Any], Any] | None]
    """What makes a value of what the driver gives, by column."""


class AskedOften:
    """A statement that SQLAlchemy writes once, and that its driver is asked directly, in the session's transaction.

    Its values are named by `bindparam`, and the driver takes them as they are: text and whole numbers. Errors are the
    driver's own.
    """

    def __init__(self, statement: SelectBase) -> None:
        """`statement` has columns whose names are identifiers."""
        self._statement = statement
        self._row = row_of(statement)
        self._prepared: dict[str, _Prepared] = {}

    def rows(self, session: Session, **values: str | int) -> list[Any]:
        """All rows, with the columns' names, each cell as SQLAlchemy would give it."""
        connection = session.connection()
        prepared = self._prepared.get(connection.dialect.name) or self._prepare(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(prepared.sql, _ordered(values, prepared.places))
            found = cursor.fetchall()
        finally:
            cursor.close()
        return [self._row._make(_read(row, prepared.readers)) for row in found]

    def _prepare(self, dialect: Dialect) -> _Prepared:
        compiled = self._statement.compile(dialect=dialect)
        kinds = [column.type.dialect_impl(dialect) for column in self._statement.selected_columns]
        prepared = _Prepared(
            str(compiled),
            compiled.positiontup if compiled.positional else None,
            [kind.result_processor(dialect, None) for kind in kinds],
        )
        self._prepared[dialect.name] = prepared
        return prepared


def row_of(statement: SelectBase) -> Any:
    """A kind of tuple with the names of the statement's columns, for those who ask for many of them again and again:
    SQLAlchemy's own rows take twenty times as long to tell one.
    """
    return namedtuple("Row", statement.selected_columns.keys())  # noqa: PYI024 - its fields are known only now


def _ordered(values: dict[str, str | int], places: Sequence[str] | None) -> Any:
    return values if places is None else [values[name] for name in places]


def _read(row: Sequence[Any], readers: Sequence[Callable[[Any], Any] | None]) -> list[Any]:
    return [cell if read is None else read(cell) for cell, read in zip(row, readers, strict=True)]

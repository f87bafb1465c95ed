"""The parent of all rows, and the column types that every room shares."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum, MetaData
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine


class Base(DeclarativeBase):
    """The parent of all rows; every constraint gets a name, so that code can tell which one was broken."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Microseconds(sqlite.DATETIME):
    """How SQLite keeps a time: as whole microseconds since 1970, in eight bytes; a text takes twenty-six."""

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:  # noqa: ARG002 - the base's
        """On the way in."""
        return lambda value: None if value is None else (value - UNIX_EPOCH) // _MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002 - the base's
        """On the way out."""
        return lambda value: None if value is None else UNIX_EPOCH + timedelta(microseconds=value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL's own type, or what SQLite has instead."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_Microseconds())  # type: ignore[no-untyped-call] # its base's constructor
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's
        """Turn the time to UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone was given to the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's
        """Turn the time to UTC, whatever zone the server speaks in."""
        assert value is None or isinstance(value, datetime)  # noqa: S101 - the driver's promise
        return None if value is None else value.astimezone(UTC)


def enum_column(kind: type[enum.StrEnum], name: str, *, checked: bool = True) -> Enum:
    """A column that holds the enum's values as text under a named CHECK, alike on both databases.

    A table that every letter writes to has `one_of` among its constraints instead, and its columns are not `checked`.
    """
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=checked,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def one_of(column: str, kind: type[enum.StrEnum]) -> CheckConstraint:
    """The CHECK of `enum_column` under the same name, in words that SQLite is quick with: for an `IN` it builds a table
    of the values for each row that is written.
    """
    return CheckConstraint(" OR ".join(f"{column} = '{member}'" for member in kind), name=column)

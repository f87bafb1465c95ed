"""A database as whoever steals it would read it: every row of every table, without keys and without the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Engine, MetaData, select, type_coerce
from sqlalchemy.types import NullType

Dump = dict[str, list[tuple[Any, ...]]]


def dump(engine: Engine) -> Dump:
    """All rows by table, in a settled order, as the driver gives them."""
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(map(_plain, connection.execute(select(*map(_untyped, table.columns)))), key=repr)
            for name, table in sorted(metadata.tables.items())
        }


def raw_bytes(engine: Engine) -> bytes:
    """All values as one heap of bytes; on SQLite also the database file and its write-ahead log."""
    heap = b"\n".join(_bytes(value) for rows in dump(engine).values() for row in rows for value in row)
    if engine.dialect.name == "sqlite":
        folder, name = Path(engine.url.database or "").parent, Path(engine.url.database or "").name
        heap += b"".join(path.read_bytes() for path in sorted(folder.glob(f"{name}*")))
    return heap


def _untyped(column: Column[Any]) -> ColumnElement[Any]:
    return type_coerce(column, NullType)


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()

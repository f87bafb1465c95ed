"""Rewriting personal fields with the newest key, so that an older one can be retired."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, LargeBinary, Table, func, literal, select, type_coerce, update
from sqlalchemy.orm import Session

from app.db import Sessions
from app.privacy.fields import EncryptedText
from app.privacy.keys import FieldKeys
from app.rows import metadata

BATCH = 500


def rotate_keys(sessions: Sessions, keys: FieldKeys) -> int:
    """Rewrite every encrypted value that the newest key did not write, in batches of one transaction each.

    It may be stopped at any time and started again, and the site may run meanwhile.

    Returns:
        How many values were rewritten.

    Raises:
        UndecryptableError: a value was written by a key that is not in the ring any more.
    """
    rewritten = 0
    for table, column in _encrypted_columns():
        last = 0
        while True:
            with sessions.write() as session:
                ids = _outdated(session, table, column, keys.newest, last)
                _rewrite(session, table, column, ids)
            rewritten += len(ids)
            if len(ids) < BATCH:
                break
            last = ids[-1]
    return rewritten


def _encrypted_columns() -> Iterator[tuple[Table, Column[str]]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                yield table, column


def _outdated(session: Session, table: Table, column: Column[str], newest: bytes, after: int) -> list[int]:
    """The ids of rows whose value does not begin with the newest key's mark."""
    stored = type_coerce(column, LargeBinary)
    mark = bytes([len(newest)]) + newest
    starts = func.substr(stored, 1, len(mark), type_=LargeBinary)
    wanted = select(table.c.id).where(table.c.id > after, column.is_not(None), starts != literal(mark, LargeBinary))
    return list(session.scalars(wanted.order_by(table.c.id).limit(BATCH)))


def _rewrite(session: Session, table: Table, column: Column[str], ids: list[int]) -> None:
    # Under a lock, so that nothing erased or changed meanwhile is written back.
    rows = session.execute(select(table.c.id, column).where(table.c.id.in_(ids)).with_for_update()).all()
    for row_id, text in rows:
        session.execute(update(table).where(table.c.id == row_id).values({column: text}))

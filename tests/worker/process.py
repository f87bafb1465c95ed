"""`worker.py` as a process of its own, forked from one that has imported it: it works the same and is there at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.support.site import ROOT, wait_until

STOPS_WITHIN_SECONDS = 5
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["worker", __name__])


@dataclass(frozen=True)
class WorkerProcess:
    """A worker, and what it says."""

    process: ForkServerProcess
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def wait_for_log(self, words: str) -> None:
        wait_until(lambda: words in self.log or not self.process.is_alive(), f"{words!r} in the log")
        assert words in self.log, self.log

    def ask_to_stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, how)

    def wait(self) -> int:
        """Wait until it has left, which may take some seconds and no more; its exit code."""
        self.process.join(STOPS_WITHIN_SECONDS)
        assert self.process.exitcode is not None, self.log
        return self.process.exitcode

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and wait until it has; its exit code."""
        self.ask_to_stop(how)
        return self.wait()

    def kill(self) -> None:
        """Kill it wherever it is; it is gone when this returns."""
        self.process.kill()
        self.process.join()


def start(environment: Mapping[str, str], log_file: Path) -> WorkerProcess:
    """Start one with these settings and no others."""
    log_file.touch()
    process = _FORKS.Process(target=_be_worker, args=(environment, log_file), daemon=True)
    process.start()
    return WorkerProcess(process, log_file)


def _be_worker(environment: Mapping[str, str], log_file: Path) -> None:
    import worker  # noqa: PLC0415 - it turns off the collecting of rubbish, which is not for the tests themselves

    said = os.open(log_file, os.O_WRONLY | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(said, standard)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    worker.main()

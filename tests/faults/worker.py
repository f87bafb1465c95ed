"""A worker as it is in production, but for its clock. It is forked from a process that has imported everything."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path

from app.bootstrap import build_platform
from app.config import load_config
from app.logs import install_logs
from tests.faults.clock import SharedClock


def work(environment: Mapping[str, str], clock: Path, log: Path) -> None:
    """Be a worker with these settings until it is asked to stop, or killed."""
    import worker  # noqa: PLC0415 - it turns off the collecting of rubbish, which is not for whoever tests

    threading.Thread(target=_end_with_the_run, daemon=True).start()
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(said, standard)
    install_logs()
    worker.run(build_platform(load_config(environment), clock=SharedClock(clock)))


def _end_with_the_run() -> None:
    """Whoever kills the run leaves no worker behind."""
    run = parent_process()
    assert run is not None
    wait([run.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)

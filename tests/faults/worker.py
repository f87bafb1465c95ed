"""A worker as it is in production, but for its clock. It is forked from a process that has imported everything."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import worker
from app.bootstrap import build_platform
from app.config import load_config
from app.logs import install_logs
from tests.faults.clock import SharedClock

PR_SET_PDEATHSIG = 1


def work(environment: Mapping[str, str], clock: Path, log: Path) -> None:
    """Be a worker with these settings until it is asked to stop, or killed."""
    if sys.platform == "linux":  # whoever kills the run leaves no worker behind
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(said, standard)
    install_logs()
    worker.run(build_platform(load_config(environment), clock=SharedClock(clock)))

"""One try of one piece of work, whose failure is told and ends nothing else."""

from __future__ import annotations

from collections.abc import Callable

import structlog

_log: structlog.stdlib.BoundLogger = structlog.get_logger("worker")


def attempt(name: str, work: Callable[[], object]) -> bool:
    """Do the work; whether it went well. What goes wrong is logged, and tried again in the next round."""
    try:
        work()
    except Exception:  # noqa: BLE001 - one bad round must not end the rounds
        _log.exception("round failed", work=name)
        return False
    return True

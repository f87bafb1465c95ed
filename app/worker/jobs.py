"""Bulk jobs: what staff decided about many deliveries at once is carried out, batch by batch."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import structlog

from app.bootstrap import Platform
from app.delivery.bulk import QUEUES, carry_on, open_jobs
from app.delivery.bulk_models import JobState
from app.worker.attempts import attempt

BETWEEN_BATCHES = timedelta(milliseconds=50)
"""How long a job lets others write before it moves its next deliveries."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger("worker")


def carry_on_jobs(site: Platform, stopping: threading.Event) -> None:
    """Go on with every job that is open, also with one that was broken off."""
    with site.sessions.read() as session:
        waiting = open_jobs(session)
    for job_id in waiting:  # each with a try of its own: one that cannot be carried out holds no other up
        attempt("bulk", partial(_finish, site, job_id, stopping))


def _finish(site: Platform, job_id: int, stopping: threading.Event) -> None:
    while not stopping.is_set():
        job = carry_on(site.sessions, job_id, site.clock())
        if job.state is not JobState.OPEN:
            _log.info("bulk", job=job_id, deed=job.deed.value, done=job.done, skipped=job.skipped, failed=job.failed)
            if job.done and job.deed in QUEUES:
                site.doorbell.ring(0)
            return
        stopping.wait(BETWEEN_BATCHES.total_seconds())

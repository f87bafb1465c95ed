"""The doorbell's other end: answers rings in this process, one after the other, whether Redis comes or goes.

RQ's `SimpleWorker` runs each job here, without a fork. It gives up when Redis is away as it starts or while a job runs;
the listener then rests and begins again with a fresh one. It also brings things that a doorbell must not have: remote
commands in a thread of their own, and a stop that talks to Redis from inside a signal handler.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.worker import WorkerStatus

from app.doorbell.embedded import NoRedisServerError
from app.doorbell.queue import connect, deliveries_queue

_WORKER_TTL = 30  # seconds; RQ waits for a ring for 15 of them and for an answer to anything for 25

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Listener:
    """Calls `deliver` with the id of each delivery that was rung for. Listen from the main thread: it takes signals."""

    def __init__(
        self,
        url: str,
        deliver: Callable[[int], object],
        *,
        before: Callable[[], object] = lambda: None,
        rest: timedelta = timedelta(seconds=5),
    ) -> None:
        """Take the address of Redis, what a ring does, and what to do `before` each connection (start a server)."""
        self._url = url
        self._job_class = _job_class(deliver)
        self._before = before
        self._rest = rest.total_seconds()
        self._worker: _QuietWorker | None = None

    def listen(self, stopping: threading.Event) -> None:
        """Answer rings until `stopping` is set; SIGTERM and SIGINT set it. A delivery under way is finished first.

        A signal ends the wait at once; an event that is set without one is seen within fifteen seconds.
        """
        with self._signals_set(stopping):
            while not stopping.is_set():
                try:
                    self._work(stopping)
                except (RedisError, OSError, NoRedisServerError) as error:
                    _log.warning("no doorbell for now", said=str(error), instead="the sweep goes on")
                except StopRequested:
                    continue
                stopping.wait(self._rest)

    def _work(self, stopping: threading.Event) -> None:
        self._before()
        with connect(self._url) as connection:
            queue = deliveries_queue(connection)
            self._worker = _QuietWorker(
                [queue], connection=connection, serializer="json", job_class=self._job_class, worker_ttl=_WORKER_TTL
            )
            try:
                self._worker.work_until(stopping)
            finally:
                self._worker = None

    @contextmanager
    def _signals_set(self, stopping: threading.Event) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            stopping.set()
            if self._worker is not None:
                self._worker.stop_soon()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _QuietWorker(SimpleWorker):
    """RQ's worker with no more than a doorbell needs."""

    _stopping = threading.Event()

    def work_until(self, stopping: threading.Event) -> None:
        """Run jobs until the event is set or Redis is away."""
        self._stopping = stopping
        self._stop_requested = stopping.is_set()
        self.work(logging_level="WARNING")

    def stop_soon(self) -> None:
        """Leave the loop after the job under way, or now when there is none. For signal handlers only.

        Raises:
            StopRequested: no job is under way; RQ's loop catches it.
        """
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def heartbeat(self, *arguments: Any, **options: Any) -> None:
        """Leave the loop when Redis is away, for RQ would try again ever later; and when it is time to stop."""
        try:
            super().heartbeat(*arguments, **options)
        except RedisError as error:
            raise StopRequested from error
        if self._stopping.is_set() and self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def teardown(self) -> None:
        """Say goodbye where Redis is there to hear it."""
        with suppress(RedisError):
            super().teardown()  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """Take no commands from Redis."""

    def _install_signal_handlers(self) -> None:
        """Leave signals to the listener."""


def _job_class(deliver: Callable[[int], object]) -> type[Job]:
    class Ring(Job):
        """A ring calls what this process delivers with, not whatever function the job names."""

        @property
        def func(self) -> Callable[[int], object]:
            return deliver

    return Ring

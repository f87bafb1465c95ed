"""The worker: answers the doorbell, sweeps by time, and runs the embedded Redis when none is configured.

One process, two threads. The main thread is RQ's worker: a job wakes it and it drains what is due. A second thread
sweeps by time, for the database is the queue of record: with Redis away, letters leave one sweep later.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from rq import SimpleWorker

from app.actions.retention import BATCH, expire_actions
from app.actions.throttle import forget_windows
from app.bootstrap import Platform, platform_from_environment
from app.config import ConfigError
from app.doorbell.embedded import EmbeddedRedis, NoRedisServerError
from app.doorbell.queue import connect, deliveries_queue

REST = timedelta(seconds=2)
"""How long to wait before Redis is tried again."""

HOUSEKEEPING_EVERY = timedelta(hours=1)

_log = logging.getLogger("worker")


class DeliveryWorker:
    """Delivers when told and by the clock, until it is asked to stop."""

    def __init__(self, platform: Platform) -> None:
        self.stopping = threading.Event()
        self._platform = platform
        self._dispatcher = platform.dispatcher
        self._one_at_a_time = threading.Lock()
        self._housekept_at: datetime | None = None

    def deliver(self) -> None:
        """Hand over everything that is due."""
        with self._one_at_a_time:
            claimed = self._dispatcher.deliver_due(self.stopping.is_set)
        if claimed:
            _log.info("claimed %d deliveries", claimed)

    def sweep_for_ever(self) -> None:
        """Sweep, keep house, wait; whatever goes wrong in one round is logged and tried again in the next."""
        while not self.stopping.is_set():
            self._attempt("sweep", self._sweep)
            self._attempt("housekeeping", self._keep_house)
            self.stopping.wait(self._platform.config.sweep_every.total_seconds())

    def _attempt(self, name: str, work: Any) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - one bad round must not end the rounds
            _log.exception("%s failed; it is tried again in the next round", name)

    def _sweep(self) -> None:
        with self._one_at_a_time:
            self._dispatcher.sweep(self.stopping.is_set)

    def _keep_house(self) -> None:
        now = self._platform.clock()
        if self._housekept_at is not None and now < self._housekept_at + HOUSEKEEPING_EVERY:
            return
        expired = BATCH
        while expired == BATCH and not self.stopping.is_set():
            with self._platform.sessions.write() as session:
                expired = expire_actions(session, now)
        with self._platform.sessions.write() as session:
            forget_windows(session, now)
        self._housekept_at = now


class RingWorker(SimpleWorker):
    """RQ's worker without forks, which tells the rest of the process when it is asked to stop."""

    stopping: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop the sweeper as well."""
        self.stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


_running: DeliveryWorker | None = None


def deliver_due(_delivery_id: int) -> None:
    """The job that the doorbell queues. The id says which delivery it rang for; the database says what is due."""
    if _running is not None:
        _running.deliver()


def run(platform: Platform) -> None:
    """Work until SIGTERM or SIGINT. Mail that is being handed over is finished and settled first."""
    global _running  # noqa: PLW0603 - RQ calls the job by its name and can give it nothing of ours
    _running = worker = DeliveryWorker(platform)
    sweeper = threading.Thread(target=worker.sweep_for_ever, name="sweeper")
    sweeper.start()
    try:
        _answer_rings(platform, worker)
    finally:
        worker.stopping.set()
        sweeper.join()


def _answer_rings(platform: Platform, worker: DeliveryWorker) -> None:
    embedded = None if platform.config.redis_url else EmbeddedRedis(platform.config.instance_dir)
    try:
        while not worker.stopping.is_set():
            _stop_on_signals(worker)
            try:
                if embedded is not None:
                    embedded.ensure_running()
            except NoRedisServerError as reason:
                _log.warning("%s", reason)
                worker.stopping.wait()
                return
            _work_until_stopped(platform.config.redis_url or (embedded.url if embedded else ""), worker)
            _stop_on_signals(worker)
            worker.stopping.wait(REST.total_seconds())
    finally:
        if embedded is not None:
            embedded.stop()


def _work_until_stopped(url: str, worker: DeliveryWorker) -> None:
    """Run RQ's worker; it comes back when it is asked to stop, or when Redis has gone for good."""
    connection = connect(url, REST)
    try:
        ring = RingWorker([deliveries_queue(connection)], connection=connection, serializer="json")
        ring.stopping = worker.stopping
        ring.work(logging_level="WARNING")
    except Exception as error:  # noqa: BLE001 - whatever Redis does, the sweep goes on
        _log.warning("Redis does not answer (%s); letters leave by the sweep meanwhile", type(error).__name__)


def _stop_on_signals(worker: DeliveryWorker) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())


def main() -> None:
    """Start from the environment; a setting that is missing or wrong is one sentence and no traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        platform = platform_from_environment(os.environ)
    except ConfigError as error:
        sys.exit(str(error))
    run(platform)


if __name__ == "__main__":
    # RQ imports this module by its name to call `deliver_due`: the state must live in that one, not in `__main__`.
    from worker import main as main_by_name

    main_by_name()

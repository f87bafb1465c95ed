"""The worker: answers the doorbell, sweeps by time, and runs the embedded Redis when none is configured.

One process, five threads. The main thread answers rings and drains what is due; a second one sweeps by time, for the
database is the queue of record: with Redis away, letters leave one sweep later. What staff have decided or asked for
must not wait until a drain has ended, for it may be there to stop it: a third thread carries out what was decided
about many deliveries at once, a fourth does what somebody waits for at their browser, and what comes after a
campaign's end. A fifth tells webhooks what has happened, so that no receiver of theirs keeps a letter waiting.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.actions.retention import BATCH, expire_actions
from app.actions.review import forget_alike
from app.actions.throttle import forget_windows
from app.bootstrap import Platform, platform_from_environment, warm_up
from app.config import ConfigError
from app.delivery.bulk import QUEUES, carry_on, open_jobs
from app.delivery.bulk_models import JobState
from app.doorbell.embedded import EmbeddedRedis, find_server
from app.doorbell.listener import Listener
from app.hooks.settle import forget_announcements
from app.logs import install_logs
from app.registrar.uploads import forget_uploads
from app.replies.retention import forget_answers, forget_notes, passed_on
from app.replies.survey import ask_due, is_due
from app.running.endings import wind_up
from app.running.samples import forget_samples
from app.staff.links import forget_links
from app.staff.sessions import forget_sessions
from app.targets.corrections import erase_words
from app.targets.overrides import expire_overrides, overrides_due
from app.targets.postcode_answers import forget_answers as forget_postcode_answers

HOUSEKEEPING_EVERY = timedelta(hours=1)
JOBS_LOOKED_FOR_EVERY = timedelta(seconds=2)
BETWEEN_BATCHES = timedelta(milliseconds=50)
"""How long a job lets others write before it moves its next deliveries."""
ERRANDS_EVERY = timedelta(seconds=1)
"""How soon the worker sees that somebody waits at their browser."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger("worker")


class DeliveryWorker:
    """Delivers when told and by the clock, until it is asked to stop."""

    def __init__(self, platform: Platform) -> None:
        self.stopping = threading.Event()
        self._platform = platform
        self._dispatcher = platform.dispatcher
        self._announcer = platform.announcer
        self._one_at_a_time = threading.Lock()
        self._housekept_at: datetime | None = None

    def deliver_due(self, _delivery_id: int) -> None:
        """Answer a ring. The id says which delivery it was for; the database says what is due.

        What goes wrong is logged here and does not reach RQ, which would keep an error's words in Redis.
        """
        self._attempt("ring", self._answer)

    def close(self) -> None:
        """Let go of connections. Nothing may be under way."""
        self._dispatcher.close()

    def sweep_for_ever(self) -> None:
        """Sweep, keep house, wait. What goes wrong in one round is logged and tried again in the next."""
        while not self.stopping.is_set():
            # First, so that letters of a campaign that opens or goes on by time leave in the same round.
            self._attempt("clockwork", self._turn_clockwork)
            self._attempt("digest", self._queue_digests)
            self._attempt("publication", self._publish)
            self._attempt("sweep", self._sweep)
            # Each housekeeping has a try of its own: a broken purge must not stop the mail (proca-server #196).
            self._attempt("housekeeping", self._keep_house)
            self._attempt("overrides", self._end_overrides)
            self._attempt("answers", self._forget_answers)
            self._attempt("survey", self._ask_who_answered)
            self.stopping.wait(self._platform.config.sweep_every.total_seconds())

    def announce_for_ever(self) -> None:
        """Tell webhooks what is due, wait, and look again."""
        while not self.stopping.is_set():
            self._attempt("webhooks", self._announce)
            self.stopping.wait(self._platform.config.sweep_every.total_seconds())

    def _announce(self) -> None:
        self._announcer.go_round(self.stopping.is_set)

    def carry_on_for_ever(self) -> None:
        """Carry out what staff decided about many deliveries; a job that was broken off is gone on with."""
        while not self.stopping.is_set():
            self._attempt("bulk", self._carry_on)
            self.stopping.wait(JOBS_LOOKED_FOR_EVERY.total_seconds())

    def _carry_on(self) -> None:
        with self._platform.sessions.read() as session:
            waiting = open_jobs(session)
        for job_id in waiting:
            self._finish(job_id)

    def _finish(self, job_id: int) -> None:
        site = self._platform
        while not self.stopping.is_set():
            job = carry_on(site.sessions, job_id, site.clock())
            if job.state is not JobState.OPEN:
                _log.info(
                    "bulk", job=job_id, deed=job.deed.value, done=job.done, skipped=job.skipped, failed=job.failed
                )
                if job.done and job.deed in QUEUES:
                    site.doorbell.ring(0)
                return
            self.stopping.wait(BETWEEN_BATCHES.total_seconds())

    def run_errands_for_ever(self) -> None:
        """Do what staff wait for, soon after they have asked; one bad round does not end the rounds."""
        checker = self._platform.checker
        while not self.stopping.is_set():
            self._attempt("checks", lambda: checker.run_due(self.stopping.is_set))
            self._attempt("endings", self._wind_up)
            self.stopping.wait(ERRANDS_EVERY.total_seconds())

    def _attempt(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - one bad round must not end the rounds
            _log.exception("round failed", work=name)  # the next one tries again

    def _answer(self) -> None:
        with self._one_at_a_time:
            claimed = self._dispatcher.deliver_due(self.stopping.is_set)
        _log.info("ring", claimed=claimed)

    def _turn_clockwork(self) -> None:
        for delivery_id in self._platform.clockwork.turn(self._platform.clock()):
            self._platform.doorbell.ring(delivery_id)

    def _queue_digests(self) -> None:
        queued = self._platform.digest_round.turn(self._platform.clock())
        if queued:
            self._platform.doorbell.ring(queued[-1])
            _log.info("digest", queued=len(queued))

    def _publish(self) -> None:
        if published := self._platform.publication_round.turn(self._platform.clock()):
            _log.info("publication", campaigns=published)

    def _wind_up(self) -> None:
        done = 0
        while not self.stopping.is_set() and (batch := wind_up(self._platform.sessions, self._platform.clock())):
            done += batch
        if done:
            self._platform.doorbell.ring(0)
            _log.info("endings", done=done)

    def _sweep(self) -> None:
        with self._one_at_a_time:
            claimed = self._dispatcher.sweep(self.stopping.is_set)
        if claimed:
            _log.info("sweep", claimed=claimed)

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
            erase_words(session, now)
            forget_sessions(session, now)
            forget_links(session, now)
            forget_alike(session, now)
            forget_samples(session, now)
            forget_announcements(session, now)
            forget_uploads(session, now)
            forget_postcode_answers(session, now)
            forget_notes(session, now)
        self._housekept_at = now

    def _end_overrides(self) -> None:
        now = self._platform.clock()
        with self._platform.sessions.read() as session:
            due = overrides_due(session, now)
        if due:
            with self._platform.sessions.write() as session:
                ended = expire_overrides(session, now)
            _log.info("overrides ended", number=len(ended))

    def _forget_answers(self) -> None:
        """Delete what was answered as soon as it is passed on."""
        now = self._platform.clock()
        with self._platform.sessions.read() as session:
            ids = passed_on(session, now)
        if ids:
            with self._platform.sessions.write() as session:
                forget_answers(session, ids)

    def _ask_who_answered(self) -> None:
        """Queue one batch of questions; the next sweep goes on."""
        now, wait = self._platform.clock(), self._platform.config.reply_survey_after
        if wait is None:
            return
        with self._platform.sessions.read() as session:
            due = is_due(session, now, wait)
        if due:
            with self._platform.sessions.write() as session:
                looked_at = ask_due(session, now, wait)
            _log.info("reply survey", actions=looked_at)


def run(platform: Platform) -> None:
    """Work until SIGTERM or SIGINT. Mail that is being handed over is finished and settled first."""
    worker = DeliveryWorker(platform)
    helpers = [
        threading.Thread(target=worker.sweep_for_ever, name="sweeper"),
        threading.Thread(target=worker.carry_on_for_ever, name="jobs"),
        threading.Thread(target=worker.run_errands_for_ever, name="errands"),
        threading.Thread(target=worker.announce_for_ever, name="announcer"),
    ]
    for helper in helpers:
        helper.start()
    try:
        _answer_rings(platform, worker)
    finally:
        worker.stopping.set()
        for helper in helpers:
            helper.join()
        worker.close()


def _answer_rings(platform: Platform, worker: DeliveryWorker) -> None:
    config = platform.config
    if config.redis_url:
        Listener(config.redis_url, worker.deliver_due).listen(worker.stopping)
    elif find_server() is None:
        # The platform has said so when it was built; what is left to do here is to wait for the end.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stopping.set())
        worker.stopping.wait()
    else:
        embedded = EmbeddedRedis(config.instance_dir)
        try:
            Listener(embedded.url, worker.deliver_due, before=embedded.ensure_running).listen(worker.stopping)
        finally:
            embedded.stop()


def main() -> None:
    """Start from the environment; a setting that is missing or wrong is one sentence and no traceback."""
    install_logs()
    try:
        platform = platform_from_environment(os.environ)
    except ConfigError as error:
        sys.exit(str(error))
    warm_up()
    run(platform)


if __name__ == "__main__":
    main()

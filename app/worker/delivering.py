"""The worker: answers the doorbell, and makes its rounds by time.

The main thread answers rings and drains what is due; a second one sweeps by time, for the database is the queue of
record: with Redis away, letters leave one sweep later. What staff have decided or asked for must not wait until a drain
has ended, for it may be there to stop it: a third thread carries out what was decided about many deliveries at once, a
fourth does what somebody waits for at their browser, and what comes after a campaign's end. A fifth tells webhooks what
has happened, so that no receiver of theirs keeps a letter waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from app.bootstrap import Platform
from app.ready import rehearse
from app.worker.attempts import attempt
from app.worker.housekeeping import Housekeeping
from app.worker.jobs import carry_on_jobs
from app.worker.rounds import (
    ask_who_answered,
    end_overrides,
    forget_passed_on,
    publish_figures,
    queue_digests,
    turn_clockwork,
    wind_up_campaigns,
)

JOBS_LOOKED_FOR_EVERY = timedelta(seconds=2)
ERRANDS_EVERY = timedelta(seconds=1)
"""How soon the worker sees that somebody waits at their browser."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger("worker")


class DeliveryWorker:
    """Delivers when told and by the clock, until it is asked to stop."""

    def __init__(self, platform: Platform) -> None:
        self.stopping = threading.Event()
        self._platform = platform
        self._dispatcher = platform.dispatcher
        self._one_at_a_time = threading.Lock()
        self._housekeeping = Housekeeping(platform.sessions, platform.clock, self.stopping)
        self._threads: list[threading.Thread] = []

    def deliver_due(self, _delivery_id: int) -> None:
        """Answer a ring. The id says which delivery it was for; the database says what is due.

        What goes wrong is logged here and does not reach RQ, which would keep an error's words in Redis.
        """
        attempt("ring", self._answer)

    def start(self) -> None:
        """Begin all rounds but the answers to rings."""
        attempt("rehearsal", self._rehearse)
        config = self._platform.config
        for name, round_, every in (
            ("sweeper", self.sweep_round, config.sweep_every),
            ("jobs", self._jobs_round, JOBS_LOOKED_FOR_EVERY),
            ("errands", self._errands_round, ERRANDS_EVERY),
            ("announcer", self._announcing_round, config.sweep_every),
        ):
            thread = threading.Thread(target=self._for_ever, args=(round_, every), name=name)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End the rounds, wait until what is under way is finished, and let go of connections."""
        self.stopping.set()
        for thread in self._threads:
            thread.join()
        self._dispatcher.close()

    def sweep_round(self) -> None:
        """Do what is due by the clock; what goes wrong with one piece of work keeps no other from being done."""
        site = self._platform
        # First, so that letters of a campaign that opens or goes on by time leave in the same round.
        attempt("clockwork", lambda: turn_clockwork(site))
        attempt("digest", lambda: queue_digests(site))
        attempt("sweep", self._sweep)
        attempt("publication", lambda: publish_figures(site))
        # Each housekeeping has a try of its own: a broken purge must not stop the mail (proca-server #196).
        attempt("housekeeping", self._housekeeping.turn)
        attempt("overrides", lambda: end_overrides(site))
        attempt("answers", lambda: forget_passed_on(site))
        attempt("survey", lambda: ask_who_answered(site))

    def _rehearse(self) -> None:
        with self._platform.sessions.write() as session:
            rehearse(session)

    def _for_ever(self, round_: Callable[[], None], every: timedelta) -> None:
        while not self.stopping.is_set():
            round_()
            self.stopping.wait(every.total_seconds())

    def _jobs_round(self) -> None:
        attempt("bulk", lambda: carry_on_jobs(self._platform, self.stopping))

    def _errands_round(self) -> None:
        attempt("checks", lambda: self._platform.checker.run_due(self.stopping.is_set))
        attempt("endings", lambda: wind_up_campaigns(self._platform, self.stopping.is_set))

    def _announcing_round(self) -> None:
        attempt("webhooks", lambda: self._platform.announcer.go_round(self.stopping.is_set))

    def _answer(self) -> None:
        with self._one_at_a_time:
            claimed = self._dispatcher.deliver_due(self.stopping.is_set)
        _log.info("ring", claimed=claimed)

    def _sweep(self) -> None:
        with self._one_at_a_time:
            claimed = self._dispatcher.sweep(self.stopping.is_set)
        if claimed:
            _log.info("sweep", claimed=claimed)

"""Claim, hand over, settle: the only path by which mail leaves the house.

No transaction is open while the network is used. A batch is claimed in one transaction, rendered, handed over, and
settled in others, bit by bit; whatever was not handed over (the worker is stopping, a brake was put on, the lease is
running short) goes back to the queue untouched. What a worker that died was about, its journal tells (`recover`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import structlog

from app.db import Sessions
from app.delivery.batch import Batch, Clock
from app.delivery.journal import Journal
from app.delivery.lateness import Lateness
from app.delivery.patience import give_up_blocked
from app.delivery.prepared import Prepared
from app.delivery.recover import settle_orphans, take_back
from app.delivery.render import Renderer
from app.delivery.settle import RETRY_AFTER
from app.delivery.tracking import apply_waiting
from app.letters.placeholders import TemplateFault
from app.mail.transport import Transport
from app.privacy.keys import UndecryptableError
from app.queue.claim import Claim, claim_due, release_expired
from app.queue.lanes import LaneRules
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource
from app.ready import plan_for_batches

BATCH = 500

RESTS = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 120, 300))
"""How long this worker waits after the first, second, … time that its relay or provider could not be used at all."""

UNREADABLE = (UndecryptableError, TemplateFault)
"""What a row raises that no key of the ring reads, or whose template asks for what it does not have."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Dispatcher:
    """Delivers what is due. One belongs to one thread of one process."""

    sessions: Sessions
    transport: Transport
    renderer: Renderer
    clock: Clock
    rules: LaneRules
    lateness: Lateness
    journals: Path
    """Where the workers of this machine keep their journals."""
    random: Random = field(default_factory=Random)
    _journal: Journal | None = None
    _pending: Batch | None = None
    """A batch that could not be settled: nothing else is claimed before it is."""
    _begun: str | None = None
    """The token of a lease of which nothing was handed over yet. If its transaction or its rendering breaks off, nobody
    can know here what it claimed; it is given back before anything else is claimed."""
    _failures: int = 0
    _rests_until: datetime | None = None

    def deliver_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Hand over everything that may leave, batch by batch, until nothing may or `stopping` says so.

        Safe to call at any time from any number of processes: a delivery is claimed by one of them only.

        Returns:
            How many deliveries were claimed.
        """
        claimed = 0
        self._settle_pending()
        while not stopping() and not self._resting():
            claim = self._claim()
            if not claim.ids:
                self._begun = None
                break
            claimed += len(claim.ids)
            self._deliver(claim, stopping)
        return claimed

    def sweep(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Settle claims of workers that are gone, give up what waited in vain, then deliver what is due.

        Returns:
            How many deliveries were claimed.
        """
        self._settle_pending()
        settle_orphans(self.sessions, self.journals, self.clock(), self.random)
        with self.sessions.write() as session:
            release_expired(session, self.clock())
            give_up_blocked(session, self.clock())
            apply_waiting(session, self.clock(), self.random)
            self.lateness.note_sweep(session, self.clock())
        return self.deliver_due(stopping)

    def close(self) -> None:
        """Let go of connections; the journal goes too, if nothing in it is open."""
        self.transport.close()
        if self._journal is not None and self._pending is None and self._begun is None:
            self._journal.close()

    def _claim(self) -> Claim:
        # After a failure one mail tries the way out.
        limit = 1 if self._failures else BATCH
        if self._journal is None:
            self._journal = Journal(self.journals)
        self._begun = token = self._journal.new_lease()
        with self.sessions.write() as session:
            plan_for_batches(session)
            return claim_due(session, self.clock(), limit, self.rules, token=token, random=self.random)

    def _deliver(self, claim: Claim, stopping: Callable[[], bool]) -> None:
        assert self._journal is not None  # noqa: S101 - `_claim` has made it
        batch = Batch(self.sessions, self._journal, self.clock, self.random, claim, self._prepare(claim), stopping)
        self._pending, self._begun = batch, None
        try:
            self.transport.hand_over(batch.messages(), batch)
        finally:
            self._settle_pending()
            self._note_way_out(batch)
        _log.info("batch", lease=claim.token, claimed=len(claim.ids), **batch.outcomes)

    def _settle_pending(self) -> None:
        if self._begun is not None:
            take_back(self.sessions, self._begun, self.clock())
            self._begun = None
        if self._pending is not None:
            self._pending.settle()
            self._pending = None

    def _resting(self) -> bool:
        return self._rests_until is not None and self.clock() < self._rests_until

    def _note_way_out(self, batch: Batch) -> None:
        """Rest when the relay or provider cannot be used; go on at full speed when it can."""
        if batch.way_out is None:
            self._failures = 0 if batch.outcomes else self._failures
            return
        rest = batch.way_out.wait or RESTS[min(self._failures, len(RESTS) - 1)]
        self._failures += 1
        self._rests_until = self.clock() + rest
        _log.warning("no way out", said=batch.way_out.note, seconds=int(rest.total_seconds()))

    def _prepare(self, claim: Claim) -> Prepared:
        try:
            try:
                return self._render(claim.ids)
            except UNREADABLE:
                return self._render_one_by_one(claim.ids)
        except Exception:
            # Nothing was handed over, so no letter is in doubt. A little later, so that other mail gets past.
            now = self.clock()
            change = Move(
                DeliveryState.SENDING,
                DeliveryState.QUEUED,
                EventSource.WORKER,
                reason="not_rendered",
                due_at=now + RETRY_AFTER[0],
                refund=True,
            )
            with self.sessions.write() as session:
                plan_for_batches(session)
                move(session, claim.ids, change, now, lease=claim.lease_id)
            raise

    def _render(self, ids: Collection[int]) -> Prepared:
        with self.sessions.read() as session:
            return self.renderer.prepare(session, ids, self.clock())

    def _render_one_by_one(self, ids: Collection[int]) -> Prepared:
        """Find those that cannot be read, so that the others go out: one bad row must not stop the mail."""
        prepared = Prepared()
        for delivery_id in ids:
            try:
                prepared.add(self._render([delivery_id]))
            except UNREADABLE as error:
                _log.error("unreadable", delivery=delivery_id, kind=type(error).__name__)
                prepared.unreadable.append(delivery_id)
        return prepared

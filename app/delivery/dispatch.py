"""Claim, hand over, settle: the only path by which mail leaves the house.

No transaction is open while the network is used. A batch is claimed in one transaction, rendered, handed over, and
settled in one transaction; whatever was not handed over (the worker is stopping, the lease is running short) goes back
to the queue untouched. What was handed over without an answer stays claimed and is settled when its lease runs out.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.db import Sessions
from app.delivery.render import Prepared, Renderer
from app.letters.placeholders import TemplateFault
from app.mail.message import Message
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Transport, Uncertain
from app.privacy.keys import UndecryptableError
from app.queue.claim import Claim, claim_due, release_expired
from app.queue.rows import Move, move
from app.queue.states import TRANSITIONS, DeliveryState, EventSource

BATCH = 50
LEASE_MARGIN = timedelta(minutes=5)
"""How much of a lease must be left to hand over one more mail: longer than an answer is waited for."""

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
"""The wait after the first, second, … deferral; the last one repeats. Gateways heal themselves (writetothem #285)."""

GIVE_UP_AFTER = timedelta(days=7)
"""How long a mail is tried. It is counted in waits, not from the mail's making: a letter that was held, or whose
campaign was paused, for longer than that still gets all its tries."""

UNREADABLE = (UndecryptableError, TemplateFault)
"""What a row raises that no key of the ring reads, or whose template asks for what it does not have."""

UNREADABLE_WAIT = timedelta(hours=1)
"""When a mail that could not be read is tried again: a missing key may have been put back."""

Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Batch:
    """What is known of a claimed batch while it is on its way."""

    claim: Claim
    prepared: Prepared
    fed: set[int] = field(default_factory=set)
    answers: list[tuple[int, Outcome]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Delivers what is due."""

    sessions: Sessions
    transport: Transport
    renderer: Renderer
    clock: Clock

    def deliver_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Hand over everything that is due, batch by batch, until nothing is or `stopping` says so.

        Safe to call at any time from any number of processes: a delivery is claimed by one of them only.

        Returns:
            How many deliveries were claimed.
        """
        claimed = 0
        while not stopping():
            with self.sessions.write() as session:
                claim = claim_due(session, self.clock(), BATCH)
            if not claim.ids:
                break
            claimed += len(claim.ids)
            self._deliver(claim, stopping)
        return claimed

    def sweep(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Settle claims of workers that are gone, then deliver what is due. Returns how many were claimed."""
        with self.sessions.write() as session:
            release_expired(session, self.clock())
        return self.deliver_due(stopping)

    def _deliver(self, claim: Claim, stopping: Callable[[], bool]) -> None:
        batch = _Batch(claim, self._prepare(claim))
        try:
            with closing(self.transport.hand_over(self._feed(batch, stopping))) as answers:
                batch.answers.extend((message.id, outcome) for message, outcome in answers)
        finally:
            with self.sessions.write() as session:
                settle(session, batch, self.clock())

    def _prepare(self, claim: Claim) -> Prepared:
        try:
            try:
                return self._render(claim.ids)
            except UNREADABLE:
                return self._render_one_by_one(claim.ids)
        except Exception:
            # Nothing was handed over, so no letter is in doubt. A little later, so that other mail gets past.
            now = self.clock()
            with self.sessions.write() as session:
                change = _back_to_queue("not_rendered", now + RETRY_AFTER[0], refund=True)
                move(session, claim.ids, change, now, lease=claim.lease)
            raise

    def _render(self, ids: Collection[int]) -> Prepared:
        with self.sessions.read() as session:
            return self.renderer.prepare(session, ids, self.transport.reaches_people)

    def _render_one_by_one(self, ids: Collection[int]) -> Prepared:
        """Find those that cannot be read, so that the others go out: one bad row must not stop the mail."""
        prepared = Prepared()
        for delivery_id in ids:
            try:
                prepared.add(self._render([delivery_id]))
            except UNREADABLE as error:
                _log.error("delivery %d cannot be rendered (%s); it waits", delivery_id, type(error).__name__)
                prepared.unreadable.append(delivery_id)
        return prepared

    def _feed(self, batch: _Batch, stopping: Callable[[], bool]) -> Iterator[Message]:
        for message in batch.prepared.messages:
            if stopping() or self.clock() > batch.claim.until - LEASE_MARGIN:
                return
            batch.fed.add(message.id)
            yield message


def settle(session: Session, batch: _Batch, now: datetime) -> None:
    """Move each delivery of the batch to where its answer puts it."""
    moves: dict[Move, list[int]] = defaultdict(list)
    for unsendable in batch.prepared.unsendable:
        change = Move(DeliveryState.SENDING, unsendable.state, EventSource.WORKER, unsendable.reason, refund=True)
        moves[change].append(unsendable.delivery_id)
    for delivery_id, outcome in batch.answers:
        moves[_move_for(batch.prepared, delivery_id, outcome, now)].append(delivery_id)
    moves[_back_to_queue("not_rendered", now + UNREADABLE_WAIT, refund=True)].extend(batch.prepared.unreadable)
    unfed = [message.id for message in batch.prepared.messages if message.id not in batch.fed]
    moves[_back_to_queue("not_handed_over", now, refund=True)].extend(unfed)
    for change, ids in moves.items():
        moved = move(session, ids, change, now, lease=batch.claim.lease)
        _settle_late(session, set(ids).difference(moved), change, batch.claim.lease, now)


def _settle_late(session: Session, ids: set[int], change: Move, lease: str, now: datetime) -> None:
    """What became known after the lease had run out still settles the doubt that the sweep had to state."""
    if change.to in TRANSITIONS[DeliveryState.UNCERTAIN]:
        move(session, ids, replace(change, origin=DeliveryState.UNCERTAIN), now, lease=lease)


def _move_for(prepared: Prepared, delivery_id: int, outcome: Outcome, now: datetime) -> Move:
    sending, worker = DeliveryState.SENDING, EventSource.WORKER
    fact = prepared.facts[delivery_id]
    match outcome:
        case Accepted(note):
            return Move(sending, DeliveryState.SENT, worker, detail=note)
        case Refused(note):
            return Move(sending, DeliveryState.FAILED, worker, reason="refused", detail=note)
        case Uncertain(note) if fact.at_most_once:
            return Move(sending, DeliveryState.UNCERTAIN, worker, reason="answer_lost", detail=note)
        case Deferred(note) | Uncertain(note):
            waits = [RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)] for attempt in range(fact.attempts)]
            if sum(waits, timedelta()) > GIVE_UP_AFTER:
                return Move(sending, DeliveryState.FAILED, worker, reason="gave_up", detail=note)
            return _back_to_queue("deferred", now + waits[-1], detail=note)


def _back_to_queue(reason: str, due_at: datetime, *, detail: str = "", refund: bool = False) -> Move:
    return Move(
        DeliveryState.SENDING,
        DeliveryState.QUEUED,
        EventSource.WORKER,
        reason=reason,
        detail=detail,
        due_at=due_at,
        refund=refund,
    )

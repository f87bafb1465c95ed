"""One claimed batch on its way out: fed to the transport, watched, and settled bit by bit.

Nothing here holds a transaction open while the network is used: a settlement opens one, writes, and commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import structlog

from app.db import Sessions
from app.delivery.journal import Journal
from app.delivery.prepared import Prepared
from app.delivery.settle import Ground, doubt, hand_back, settle_answers, settle_unsendable
from app.mail.message import Message
from app.mail.transport import Deferred, Outcome, StoppedError
from app.queue.brakes import Brakes, brakes_on
from app.queue.claim import Claim
from app.queue.lanes import end_trials, nameless, resting_lanes
from app.queue.models import BrakeScope
from app.queue.streams import resting_campaigns
from app.ready import plan_for_batches

SETTLE_WITHIN = timedelta(seconds=1)
"""How long an answer waits for others to be settled with."""

BRAKES_EVERY = timedelta(seconds=1)
"""How old the look at the brakes may be when a letter is handed over."""

LEASE_MARGIN = timedelta(minutes=12)
"""How much of a lease must be left to hand over one more mail: longer than an answer is waited for."""

UNREADABLE_WAIT = timedelta(hours=1)
"""When a mail that could not be read is tried again: a missing key may have been put back."""

Clock = Callable[[], datetime]

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Batch:
    """What is known of a claimed batch. It is the `Watcher` of its own hand-over."""

    sessions: Sessions
    journal: Journal
    clock: Clock
    random: Random
    claim: Claim
    prepared: Prepared
    stopping: Callable[[], bool]
    way_out: Deferred | None = None
    """Why nothing can be handed over at all, once an answer has said so."""
    _fed: set[int] = field(default_factory=set)
    _leaving: set[int] = field(default_factory=set)
    _answered: set[int] = field(default_factory=set)
    _unsettled: list[tuple[int, Outcome]] = field(default_factory=list)
    _settled_at: datetime | None = None
    _resting: set[int] = field(default_factory=set)
    """Lanes that began to rest while this batch was on its way."""
    _campaigns_resting: set[int] = field(default_factory=set)
    """Campaigns that have stopped sending since."""
    _brakes: Brakes = field(default_factory=Brakes)
    _brakes_at: datetime | None = field(init=False)
    """When they were looked at; none to have them looked at again."""
    outcomes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._brakes_at = self.claim.at

    def messages(self) -> Iterator[Message]:
        """What is handed over, each looked at once more just before: is it still wanted?"""
        for message in self.prepared.messages:
            now = self.clock()
            if self.stopping() or self.way_out or now > self.claim.until - LEASE_MARGIN:
                return
            if not self._stops(message.id, now):
                self._fed.add(message.id)
                yield message

    def leaving(self, ids: Sequence[int]) -> None:
        """See `Watcher.leaving`. The server may have been silent for long since these were fed: is it still wanted?"""
        now = self.clock()
        for delivery_id in ids:
            if self._stops(delivery_id, now):
                raise StoppedError
        self.journal.leaving(ids)
        self._leaving.update(ids)

    def returned(self, ids: Sequence[int]) -> None:
        """See `Watcher.returned`."""
        self.journal.returned(ids)
        self._leaving.difference_update(ids)

    def answered(self, message: Message, outcome: Outcome) -> None:
        """See `Watcher.answered`."""
        self.journal.answered(message.id, outcome)
        self._answered.add(message.id)
        self._unsettled.append((message.id, outcome))
        self.outcomes[type(outcome).__name__.lower()] += 1
        if isinstance(outcome, Deferred) and outcome.ours:
            self.way_out = _longer(self.way_out, outcome)
        now = self.clock()
        self._settled_at = self._settled_at or now
        if now - self._settled_at >= SETTLE_WITHIN:
            self.settle_answers()

    def settle_answers(self) -> None:
        """Settle the answers that have come so far."""
        with self.sessions.write() as session:
            plan_for_batches(session)
            rested = settle_answers(session, self._unsettled, self._ground())
        self._unsettled.clear()
        self._settled_at = self.clock()
        _tell_rests(rested)
        if rested:
            self._brakes_at = None

    def settle(self) -> None:
        """Settle the whole batch. It may be called again after it has raised: what is settled stays so."""
        ground = self._ground()
        lost = self._leaving - self._answered
        never = self._fed - self._leaving - self._answered
        unfed = {message.id for message in self.prepared.messages} - self._fed
        with self.sessions.write() as session:
            plan_for_batches(session)
            answers = [*self._unsettled, *doubt(ground, sorted(lost), "the hand-over was broken off")]
            rested = settle_answers(session, answers, ground)
            settle_unsendable(session, self.prepared.unsendable, ground)
            hand_back(session, self.prepared.unreadable, ground, "not_rendered", UNREADABLE_WAIT)
            hand_back(session, unfed | never, ground, "not_handed_over")
            end_trials(session, {fact.lane_id for number, fact in ground.facts.items() if number not in self._answered})
        self._unsettled.clear()
        _tell_rests(rested)

    def _ground(self) -> Ground:
        return Ground(self.claim.lease_id, self.prepared.facts, self.clock(), self.random)

    def _stops(self, delivery_id: int, now: datetime) -> bool:
        """Whether a brake was put on, or lane or campaign began to rest, since the batch was claimed."""
        self._look_at_brakes(now)
        if not (self._brakes.subjects or self._resting or self._campaigns_resting):
            return False
        fact = self.prepared.facts[delivery_id]
        letter = fact.target_id is not None
        stopped = self._brakes.stops_all(letter=letter) or self._brakes.stops(BrakeScope.LANE, fact.lane_id)
        if letter and not stopped:
            stopped = self._brakes.stops(BrakeScope.CAMPAIGN, fact.campaign_id) or fact.lane_id in self._resting
            stopped = stopped or fact.campaign_id in self._campaigns_resting
        return stopped or any(self._brakes.stops(BrakeScope.TARGET, target) for target in fact.targets)

    def _look_at_brakes(self, now: datetime) -> None:
        """Read them where the last look is too old. Any thread may look, and two may look at once."""
        looked_at = self._brakes_at
        if looked_at is None or now - looked_at >= BRAKES_EVERY:
            with self.sessions.read() as session:
                self._brakes = brakes_on(session)
                self._resting = resting_lanes(session, now)
                self._campaigns_resting = resting_campaigns(session)
            self._brakes_at = now


def _longer(one: Deferred | None, other: Deferred) -> Deferred:
    """Whichever asks for the longer wait: answers come in any order, and most ask for none."""
    return other if one is None or (other.wait or timedelta()) > (one.wait or timedelta()) else one


def _tell_rests(lanes: Iterable[str]) -> None:
    for lane in lanes:
        _log.warning("lane rests", lane=nameless(lane))

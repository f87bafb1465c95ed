"""What an answer means: for the delivery, for its lane, and for the supporter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.delivery.prepared import DeliveryFact, Unsendable
from app.delivery.tallies import count_up
from app.delivery.unreached import tell_unreached
from app.mail.reports import of_one_mailbox
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain
from app.queue.brakes import kept_on
from app.queue.lanes import NOTICES, lanes_of, note_success, note_trouble
from app.queue.models import BrakeScope, Lane
from app.queue.rows import Move, change_lane, move
from app.queue.states import TRANSITIONS, DeliveryState, EventSource
from app.ready import Ready, one_of_given
from app.statements import among

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
"""The wait after the first, second, … deferral; the last one repeats. Gateways heal themselves (writetothem #285)."""

JITTER = 0.2
"""Waits grow by up to this share, so that letters that were turned away together do not come back together."""

GIVE_UP_AFTER = timedelta(days=7)
"""How long a mail is tried. It is counted in waits, not from the mail's making: a letter that was held, or whose
campaign was paused, for longer than that still gets all its tries."""


_SENT = Move(DeliveryState.SENDING, DeliveryState.SENT, EventSource.WORKER)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a settlement stands on."""

    lease: int
    """The id of the lease under which the deliveries were claimed."""
    facts: Mapping[int, DeliveryFact]
    now: datetime
    random: Random


def settle_answers(session: Session, answers: Sequence[tuple[int, Outcome]], ground: Ground) -> list[str]:
    """Move each delivery to where its answer puts it, and let its lane know; `answers` stand in their order.

    Returns:
        The keys of the lanes that rest from now on.
    """
    moves: dict[Move, dict[int, str]] = defaultdict(dict)
    for delivery_id, outcome in answers:
        moves[_move_for(ground, delivery_id, outcome)][delivery_id] = outcome.note
    for change, details in moves.items():
        moved = move(session, details, change, ground.now, lease=ground.lease, details=details)
        _settle_late(session, details.keys() - set(moved), change, ground, details)
        if change.to is DeliveryState.FAILED:
            tell_unreached(session, moved, ground.now)
    _tally(session, answers, ground)
    return _tell_lanes(session, answers, ground)


def _settle_late(
    session: Session, ids: Collection[int], change: Move, ground: Ground, details: Mapping[int, str]
) -> None:
    """What became known after the lease had run out still settles the doubt that the sweep had to state."""
    if ids and change.to in TRANSITIONS[DeliveryState.UNCERTAIN]:
        late = replace(change, origin=DeliveryState.UNCERTAIN, refund=False)
        move(session, ids, late, ground.now, lease=ground.lease, details=details)


def settle_unsendable(session: Session, unsendable: Sequence[Unsendable], ground: Ground) -> None:
    """Move what must not be handed over to where it waits, or ends."""
    ids: dict[Move, list[int]] = defaultdict(list)
    moved_away: dict[str, list[int]] = defaultdict(list)
    resumed = _resumed(session, unsendable, ground)
    hand_back(session, resumed, ground, "not_handed_over")
    for one in unsendable:
        if one.delivery_id in resumed:
            continue
        ids[Move(DeliveryState.SENDING, one.state, EventSource.WORKER, one.reason, refund=True)].append(one.delivery_id)
        if one.state is DeliveryState.QUEUED:
            moved_away[one.address].append(one.delivery_id)
    for change, delivery_ids in ids.items():
        moved = move(session, delivery_ids, change, ground.now, lease=ground.lease)
        if change.to is DeliveryState.SUPPRESSED:
            tell_unreached(session, moved, ground.now)
    for address, delivery_ids in moved_away.items():
        change_lane(session, delivery_ids, lanes_of(session, [address])[address])


def _resumed(session: Session, unsendable: Sequence[Unsendable], ground: Ground) -> set[int]:
    """Letters whose targets were paused when they were rendered and have gone on since: whoever let them go on has
    queued what was held, and would not come back for these.
    """
    paused = [one.delivery_id for one in unsendable if one.reason == "target_paused"]
    targets = {number: ground.facts[number].targets for number in paused}
    still = kept_on(session, BrakeScope.TARGET, set().union(*targets.values())) if targets else set()
    return {number for number, behind in targets.items() if still.isdisjoint(behind)}


def hand_back(
    session: Session, ids: Collection[int], ground: Ground, reason: str, wait: timedelta | None = None
) -> None:
    """Put back what was never handed over, with its attempt; without a wait it keeps its place."""
    change = _back_to_queue(reason, None if wait is None else ground.now + wait, refund=True)
    moved = move(session, ids, change, ground.now, lease=ground.lease)
    _settle_late(session, set(ids).difference(moved), change, ground, {})


def doubt(ground: Ground, ids: Iterable[int], note: str) -> list[tuple[int, Outcome]]:
    """The answers of those that were leaving and were never answered."""
    return [(delivery_id, Uncertain(note)) for delivery_id in ids if delivery_id in ground.facts]


def _move_for(ground: Ground, delivery_id: int, outcome: Outcome) -> Move:
    sending, worker = DeliveryState.SENDING, EventSource.WORKER
    fact = ground.facts[delivery_id]
    match outcome:
        case Accepted():
            return _SENT
        case Refused():
            return Move(sending, DeliveryState.FAILED, worker, reason="refused")
        case Deferred(ours=True, wait=wait):
            return _back_to_queue("no_way_out", ground.now + (wait or RETRY_AFTER[0]), refund=True)
        case Uncertain() if fact.at_most_once:
            return Move(sending, DeliveryState.UNCERTAIN, worker, reason="answer_lost")
        case Deferred() | Uncertain():
            waits = [RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)] for attempt in range(fact.attempts)]
            if sum(waits, timedelta()) > GIVE_UP_AFTER:
                return Move(sending, DeliveryState.FAILED, worker, reason="gave_up")
            return _back_to_queue("deferred", ground.now + waits[-1] * ground.random.uniform(1, 1 + JITTER))


def _back_to_queue(reason: str, due_at: datetime | None, *, refund: bool = False) -> Move:
    return Move(
        DeliveryState.SENDING, DeliveryState.QUEUED, EventSource.WORKER, reason=reason, due_at=due_at, refund=refund
    )


def _tally(session: Session, answers: Sequence[tuple[int, Outcome]], ground: Ground) -> None:
    outcomes = Counter(
        (ground.facts[delivery_id].lane_id, type(outcome).__name__.lower()) for delivery_id, outcome in answers
    )
    count_up(session, "sends", outcomes)


def _tell_lanes(session: Session, answers: Sequence[tuple[int, Outcome]], ground: Ground) -> list[str]:
    """Tell each lane how it went. Most have no trouble and take no more than a look."""
    by_lane: dict[int, list[Outcome]] = defaultdict(list)
    for delivery_id, outcome in answers:
        by_lane[ground.facts[delivery_id].lane_id].append(outcome)
    if not by_lane:
        return []
    troubled = [lane_id for lane_id, outcomes in by_lane.items() if any(map(_is_trouble, outcomes))]
    concerned = _CONCERNED.run(session, troubled=troubled, answered=list(by_lane)).scalars().all()
    if not concerned:
        return []
    # One whose trouble another worker has ended since is told of a success once more, which changes nothing.
    lanes = select(Lane).where(among(session, Lane.id, concerned)).order_by(Lane.id).with_for_update(key_share=True)
    return [lane.key for lane in session.scalars(lanes) if _tell_lane(lane, by_lane[lane.id], ground)]


def _concerned(dialect: str) -> Select[int]:
    """The lanes that turned something away just now, and those that took something and remember trouble."""
    troubled, answered = (one_of_given(dialect, Lane.id, name) for name in ("troubled", "answered"))
    wanted = troubled | (answered & ((Lane.trouble > 0) | (Lane.trips > 0)))
    return select(Lane.id).where(wanted, Lane.key != NOTICES)


_CONCERNED = Ready(_concerned)


def _tell_lane(lane: Lane, outcomes: Iterable[Outcome], ground: Ground) -> bool:
    rests = False
    for outcome in outcomes:
        if _is_trouble(outcome):
            rests = note_trouble(lane, outcome.note, ground.now, ground.random) or rests
        elif isinstance(outcome, Accepted):
            note_success(lane, ground.now)
            rests = False
        else:
            lane.tries_until = None  # its trial, if it was one, told nothing: another letter may try
    return rests


def _is_trouble(outcome: Outcome) -> bool:
    """Whether the receiver turned a letter away; trouble of our own, or of one mailbox, says nothing of it."""
    if isinstance(outcome, Refused):
        return not of_one_mailbox(outcome.note)
    return isinstance(outcome, Deferred) and not outcome.ours

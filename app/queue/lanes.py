"""The lanes that mail leaves by: finding an address's lane, its pace, and its circuit breaker.

A council blocks the whole sender, often for weeks (writetothem #364), and bursts are what makes it do so. When a
receiver turns mail away several times in a row the lane rests and what waits there waits; then single letters try the
way again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.columns import UtcDateTime
from app.hours import Hours
from app.queue.models import Lane
from app.queue.pace import next_turn, slots_at
from app.ready import Ready, one_of_given
from app.statements import insert_or

NOTICES = "notices"
"""The key of the lane that our own mails to supporters share. No mail domain is spelled like it: it has no dot."""

TRIPS_AFTER = 5
"""Refusals or deferrals in a row that make a lane rest."""

RESTS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 360))
"""How long a lane rests the first, second, … time; the last one repeats."""

WATCHED = timedelta(minutes=15)
"""How long a report may take. A lane that a report closed is watched so long after a letter was taken again."""


class LaneLook(NamedTuple):
    """What choosing looks at of a lane; whoever changes the lane reads its row."""

    id: int
    key: str
    pace: int | None
    hours: str | None
    next_at: datetime | None
    trips: int
    rests_until: datetime | None
    tries_until: datetime | None


AnyLane: TypeAlias = Lane | LaneLook


@dataclass(frozen=True, slots=True)
class LaneRules:
    """What holds for lanes without rules of their own."""

    pace: int
    """Letters an hour; 0 is as fast as can be."""
    hours: Hours

    def pace_of(self, lane: AnyLane) -> int:
        """Letters an hour; 0 is as fast as can be."""
        if lane.key == NOTICES:
            return 0
        return self.pace if lane.pace is None else lane.pace

    def hours_of(self, lane: AnyLane) -> Hours:
        """When letters may leave."""
        if lane.key == NOTICES:
            return Hours()
        return self.hours if lane.hours is None else Hours.parse(lane.hours)


def key_of(address: str) -> str:
    """The key of the lane that an address has unless its mailbox was set apart: its domain."""
    return address.rpartition("@")[2].lower()


def nameless(key: str) -> str:
    """A lane's key as logs and metrics may hold it: of a mailbox that was set apart only the domain."""
    _mailbox, at, domain = key.rpartition("@")
    return f"*@{domain}" if at else key


def lanes_of(session: Session, addresses: Collection[str]) -> dict[str, int]:
    """The lane of each address, made where there is none yet. A mailbox that was set apart goes before its domain."""
    wanted = {address: (address.lower(), key_of(address)) for address in addresses}
    keys = {key for pair in wanted.values() for key in pair}
    known = _known(session, keys)
    missing = {domain for mailbox, domain in wanted.values() if mailbox not in known and domain not in known}
    if missing:
        session.execute(
            insert_or(session, Lane).on_conflict_do_nothing(index_elements=["key"]),
            [{"key": key, "trouble": 0, "trips": 0, "reported": False, "said": ""} for key in sorted(missing)],
        )
        known |= _known(session, missing)
    return {address: known.get(mailbox) or known[domain] for address, (mailbox, domain) in wanted.items()}


def notices_lane(session: Session) -> int:
    """The lane of our own mails to supporters."""
    return lanes_of(session, [NOTICES])[NOTICES]


def _known(session: Session, keys: Collection[str]) -> dict[str, int]:
    return {row.key: row.id for row in session.execute(select(Lane.key, Lane.id).where(Lane.key.in_(keys)))}


def slots(lane: AnyLane, pace: int, now: datetime, most: int) -> int:
    """How many letters the lane may take now, `most` at the most."""
    if any(until is not None and until > now for until in (lane.rests_until, lane.tries_until)):
        return 0
    if lane.trips:
        return 1
    return slots_at(lane.next_at, pace, now, most) if pace else most


def after_taking(lane: Lane, pace: int, taken: int, now: datetime, random: Random) -> None:
    """Set when the lane may take its next letter, after it has taken some."""
    if pace and taken:
        lane.next_at = next_turn(lane.next_at, pace, taken, now, random)


def note_success(lane: Lane, now: datetime) -> None:
    """The next server has taken a letter. A lane that a report closed opens only when no new report follows."""
    lane.trouble, lane.tries_until = 0, None
    if not lane.trips:
        return
    sure = not lane.reported or (
        lane.probed_at is not None and lane.troubled_at is not None and lane.probed_at > lane.troubled_at
    )
    if sure:
        lane.trips, lane.reported = 0, False
        lane.rests_until = lane.troubled_since = lane.probed_at = None
    else:
        lane.probed_at, lane.rests_until = now, now + WATCHED


def note_trouble(lane: Lane, said: str, now: datetime, random: Random) -> bool:
    """A letter was refused or deferred by the receiver. Returns whether the lane rests from now on."""
    lane.trouble += 1
    lane.troubled_at, lane.said = now, said
    if lane.trips or lane.trouble >= TRIPS_AFTER:
        _trip(lane, now, random)
        return True
    return False


def resting_lanes(session: Session, now: datetime) -> set[int]:
    """The lanes whose breaker lets nothing through now."""
    return set(_RESTING.run(session, now=now).scalars())


_RESTING = Ready(lambda _: select(Lane.id).where(Lane.rests_until > bindparam("now", type_=UtcDateTime())))


def end_trials(session: Session, lane_ids: Collection[int]) -> None:
    """The single letters that were to try these ways have come back without being handed over: others may try."""
    if not lane_ids:
        return
    _ENDING.run(session, ids=sorted(lane_ids))


_ENDING = Ready(
    lambda dialect: (
        update(Lane).where(one_of_given(dialect, Lane.id), Lane.tries_until.is_not(None)).values(tries_until=None)
    )
)


def note_block(lane: Lane, said: str, now: datetime, random: Random) -> None:
    """A receiver reports a block: the lane rests at once. Reports of one block come in swarms, and count once."""
    resting = lane.rests_until is not None and lane.rests_until > now and lane.probed_at is None
    lane.troubled_at, lane.said, lane.reported = now, said, True
    if not resting:
        _trip(lane, now, random)


def _trip(lane: Lane, now: datetime, random: Random) -> None:
    rest = RESTS[min(lane.trips, len(RESTS) - 1)] * random.uniform(1, 1.2)
    lane.rests_until, lane.tries_until, lane.probed_at = now + rest, None, None
    lane.trips += 1
    lane.troubled_since = lane.troubled_since or now

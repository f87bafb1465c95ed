"""The counters of the ledger: how many deliveries stand in each state, by campaign and lane, and by campaign and
target; and what happened to a campaign's letters in each hour. All move in the transactions that move the deliveries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Session

from app.columns import UNIX_EPOCH
from app.counting import count
from app.queue.models import LETTERS, CampaignHour, StateCount, TargetCount
from app.queue.states import IN_HOUSE, DeliveryState
from app.statements import Totals

_STATES = Totals(
    StateCount, {"lane_id": BigInteger(), "campaign_id": BigInteger(), "state": Text(), "count": BigInteger()}
)
_TARGETS = Totals(
    TargetCount, {"campaign_id": BigInteger(), "target_id": BigInteger(), "what": Text(), "count": BigInteger()}
)
_HOURS = Totals(
    CampaignHour, {"campaign_id": BigInteger(), "what": Text(), "hour": BigInteger(), "count": BigInteger()}
)


class Place(NamedTuple):
    """What a counter of the lanes counts for."""

    lane_id: int
    campaign_id: int


class Stand(NamedTuple):
    """Where one delivery stands, besides its state."""

    place: Place
    target_id: int | None
    """Whom its letter is to; none for a mail of our own."""


def count_moves(
    session: Session, stands: Sequence[Stand], origin: DeliveryState | None, to: DeliveryState, now: datetime
) -> None:
    """Count deliveries out of `origin` (none: they are new) and into `to`."""
    _count_places(session, [stand.place for stand in stands], origin, to)
    letters = [(stand.place.campaign_id, stand.target_id) for stand in stands if stand.target_id is not None]
    if letters and not {origin, to} <= IN_HOUSE:
        count_letters(session, letters, origin, to, now)


def change_places(session: Session, moved: Iterable[tuple[Place, Place, DeliveryState]]) -> None:
    """Count deliveries from one place to another in their states."""
    for before, after, state in moved:
        _count_places(session, [before], state, None)
        _count_places(session, [after], None, state)


def count_in_hour(session: Session, campaign_id: int, what: str, now: datetime, number: int = 1) -> None:
    """Count what happened in a campaign in the hour of `now`."""
    count(session, _HOURS, [((campaign_id, what, hour_of(now)), number)])


def hour_of(moment: datetime) -> int:
    """Which hour since 1970, in UTC, a moment lies in."""
    return (moment - UNIX_EPOCH) // timedelta(hours=1)


def _count_places(
    session: Session, places: Iterable[Place], origin: DeliveryState | None, to: DeliveryState | None
) -> None:
    changes: Counter[tuple[int, int, DeliveryState]] = Counter()
    for place, number in Counter(places).items():
        if origin is not None:
            changes[*place, origin] -= number
        if to is not None:
            changes[*place, to] += number
    count(session, _STATES, changes.items())


def count_letters(
    session: Session,
    letters: Sequence[tuple[int, int]],
    origin: DeliveryState | None,
    to: DeliveryState,
    now: datetime,
) -> None:
    """Count letters by target, and in the hour; moves within the house are of no interest there, and cost nothing."""
    targets: Counter[tuple[int, int, str]] = Counter()
    for letter, number in Counter(letters).items():
        if origin is None:
            targets[*letter, LETTERS] += number
        elif origin not in IN_HOUSE:
            targets[*letter, origin] -= number
        if to not in IN_HOUSE:
            targets[*letter, to] += number
    count(session, _TARGETS, targets.items())
    what = LETTERS if origin is None else to
    if what not in IN_HOUSE:
        for campaign_id, number in Counter(campaign_id for campaign_id, _ in letters).items():
            count_in_hour(session, campaign_id, what, now, number)

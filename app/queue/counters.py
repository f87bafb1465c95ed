"""The counters of the ledger: how many deliveries stand in each state, by campaign and lane.

Changes are collected while a transaction runs and written in one go just before it commits, in the order of their keys:
a counter's row is then locked for the length of a commit only, and two transactions never wait for each other in a
circle. Roll a session back and what it collected is gone with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import BigInteger, Text, event
from sqlalchemy.orm import Session

from app.db import Columns, add_up
from app.queue.models import StateCount
from app.queue.states import DeliveryState

_KEY = "solidarity_counts"
_COLUMNS: Columns = {"lane_id": BigInteger(), "campaign_id": BigInteger(), "state": Text(), "count": BigInteger()}


class Place(NamedTuple):
    """What a counter counts for."""

    lane_id: int
    campaign_id: int


def count_moves(
    session: Session, places: Iterable[Place], origin: DeliveryState | None, to: DeliveryState | None
) -> None:
    """Count one delivery of each place out of `origin` (none: it is new) and into `to` (none: it left the place)."""
    changes = _changes(session)
    for place, number in Counter(places).items():
        if origin is not None:
            changes[*place, origin] -= number
        if to is not None:
            changes[*place, to] += number


def _changes(session: Session) -> Counter[tuple[int, int, DeliveryState]]:
    if _KEY not in session.info:
        session.info[_KEY] = Counter()
        event.listen(session, "before_commit", _write)
        event.listen(session, "after_rollback", _forget)
    changes: Counter[tuple[int, int, DeliveryState]] = session.info[_KEY]
    return changes


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    changes = _changes(session)
    rows = [(*place, change) for place, change in sorted(changes.items()) if change]
    changes.clear()
    add_up(session, StateCount, _COLUMNS, rows)


def _forget(session: Session) -> None:
    _changes(session).clear()

"""Finding deliveries: by state, reason, campaign, lane and target, a page at a time, whatever the number there is.

Pages go by the deliveries' ids, newest first. States that few end in have an index; in the others the rows are walked
in their order, and a page that finds little stops after a bounded walk and says where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, select
from sqlalchemy.orm import Session

from app.actions.models import Letter, letters_to
from app.queue.models import LOOKED_INTO, PASSED_THROUGH, Delivery, StateCount
from app.queue.states import DeliveryState

WALK = 100_000
"""Ids that one statement walks through."""
WALKS = 10
"""Statements for one page: a million ids take some tenths of a second."""
FEW = 20_000
"""So many that wait are sorted in some hundredths of a second; of more, many are among the newest."""
COUNTED = 1000
"""Deliveries held for one reason that are counted one by one; of more the page says that they are more."""

INDEXED = frozenset(DeliveryState).difference(PASSED_THROUGH)
"""The states of `LOOKED_INTO`."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which deliveries are meant; what is none does not matter."""

    state: DeliveryState | None = None
    reason: str | None = None
    campaign_id: int | None = None
    lane_id: int | None = None
    target_id: int | None = None

    @property
    def counted(self) -> bool:
        """Whether the counters know how many there are."""
        return self.reason is None and self.target_id is None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of deliveries."""

    ids: Sequence[int]
    """Newest first."""
    before: int | None
    """Where the next page begins; none if there is none."""


def find(session: Session, sought: Sought, *, before: int | None = None, limit: int) -> Found:
    """The newest deliveries that are sought and older than `before`."""
    some = _from_counters(session, sought)
    if not some:
        return Found([], None)
    if sought.state is DeliveryState.QUEUED and some <= FEW:
        return _among_few(session, sought, before, limit)
    top = newest(session) + 1 if before is None else before
    ids: list[int] = []
    for _walk in range(WALKS):
        floor = 0 if sought.state in INDEXED else max(0, top - WALK)
        newest_first = _wanted(sought, above=floor, below=top).order_by(Delivery.id.desc())
        ids += session.scalars(newest_first.limit(limit + 1 - len(ids)))
        if len(ids) > limit:
            return Found(ids[:limit], ids[limit - 1])
        if floor == 0:
            return Found(ids, None)
        top = floor + 1
    return Found(ids, top)


def _among_few(session: Session, sought: Sought, before: int | None, limit: int) -> Found:
    """Of the few that wait: read by the index of what waits and sorted, for they may lie far apart among the others."""
    turn = Delivery.id + 0  # no order that the rows have by themselves, so they are not walked
    wanted = select(Delivery.id).where(*_conditions(sought)).order_by(turn.desc()).limit(limit + 1)
    ids = session.scalars(wanted if before is None else wanted.where(turn < before)).all()
    return Found(ids[:limit], ids[limit - 1] if len(ids) > limit else None)


def next_batch(session: Session, sought: Sought, *, after: int, last: int, limit: int) -> tuple[Sequence[int], int]:
    """The oldest deliveries that are sought and newer than `after`, up to `last`; and up to which id that looked."""
    top = last if sought.state in INDEXED else min(last, after + WALK)
    wanted = _wanted(sought, above=after, below=top + 1).order_by(Delivery.id).limit(limit)
    ids = session.scalars(wanted).all()
    return ids, (ids[-1] if len(ids) == limit else top)


def newest(session: Session) -> int:
    """The id of the newest delivery; 0 where there is none."""
    return session.scalar(select(func.max(Delivery.id))) or 0


def number(session: Session, sought: Sought) -> int:
    """How many are sought: from the counters where they know, else by counting those."""
    if sought.counted:
        return _from_counters(session, sought)
    if sought.target_id is not None and sought.state not in INDEXED:
        mine = select(Letter.id).where(letters_to(sought.target_id))
        wanted = select(func.count()).where(Delivery.id.in_(mine), *_conditions(sought, by_target=False))
        return session.scalar(wanted) or 0
    return session.scalar(select(func.count()).where(*_conditions(sought))) or 0


def number_at_most(session: Session, state: DeliveryState, reason: str, most: int = COUNTED) -> int:
    """How many are in a state for a reason, `most` at the most: a look at so many entries of an index."""
    some = _wanted(Sought(state, reason), above=0, below=None).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _from_counters(session: Session, sought: Sought) -> int:
    """How many there are, reason and recipient left aside."""
    wanted = select(func.coalesce(func.sum(StateCount.count), 0))
    for column, value in (
        (StateCount.state, sought.state),
        (StateCount.campaign_id, sought.campaign_id),
        (StateCount.lane_id, sought.lane_id),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    return int(session.execute(wanted).scalar_one())


def _wanted(sought: Sought, *, above: int, below: int | None) -> Select[int]:
    wanted = select(Delivery.id).where(*_conditions(sought))
    if above:
        wanted = wanted.where(Delivery.id > above)
    return wanted if below is None else wanted.where(Delivery.id < below)


def _conditions(sought: Sought, *, by_target: bool = True) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if sought.state is not None:
        # Word for word, for a partial index is used only where the statement itself says that it fits.
        conditions.append(Delivery.state == literal_column(f"'{sought.state}'"))
    if sought.state in INDEXED:
        conditions.append(literal_column(LOOKED_INTO))
    for column, value in (
        (Delivery.reason, sought.reason),
        (Delivery.campaign_id, sought.campaign_id),
        (Delivery.lane_id, sought.lane_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if sought.target_id is not None and by_target:
        named = and_(Letter.id == Delivery.id, letters_to(sought.target_id))
        conditions.append(exists().where(named).correlate(Delivery))
    return conditions

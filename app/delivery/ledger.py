"""The ledger: every letter is in exactly one state, and every figure is provably the sum of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from app.actions.models import Action, Letter
from app.campaigns.models import Campaign
from app.delivery.recount import report_differences
from app.queue.lanes import NOTICES
from app.queue.models import Delivery, DeliveryEvent, Lane, Lease, StateCount
from app.queue.states import TRANSITIONS, DeliveryState

NAMED = 20
"""How many single deliveries are named of each kind of difference."""


def totals(session: Session) -> dict[str, Counter[DeliveryState]]:
    """How many letters of each campaign (by slug) are in each state, from the counters."""
    rows = session.execute(
        select(Campaign.slug, StateCount.state, func.sum(StateCount.count))
        .join(StateCount, StateCount.campaign_id == Campaign.id)
        .join(Lane, Lane.id == StateCount.lane_id)
        .where(Lane.key != NOTICES)
        .group_by(Campaign.slug, StateCount.state)
    )
    figures: dict[str, Counter[DeliveryState]] = {}
    for slug, state, number in rows:
        figures.setdefault(slug, Counter())[state] += int(number)
    return figures


def differences(session: Session) -> Iterator[str]:
    """Everything that does not add up, a line each; nothing when the ledger holds.

    Recomputed from the rows: the counters by lane, campaign and state; the letters confirmed by campaign; each
    delivery's state by its last event or its lease, each event's beginning by the one before it, and every lease; and
    the counters that the reports are made from (`app.delivery.recount`).
    """
    yield from _counter_differences(session)
    yield from _letter_differences(session)
    yield from _event_differences(session)
    yield from report_differences(session)


def _counter_differences(session: Session) -> Iterator[str]:
    key = (Delivery.lane_id, Delivery.campaign_id, Delivery.state)
    rows = {
        (lane_id, campaign_id, state): number
        for lane_id, campaign_id, state, number in session.execute(select(*key, func.count()).group_by(*key))
    }
    counted = {
        (row.lane_id, row.campaign_id, row.state): row.count for row in session.scalars(select(StateCount)) if row.count
    }
    for lane_id, campaign_id, state in sorted(rows.keys() | counted.keys()):
        there, said = rows.get((lane_id, campaign_id, state), 0), counted.get((lane_id, campaign_id, state), 0)
        if there != said:
            yield f"lane {lane_id}, campaign {campaign_id}, {state}: the counter says {said}, there are {there}"


def _letter_differences(session: Session) -> Iterator[str]:
    letters = dict(
        session.execute(
            select(Action.campaign_id, func.count())
            .select_from(Letter)
            .join(Action, Action.id == Letter.action_id)
            .group_by(Action.campaign_id)
        ).all()
    )
    figures = totals(session)
    for campaign_id, slug, confirmed in session.execute(select(Campaign.id, Campaign.slug, Campaign.letter_count)):
        in_states = figures.get(slug, Counter()).total()
        if not confirmed == letters.get(campaign_id, 0) == in_states:
            yield (
                f"{slug}: {confirmed} letters were confirmed, {letters.get(campaign_id, 0)} are kept, "
                f"{in_states} are in a state"
            )


def _event_differences(session: Session) -> Iterator[str]:
    for delivery_id, state, last in session.execute(_last_events().limit(NAMED)):
        yield f"delivery {delivery_id} is {state}, its last event says {last}"
    for delivery_id, origin, before in session.execute(_broken_chains().limit(NAMED)):
        yield f"delivery {delivery_id}: an event begins at {origin}, the one before it ended at {before}"
    for delivery_id, lease_id in session.execute(_twice_settled().limit(NAMED)):
        yield f"delivery {delivery_id} was settled more than once under lease {lease_id}"
    for delivery_id, lease_id in session.execute(_strange_leases().limit(NAMED)):
        yield f"delivery {delivery_id}: there is no lease {lease_id}, or what names it was no settlement"
    for delivery_id, claimed, settled in session.execute(_unsettled_leases().limit(NAMED)):
        yield f"delivery {delivery_id} was claimed last under lease {claimed}, and settled last under {settled}"
    for delivery_id in session.scalars(_of_no_delivery().limit(NAMED)):
        yield f"delivery {delivery_id}: there is an event of it, and no such delivery"
    for delivery_id, origin, to in _unknown_moves(session):
        yield f"delivery {delivery_id}: the table has no move {origin} → {to}"


def _last_events() -> Select[int, DeliveryState, DeliveryState]:
    newest = _newest()
    # A delivery without events is as it began; one that is being sent was queued before it was claimed.
    last = func.coalesce(DeliveryEvent.to_state, DeliveryState.QUEUED)
    claimed = (Delivery.state == DeliveryState.SENDING) & (last == DeliveryState.QUEUED) & Lease.id.is_not(None)
    return (
        select(Delivery.id, Delivery.state, last)
        .outerjoin(newest, newest.c.delivery_id == Delivery.id)
        .outerjoin(DeliveryEvent, DeliveryEvent.id == newest.c.id)
        .outerjoin(Lease, Lease.id == Delivery.lease_id)
        .where(last != Delivery.state, ~claimed)
        .order_by(Delivery.id)
    )


def _newest(*conditions: ColumnElement[bool]) -> Subquery:
    """The newest event of each delivery of which this holds."""
    event = DeliveryEvent
    newest = select(event.delivery_id, func.max(event.id).label("id")).where(*conditions)
    return newest.group_by(event.delivery_id).subquery()


def _broken_chains() -> Select[int, DeliveryState, DeliveryState]:
    event = DeliveryEvent
    before = func.lag(event.to_state).over(partition_by=event.delivery_id, order_by=event.id)
    began = func.coalesce(before, DeliveryState.QUEUED).label("before")
    linked = select(event.delivery_id, event.from_state, event.lease_id, began).subquery()
    claimed = and_(
        linked.c.from_state == DeliveryState.SENDING,
        linked.c.before == DeliveryState.QUEUED,
        linked.c.lease_id.is_not(None),
    )
    return (
        select(linked.c.delivery_id, linked.c.from_state, linked.c.before)
        .where(linked.c.from_state != linked.c.before, ~claimed)
        .order_by(linked.c.delivery_id)
    )


def _twice_settled() -> Select[int, int | None]:
    """Deliveries that were settled more than once under one lease."""
    event = DeliveryEvent
    settled = select(event.delivery_id, event.lease_id).where(event.lease_id.is_not(None))
    return settled.group_by(event.delivery_id, event.lease_id).having(func.count() > 1).order_by(event.delivery_id)


def _strange_leases() -> Select[int, int | None]:
    """What names a lease that nobody took, and changes from other states than `sending` that name one."""
    event = DeliveryEvent
    named = union_all(
        select(Delivery.id.label("delivery_id"), Delivery.lease_id, literal(value=True).label("may")),
        select(event.delivery_id, event.lease_id, (event.from_state == DeliveryState.SENDING).label("may")),
    ).subquery()
    return (
        select(named.c.delivery_id, named.c.lease_id)
        .outerjoin(Lease, Lease.id == named.c.lease_id)
        .where(named.c.lease_id.is_not(None), Lease.id.is_(None) | ~named.c.may)
        .distinct()
        .order_by(named.c.delivery_id)
    )


def _unsettled_leases() -> Select[int, int | None, int | None]:
    """Deliveries whose lease is another than their last settlement was under, and those that are being sent under one
    that they were settled under before.
    """
    event = DeliveryEvent
    last = _newest(event.lease_id.is_not(None))
    same = Delivery.lease_id.is_not_distinct_from(event.lease_id)
    being_sent = Delivery.state == DeliveryState.SENDING
    return (
        select(Delivery.id, Delivery.lease_id, event.lease_id)
        .outerjoin(last, last.c.delivery_id == Delivery.id)
        .outerjoin(event, event.id == last.c.id)
        .where((being_sent & same & Delivery.lease_id.is_not(None)) | (~being_sent & ~same))
        .order_by(Delivery.id)
    )


def _of_no_delivery() -> Select[int]:
    event = DeliveryEvent
    known = event.__table__.outerjoin(Delivery.__table__, Delivery.id == event.delivery_id)
    lost = select(event.delivery_id).select_from(known).where(Delivery.id.is_(None))
    return lost.distinct().order_by(event.delivery_id)


def _unknown_moves(session: Session) -> Iterator[tuple[int, DeliveryState, DeliveryState]]:
    event = aliased(DeliveryEvent)
    pairs = select(event.from_state, event.to_state, func.min(event.delivery_id))
    for origin, to, delivery_id in session.execute(pairs.group_by(event.from_state, event.to_state)):
        if to not in TRANSITIONS[origin]:
            yield delivery_id, origin, to

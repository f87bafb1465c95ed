"""The ledger: every letter is in exactly one state, and every figure is provably the sum of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Select, and_, func, select
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
    for delivery_id, lease_id in session.execute(_strange_leases().limit(NAMED)):
        yield f"delivery {delivery_id}: there is no lease {lease_id}, or it was settled twice under it"
    for delivery_id in session.scalars(_of_no_delivery().limit(NAMED)):
        yield f"delivery {delivery_id}: there is an event of it, and no such delivery"
    for delivery_id, origin, to in _unknown_moves(session):
        yield f"delivery {delivery_id}: the table has no move {origin} → {to}"


def _last_events() -> Select[int, DeliveryState, DeliveryState]:
    newest = (
        select(DeliveryEvent.delivery_id, func.max(DeliveryEvent.id).label("id"))
        .group_by(DeliveryEvent.delivery_id)
        .subquery()
    )
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


def _strange_leases() -> Select[int, int]:
    """Leases of events that nobody took, or under which a delivery was settled more than once."""
    times = select(DeliveryEvent.delivery_id, DeliveryEvent.lease_id, func.count().label("times"))
    settled = (
        times.where(DeliveryEvent.lease_id.is_not(None))
        .group_by(DeliveryEvent.delivery_id, DeliveryEvent.lease_id)
        .subquery()
    )
    return (
        select(settled.c.delivery_id, settled.c.lease_id)
        .outerjoin(Lease, Lease.id == settled.c.lease_id)
        .where(Lease.id.is_(None) | (settled.c.times > 1))
        .order_by(settled.c.delivery_id)
    )


def _of_no_delivery() -> Select[int]:
    event = DeliveryEvent
    known = event.__table__.outerjoin(Delivery.__table__, Delivery.id == event.delivery_id)
    return select(event.delivery_id).select_from(known).where(Delivery.id.is_(None)).order_by(event.delivery_id)


def _unknown_moves(session: Session) -> Iterator[tuple[int, DeliveryState, DeliveryState]]:
    event = aliased(DeliveryEvent)
    pairs = select(event.from_state, event.to_state, func.min(event.delivery_id))
    for origin, to, delivery_id in session.execute(pairs.group_by(event.from_state, event.to_state)):
        if to not in TRANSITIONS[origin]:
            yield delivery_id, origin, to

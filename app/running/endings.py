"""What comes after a campaign's end: letters that wait are cancelled, and those who wrote are told what was won.

A worker does both in batches, each in one transaction that also moves the cursor: a worker that dies has done a batch
wholly or not at all, and nobody is told twice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from app.actions.models import Action, ActionState
from app.campaigns.models import Campaign, CampaignState
from app.db import Sessions
from app.queue.lanes import notices_lane
from app.queue.models import Delivery, is_notice
from app.queue.rows import Move, Parcel, move, put
from app.queue.states import WITHDRAWABLE, DeliveryState, EventSource, Purpose
from app.running.models import Ending

BATCH = 500


def begin_ending(session: Session, campaign: Campaign, *, cancels: bool, tells: bool, now: datetime) -> None:
    """Leave to the workers what has to be done now that a campaign is over; an earlier end's work is given up."""
    give_up(session, campaign.id, now)
    if cancels or tells:
        ending = Ending(campaign_id=campaign.id, state=campaign.state, cancels=cancels, tells=tells, begun_at=now)
        session.add(ending)
        session.flush()


def give_up(session: Session, campaign_id: int, now: datetime) -> None:
    """Do no more of what was left to do."""
    open_one = (Ending.campaign_id == campaign_id) & Ending.finished_at.is_(None)
    session.execute(update(Ending).where(open_one).values(finished_at=now))


def last_ending(session: Session, campaign_id: int) -> Ending | None:
    """What was to be done after the campaign's last end, and how far it is."""
    wanted = select(Ending).where(Ending.campaign_id == campaign_id).order_by(Ending.id.desc()).limit(1)
    return session.scalars(wanted).first()


def wind_up(sessions: Sessions, now: datetime, *, at_once: int = BATCH) -> int:
    """Do the next batch of every ending that is under way; how many deliveries were cancelled or queued.

    Call it again while that is more than none. Rows that another worker is at are passed over.
    """
    with sessions.read() as session:
        ids = session.scalars(select(Ending.id).where(Ending.finished_at.is_(None)).order_by(Ending.id)).all()
    done = 0
    for ending_id in ids:
        with sessions.write() as session:
            done += _next_batch(session, ending_id, now, at_once)
    return done


def _next_batch(session: Session, ending_id: int, now: datetime, at_once: int) -> int:
    still = select(Ending).where(Ending.id == ending_id, Ending.finished_at.is_(None))
    ending = session.scalars(still.with_for_update(skip_locked=True)).one_or_none()
    if ending is None:
        return 0
    # A row that is read for update waits for who moves the campaign at this moment, and sees what they made of it.
    state = session.scalar(select(Campaign.state).where(Campaign.id == ending.campaign_id).with_for_update(read=True))
    if state is not ending.state:
        ending.finished_at = now
        return 0
    cancelled = _cancel(session, ending, now, at_once) if ending.cancels else 0
    told, asked = _tell(session, ending, now, at_once) if ending.tells else (0, 0)
    if not cancelled and not asked and not (ending.cancels and _on_their_way(session, ending.campaign_id)):
        ending.finished_at = now
    return cancelled + told


def _cancel(session: Session, ending: Ending, now: datetime, at_once: int) -> int:
    """Cancel the next letters that wait; at the end of the row begin anew, for some may have come back to the queue."""
    waiting = select(Delivery.id).where(
        Delivery.campaign_id == ending.campaign_id,
        Delivery.purpose == Purpose.LETTER,
        Delivery.state.in_(WITHDRAWABLE),
        Delivery.id > ending.cancelled_to,
    )
    ids = session.scalars(waiting.order_by(Delivery.id).limit(at_once)).all()
    number = 0
    for state in sorted(WITHDRAWABLE):
        change = Move(state, DeliveryState.CANCELLED, EventSource.STAFF, reason=f"campaign_{ending.state}")
        number += len(move(session, ids, change, now))
    ending.cancelled_to = ids[-1] if ids else 0
    ending.cancelled += number
    return number


def _on_their_way(session: Session, campaign_id: int) -> bool:
    """Whether a worker has letters in its hands, which may yet come back to the queue."""
    sending = (Delivery.campaign_id == campaign_id) & (Delivery.state == DeliveryState.SENDING)
    return bool(session.scalar(select(exists().where(sending, Delivery.purpose == Purpose.LETTER))))


def _tell(session: Session, ending: Ending, now: datetime, at_once: int) -> tuple[int, int]:
    """Queue the mails to the next who wrote; how many, and how many actions were looked at."""
    ids = session.scalars(_to_tell(ending).where(Action.id > ending.told_to).order_by(Action.id).limit(at_once)).all()
    lane = notices_lane(session) if ids else 0
    put(session, [Parcel(Purpose.WON, ending.campaign_id, action_id, lane) for action_id in ids], now)
    ending.told_to = ids[-1] if ids else ending.told_to
    ending.told += len(ids)
    return len(ids), len(ids)


def _to_tell(ending: Ending) -> Select[int]:
    """The actions whose letters stand confirmed, less those whose writers were told after an earlier win."""
    earlier = aliased(Delivery)
    told = exists().where(earlier.action_id == Action.id, is_notice(earlier), earlier.purpose == Purpose.WON)
    confirmed = (Action.campaign_id == ending.campaign_id) & (Action.state == ActionState.CONFIRMED)
    return select(Action.id).where(confirmed, ~told)


def to_be_told(session: Session, campaign_id: int) -> int:
    """How many people would be told of a win now."""
    ending = Ending(campaign_id=campaign_id, state=CampaignState.WON)
    return session.scalar(select(func.count()).select_from(_to_tell(ending).subquery())) or 0

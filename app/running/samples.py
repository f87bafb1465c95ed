"""Sample letters that members of staff send to their own address, to see how they arrive."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.batches import delete_some
from app.campaigns.models import Campaign
from app.delivery.models import TestLetter
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.running.reports import Sample
from app.staff.audit import Deed, record
from app.staff.mails import mail_about
from app.staff.models import StaffMail, StaffMember

AT_ONCE = 5
"""Letters of one press of the button."""
PER_HOUR = 20
"""Letters that one member may send to themselves in an hour."""
KEPT = timedelta(days=30)


_ON_ITS_WAY = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})
_LEFT = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNCERTAIN})


class Tested(enum.Enum):
    """How far the test of a campaign is."""

    NO = enum.auto()
    ON_ITS_WAY = enum.auto()
    SENT = enum.auto()


@dataclass(frozen=True, slots=True)
class TestsAsked:
    """The sample letters that a member asked for last."""

    __test__ = False
    delivery_ids: Sequence[int]
    at: datetime
    on_their_way: bool
    """Whether one of them has still to leave."""
    failed: int
    """How many will not arrive, or wait for a person."""


class TooManyTestsError(Exception):
    """They have had as many as they may within the hour."""


def send_samples(
    session: Session, campaign: Campaign, member: StaffMember, letters: Sequence[Sample], now: datetime
) -> list[int]:
    """Queue some letters of a campaign's sample to a member's own address, each marked as a test.

    They are mail to staff, of no campaign: no figure and no ledger counts them.

    Raises:
        TooManyTestsError: that would be more than the member may have in an hour.
    """
    # The member's own row is the lock: two presses at one moment are counted one after the other.
    session.execute(select(StaffMember.id).where(StaffMember.id == member.id).with_for_update())
    if sent_lately(session, member.id, now) + len(letters) > PER_HOUR:
        raise TooManyTestsError
    ids = []
    for letter in letters:
        delivery_id = mail_about(session, member, Purpose.STAFF_TEST, campaign.id, now)
        session.add(TestLetter(delivery_id=delivery_id, subject=letter.subject, text=letter.text))
        ids.append(delivery_id)
    record(session, member.id, Deed("campaign.tested", campaign.id, after={"letters": len(ids)}), now)
    return ids


def tested(session: Session, campaign: Campaign) -> Tested:
    """Whether somebody has been sent one of its letters since the last change of their words."""
    states = {state for _id, state, _at in session.execute(_tests_of(campaign))}
    if states & _LEFT:
        return Tested.SENT
    return Tested.ON_ITS_WAY if states & _ON_ITS_WAY else Tested.NO


def last_asked(session: Session, campaign: Campaign, member_id: int) -> TestsAsked | None:
    """What the member was sent, or is to be sent, by their last press since the last change of its letters."""
    rows = session.execute(_tests_of(campaign).where(StaffMail.member_id == member_id)).all()
    newest = [row for row in rows if row.created_at == rows[0].created_at]
    if not newest:
        return None
    states = [row.state for row in newest]
    return TestsAsked(
        delivery_ids=[row.id for row in newest],
        at=newest[0].created_at,
        on_their_way=not _ON_ITS_WAY.isdisjoint(states),
        failed=sum(state not in _ON_ITS_WAY | _LEFT for state in states),
    )


def _tests_of(campaign: Campaign) -> Select[int, DeliveryState, datetime]:
    """Tests of the letters as they are now, those that were asked for last first."""
    changed_at = max((row.created_at for row in campaign.templates), default=campaign.created_at)
    return (
        select(Delivery.id, Delivery.state, Delivery.created_at)
        .join(StaffMail, Delivery.id == StaffMail.delivery_id)
        .where(
            StaffMail.campaign_id == campaign.id,
            Delivery.purpose == Purpose.STAFF_TEST,
            Delivery.created_at >= changed_at,
        )
        .order_by(Delivery.created_at.desc(), Delivery.id)
    )


def sent_lately(session: Session, member_id: int, now: datetime) -> int:
    """How many a member was sent within the last hour."""
    wanted = (
        select(func.count())
        .select_from(StaffMail)
        .join(Delivery, Delivery.id == StaffMail.delivery_id)
        .where(
            StaffMail.member_id == member_id,
            Delivery.purpose == Purpose.STAFF_TEST,
            Delivery.created_at > now - timedelta(hours=1),
        )
    )
    return session.scalar(wanted) or 0


def forget_samples(session: Session, now: datetime) -> int:
    """Delete some of what old tests said; that there were some stays. How many."""
    old = select(Delivery.id).where(Delivery.purpose == Purpose.STAFF_TEST, Delivery.created_at <= now - KEPT)
    return delete_some(session, TestLetter, TestLetter.delivery_id.in_(old))

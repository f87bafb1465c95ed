"""Sample letters that members of staff send to their own address, to see how they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.batches import delete_some
from app.campaigns.models import Campaign
from app.delivery.models import TestLetter
from app.queue.models import Delivery
from app.queue.states import Purpose
from app.running.reports import Sample
from app.staff.audit import Deed, record
from app.staff.mails import mail_about
from app.staff.models import StaffMail, StaffMember

AT_ONCE = 5
"""Letters of one press of the button."""
PER_HOUR = 20
"""Letters that one member may send to themselves in an hour."""
KEPT = timedelta(days=30)


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


def is_tested(session: Session, campaign: Campaign) -> bool:
    """Whether somebody has sent themselves one of its letters since the last change of their words."""
    changed_at = max((row.created_at for row in campaign.templates), default=campaign.created_at)
    wanted = (
        select(StaffMail.delivery_id)
        .join(Delivery, Delivery.id == StaffMail.delivery_id)
        .where(
            StaffMail.campaign_id == campaign.id,
            Delivery.purpose == Purpose.STAFF_TEST,
            Delivery.created_at >= changed_at,
        )
    )
    return session.scalar(wanted.limit(1)) is not None


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

"""Mail to staff: deliveries like all others, of no campaign. What they say is the delivery room's business."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.queue.lanes import notices_lane
from app.queue.models import NO_CAMPAIGN
from app.queue.rows import Parcel, put
from app.queue.states import Purpose
from app.staff.links import make_link
from app.staff.models import LinkKind, StaffMail, StaffMember

_CARRIES = {
    Purpose.STAFF_INVITATION: LinkKind.INVITATION,
    Purpose.STAFF_PASSWORD: LinkKind.PASSWORD,
}


def mail_link(session: Session, member: StaffMember, purpose: Purpose, now: datetime) -> int:
    """Queue a mail with a fresh link; the id of its delivery."""
    link = make_link(session, member, _CARRIES[purpose], now)
    return _post(session, purpose, StaffMail(member_id=member.id, link_id=link.id), now)


def mail_change(session: Session, member: StaffMember, now: datetime) -> int:
    """Queue the mail that says that the way they sign in has changed; the id of its delivery."""
    return _post(session, Purpose.STAFF_CHANGE, StaffMail(member_id=member.id), now)


def mail_hook(session: Session, member: StaffMember, now: datetime) -> int:
    """Queue the mail that says that a webhook was paused; the id of its delivery."""
    return _post(session, Purpose.STAFF_HOOK, StaffMail(member_id=member.id), now)


def mail_about(
    session: Session,
    member: StaffMember,
    purpose: Purpose,
    campaign_id: int,
    now: datetime,
    *,
    deed_id: int | None = None,
) -> int:
    """Queue a mail that speaks of a campaign, and of what somebody did with it; the id of its delivery."""
    mail = StaffMail(member_id=member.id, campaign_id=campaign_id, deed_id=deed_id)
    return _post(session, purpose, mail, now)


def mail_digest(session: Session, member: StaffMember, now: datetime) -> int:
    """Queue the mail that tells a week; the id of its delivery."""
    return _post(session, Purpose.STAFF_DIGEST, StaffMail(member_id=member.id), now)


def _post(session: Session, purpose: Purpose, mail: StaffMail, now: datetime) -> int:
    [delivery_id] = put(session, [Parcel(purpose, NO_CAMPAIGN, None, notices_lane(session))], now)
    mail.delivery_id = delivery_id
    session.add(mail)
    return delivery_id

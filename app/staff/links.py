"""Links in mails to staff: each works once, for a while, and only as long as it is the newest of its kind."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from app.batches import BATCH
from app.staff.models import LinkKind, MemberState, StaffLink, StaffMail, StaffMember

LIFETIMES = {
    LinkKind.INVITATION: timedelta(days=7),
    LinkKind.PASSWORD: timedelta(hours=2),
    LinkKind.DEMO: timedelta(hours=12),
}
KEPT = timedelta(days=30)
"""How long the row of a link that is over is kept, for the mail that carried it."""

_FOR = {
    LinkKind.INVITATION: MemberState.INVITED,
    LinkKind.PASSWORD: MemberState.ACTIVE,
    LinkKind.DEMO: MemberState.ACTIVE,
}
"""The state that a member must be in for the link to be of use."""


def make_link(session: Session, member: StaffMember, kind: LinkKind, now: datetime) -> StaffLink:
    """A fresh link; earlier ones of its kind count no more."""
    end_links(session, member.id, kind, now)
    link = StaffLink(public_id=uuid.uuid4(), member=member, kind=kind, expires_at=now + LIFETIMES[kind])
    session.add(link)
    session.flush()
    return link


def find_link(session: Session, public_id: uuid.UUID, kind: LinkKind, now: datetime) -> StaffLink | None:
    """The link, with its member, if it is still good."""
    link = session.scalars(
        select(StaffLink).where(StaffLink.public_id == public_id).options(joinedload(StaffLink.member))
    ).one_or_none()
    return link if link is not None and link.kind is kind and is_good(link, now) else None


def is_good(link: StaffLink, now: datetime) -> bool:
    """Whether the link still leads to something."""
    return link.used_at is None and link.expires_at > now and link.member.state is _FOR[link.kind]


def use_link(session: Session, link: StaffLink, now: datetime) -> bool:
    """Use a link up. Returns whether it was this call that did."""
    used = update(StaffLink).where(StaffLink.id == link.id, StaffLink.used_at.is_(None)).values(used_at=now)
    return session.scalar(used.returning(StaffLink.id)) is not None


def end_links(session: Session, member_id: int, kind: LinkKind, now: datetime) -> None:
    """Let no link of a kind that a member has count any more."""
    unused = (StaffLink.member_id == member_id) & (StaffLink.kind == kind) & StaffLink.used_at.is_(None)
    session.execute(update(StaffLink).where(unused).values(used_at=now))


def forget_links(session: Session, now: datetime) -> int:
    """Delete some of the links that have long been over; how many."""
    over = session.scalars(select(StaffLink.id).where(StaffLink.expires_at <= now - KEPT).limit(BATCH)).all()
    if over:
        session.execute(update(StaffMail).where(StaffMail.link_id.in_(over)).values(link_id=None))
        session.execute(delete(StaffLink).where(StaffLink.id.in_(over)))
    return len(over)

"""The demonstration's admin: invented, without a password, let in by a link that a developer's machine prints."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.actions.addresses import lookup_form
from app.privacy.keys import FieldKeys
from app.roles import Role
from app.staff.links import make_link
from app.staff.models import LinkKind, MemberState, StaffLink, StaffMember
from app.staff.sign_in import member_of

EMAIL = "admin@solidarity-post.example"
NAME = "Demo Admin"


def demo_link(session: Session, keys: FieldKeys, now: datetime) -> StaffLink:
    """A fresh link to sign the demonstration's admin in, who is made on the first call."""
    member = member_of(session, keys, EMAIL) or _make(session, keys, now)
    return make_link(session, member, LinkKind.DEMO, now)


def _make(session: Session, keys: FieldKeys, now: datetime) -> StaffMember:
    member = StaffMember(
        name=NAME,
        email=EMAIL,
        email_hash=keys.blind_index("staff_member.email", lookup_form(EMAIL)),
        role=Role.ADMIN,
        state=MemberState.ACTIVE,
        language="en",
        created_at=now,
    )
    session.add(member)
    session.flush()
    return member

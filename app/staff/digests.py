"""Who gets the weekly mail: leads, unless they have switched it off, and whoever has switched it on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.roles import Role
from app.staff.audit import Deed, record
from app.staff.models import StaffMember


def gets_digest(member: StaffMember) -> bool:
    """Whether they get it."""
    return member.role is Role.LEAD if member.wants_digest is None else member.wants_digest


def wants_digest() -> ColumnElement[bool]:
    """The same, of rows."""
    by_role = StaffMember.wants_digest.is_(None) & (StaffMember.role == Role.LEAD)
    return StaffMember.wants_digest.is_(True) | by_role


def switch_digest(session: Session, member: StaffMember, *, on: bool, now: datetime) -> None:
    """Do as a member wishes. Said once more it changes nothing, and is not written down."""
    before = gets_digest(member)
    member.wants_digest = on
    if before is not on:
        deed = Deed("staff.digest_switched", member.id, before={"digest": before}, after={"digest": on})
        record(session, member.id, deed, now)

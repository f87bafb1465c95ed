"""Browsers that are signed in. Each is a row, so that signing out everywhere, or a deactivation, bites at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from app.batches import delete_some
from app.staff.models import MemberState, StaffMember, StaffSession

LONGEST = timedelta(days=7)
IDLE = timedelta(hours=12)
HALF_WAY = timedelta(minutes=10)
"""How long somebody has to give their second factor."""
NOTED_EVERY = timedelta(minutes=5)
"""How exact it is known when a browser was seen last."""
LONGEST_BROWSER = 200


def begin(session: Session, member: StaffMember, browser: str, now: datetime, *, owes_factor: bool = False) -> str:
    """Sign a browser in; the token is for its cookie and is known to nobody else."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=_hash(token),
            member_id=member.id,
            owes_factor=owes_factor,
            browser=browser[:LONGEST_BROWSER],
            begun_at=now,
            seen_at=now,
            expires_at=now + (HALF_WAY if owes_factor else LONGEST),
            proved_at=now,
        )
    )
    if not owes_factor:
        member.signed_in_at, member.failures, member.locked_until = now, 0, None
    return token


def find(session: Session, token: str, now: datetime) -> StaffSession | None:
    """The session of a cookie with its member; none if it is over, or the member is not active."""
    row = session.scalars(
        select(StaffSession).where(StaffSession.token_hash == _hash(token)).options(joinedload(StaffSession.member))
    ).one_or_none()
    if row is None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    return row if row.member.state is MemberState.ACTIVE else None


def sessions_of(session: Session, member_id: int, now: datetime) -> Sequence[StaffSession]:
    """Where a member is signed in, the last seen first."""
    return session.scalars(
        select(StaffSession)
        .where(
            StaffSession.member_id == member_id,
            StaffSession.owes_factor.is_(False),
            StaffSession.expires_at > now,
            StaffSession.seen_at > now - IDLE,
        )
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    ).all()


def end(session: Session, member_id: int, session_id: int) -> bool:
    """Sign one browser of a member out. Returns whether it was signed in."""
    ended = delete(StaffSession).where(StaffSession.id == session_id, StaffSession.member_id == member_id)
    return session.scalar(ended.returning(StaffSession.id)) is not None


def end_all(session: Session, member_id: int, *, but: int | None = None) -> None:
    """Sign a member out everywhere, or everywhere but in one browser."""
    ended = delete(StaffSession).where(StaffSession.member_id == member_id)
    session.execute(ended if but is None else ended.where(StaffSession.id != but))


def forget_sessions(session: Session, now: datetime) -> int:
    """Delete some of the sessions that are over; how many."""
    over = (StaffSession.expires_at <= now) | (StaffSession.seen_at <= now - IDLE)
    return delete_some(session, StaffSession, over)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

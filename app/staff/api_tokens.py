"""Making, finding and ending the tokens that programs read the API with.

A token is 256 bits of chance. It is shown once; the row keeps its hash, which is what it is found by: there is nothing
to compare that would take longer for a better guess.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.staff.audit import Deed, record
from app.staff.models import MemberState
from app.staff.token_models import ApiToken, Scope

BEGINNING = "spost_"
LIFETIMES = (30, 90, 365)
"""Days that a token may live."""
NOTED_EVERY = timedelta(minutes=5)
"""How exact it is known when a token was used last."""
MOST = 20
"""Tokens that one member may have at a time."""

_FORM = re.compile(rf"{BEGINNING}[\w-]{{43}}", re.ASCII)
_SHOWN = len(BEGINNING) + 6


class TooManyTokensError(Exception):
    """The member has as many tokens as one may have."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is made of."""

    name: str
    scopes: Collection[Scope]
    lifetime: timedelta


def make_token(session: Session, member_id: int, new: NewToken, now: datetime) -> tuple[ApiToken, str]:
    """A new token's row, and the token itself, which nobody can be shown again.

    Raises:
        TooManyTokensError: one must be revoked first.
    """
    if len(tokens_of(session, member_id, now)) >= MOST:
        raise TooManyTokensError
    text = BEGINNING + secrets.token_urlsafe(32)
    row = ApiToken(
        member_id=member_id,
        name=new.name,
        prefix=text[:_SHOWN],
        token_hash=_hash(text),
        scopes=" ".join(sorted(new.scopes)),
        made_at=now,
        expires_at=now + new.lifetime,
    )
    session.add(row)
    session.flush()
    told = {"prefix": row.prefix, "scopes": row.scopes.split(), "expires_at": row.expires_at.isoformat()}
    record(session, member_id, Deed("token.made", row.id, after=told), now)
    return row, text


def find_token(session: Session, text: str, now: datetime) -> ApiToken | None:
    """The token with its owner, if it is one, it is not over, and its owner is still there."""
    if not _FORM.fullmatch(text):
        return None
    row = session.scalars(
        select(ApiToken).where(ApiToken.token_hash == _hash(text)).options(joinedload(ApiToken.member))
    ).one_or_none()
    good = row is not None and row.revoked_at is None and row.expires_at > now
    return row if good and row is not None and row.member.state is MemberState.ACTIVE else None


def tokens_of(session: Session, member_id: int, now: datetime) -> Sequence[ApiToken]:
    """The tokens of a member that still open something, the newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.member_id == member_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
        .order_by(ApiToken.id.desc())
    ).all()


def revoke(session: Session, member_id: int, token_id: int, now: datetime) -> bool:
    """End one of a member's tokens. Returns whether it was good until now."""
    row = session.scalars(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.member_id == member_id).with_for_update()
    ).one_or_none()
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    record(session, member_id, Deed("token.revoked", row.id, before={"prefix": row.prefix}), now)
    return True


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """Remember that a token was used; see `NOTED_EVERY`."""
    row = session.get(ApiToken, token_id)
    if row is not None:
        row.used_at = now


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

"""Files that staff upload: kept for a day, looked at before anything changes, then taken over or thrown away."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.batches import delete_some
from app.db import Sessions
from app.registrar.desk import Registrar
from app.registrar.models import Upload
from app.registrar.plans import Plan, carry_out
from app.targets.by_key import list_called
from app.targets.imports import TargetImport
from app.targets.shrinking import WouldShrinkError
from app.targets.verify import NothingToVerifyError, unverified

KEPT = timedelta(days=1)
LARGEST = 5 * 1024 * 1024
"""Bytes of a file: the councillors of the whole country take some three million."""
FORGOTTEN_AT_ONCE = 1


class OtherChangesError(Exception):
    """Taking the file over would change something else now than what was looked at."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a file over would do."""

    done: TargetImport
    guard: WouldShrinkError | None
    """Why somebody has to say that those who would be archived have left, if so."""
    unverified: int
    """How many addresses of the list would wait to be verified."""

    @property
    def mark(self) -> str:
        """What tells this outcome from any other."""
        told = json.dumps(asdict(self.done), default=str, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody said who has looked at a preview."""

    seen: str
    """Its mark."""
    allow_shrink: bool = False
    how: str = ""
    """How they know that all its addresses are right, where they vouch for them."""


def keep_upload(session: Session, member_id: int, name: str, content: bytes, now: datetime) -> Upload:
    """Keep a file for a while."""
    packed = base64.b64encode(zlib.compress(content)).decode()
    upload = Upload(
        member_id=member_id, name=name, content=packed, plan=Plan().stored(), made_at=now, expires_at=now + KEPT
    )
    session.add(upload)
    session.flush()
    return upload


def upload_of(session: Session, member_id: int, upload_id: int, now: datetime) -> Upload | None:
    """The file, if this member has brought it and it is not too old."""
    theirs = (Upload.id == upload_id) & (Upload.member_id == member_id) & (Upload.expires_at > now)
    return session.scalar(select(Upload).where(theirs))


def content_of(upload: Upload) -> bytes:
    """The file as it came; the session must be open."""
    return zlib.decompress(base64.b64decode(upload.content))


def forget_uploads(session: Session, now: datetime) -> int:
    """Delete one of the files whose time is over, for they are large; how many."""
    return delete_some(session, Upload, Upload.expires_at <= now, at_most=FORGOTTEN_AT_ONCE)


def preview(sessions: Sessions, raw: bytes, plan: Plan, now: datetime) -> Preview:
    """Find out what taking a file over would do; nothing is changed. Raises as `carry_out` does, but for shrinking."""
    try:
        return _try(sessions, raw, plan, now)
    except WouldShrinkError as guard:
        return _try(sessions, raw, plan, now, guard)


def _try(sessions: Sessions, raw: bytes, plan: Plan, now: datetime, guard: WouldShrinkError | None = None) -> Preview:
    with sessions.write() as session:
        done = carry_out(session, raw, plan, allow_shrink=guard is not None, now=now)
        waiting = len(unverified(session, list_called(session, plan.list_slug)))
        session.rollback()
    return Preview(done, guard, waiting)


def take_over(registrar: Registrar, upload: Upload, decision: Decision) -> TargetImport:
    """Fill the list, vouch for its addresses if that was said, and let go of the file.

    Raises:
        OtherChangesError: it would not do what was looked at.
        ValueError, WouldShrinkError and others: as `carry_out` does.
    """
    session, plan = registrar.session, Plan.read(upload.plan)
    done = carry_out(session, content_of(upload), plan, allow_shrink=decision.allow_shrink, now=registrar.now)
    if Preview(done, None, 0).mark != decision.seen:
        raise OtherChangesError
    of = list_called(session, plan.list_slug)
    registrar.imported(of, done)
    if decision.how:
        with suppress(NothingToVerifyError):  # all of them are verified already
            registrar.verify_list(of, decision.how)
    session.delete(upload)
    return done

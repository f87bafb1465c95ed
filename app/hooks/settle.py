"""What an answer means: for the announcement, for its hook, and for who looks after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from random import Random

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.announcements.models import Announcement, AnnouncementState, Hook, HookState
from app.batches import delete_some
from app.hooks.outlet import Answer, NoAnswerError
from app.roles import Role
from app.staff.audit import Deed, record
from app.staff.mails import mail_hook
from app.staff.models import MemberState, StaffMember

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
RETRY_AFTER = (
    *(_MINUTE * minutes for minutes in (0.5, 2, 10, 30)),
    *(_HOUR * hours for hours in (2, 5, 10, 14, 20, 24)),
)
"""The wait after the first, second, … try that failed: three days and some hours in all. After the last it is over."""

JITTER = 0.2
"""Waits grow by up to this share, so that hooks that failed together do not come back together."""

KEPT = timedelta(days=30)
"""How long an announcement is kept, whatever became of it."""

CHANGING = {"key_share": True}
"""How a hook's row is locked: what happens meanwhile may still be written down for it."""

_NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try."""

    announcement_id: int
    outcome: Answer | NoAnswerError

    @property
    def status(self) -> int | None:
        """The HTTP status, if there was an answer."""
        return self.outcome.status if isinstance(self.outcome, Answer) else None

    @property
    def said(self) -> str:
        """Why there was none."""
        return "" if isinstance(self.outcome, Answer) else str(self.outcome)

    @property
    def wait(self) -> timedelta:
        """How long the receiver asked us to wait."""
        return (self.outcome.wait if isinstance(self.outcome, Answer) else None) or timedelta()

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own classes

    @property
    def ends_round(self) -> bool:
        """Whether the next message would fare no better: trouble of the receiver's, not of this message."""
        # HTTP's class again.
        refused = self.status is not None and 400 <= self.status < 500 and self.status not in _NOT_NOW  # noqa: PLR2004
        return self.gone or not (self.taken or refused)

    @property
    def gone(self) -> bool:
        """Whether the receiver says that it is no more."""
        return self.status == HTTPStatus.GONE


@dataclass(frozen=True, slots=True)
class Ground:
    """What a settlement stands on."""

    hook_id: int
    claimed: Sequence[int]
    now: datetime
    random: Random


def settle(session: Session, results: Sequence[Result], ground: Ground) -> None:
    """Write down what came of a claim; what was not tried goes back as it was."""
    hook = session.get_one(Hook, ground.hook_id, with_for_update=CHANGING)
    rows = {row.id: row for row in session.scalars(select(Announcement).where(Announcement.id.in_(ground.claimed)))}
    for result in results:
        row = rows.pop(result.announcement_id, None)
        if row is not None and row.state is AnnouncementState.WAITING:
            _settle_one(session, hook, row, result, ground)
    for row in rows.values():
        row.lease_until, row.attempts = None, max(row.attempts - 1, 0)


def _settle_one(session: Session, hook: Hook, row: Announcement, result: Result, ground: Ground) -> None:
    row.lease_until, row.tried_at = None, ground.now
    row.status, row.said = result.status, result.said
    if result.taken:
        row.state, hook.failures, hook.rests_until = AnnouncementState.TAKEN, 0, None
    elif result.ends_round:
        _rest(session, hook, result, ground)
    else:
        _put_off(session, hook, row, ground)


def _rest(session: Session, hook: Hook, result: Result, ground: Ground) -> None:
    """Leave a receiver in peace that could not be reached; each time for longer, and in the end for good."""
    hook.failures += 1
    if result.gone or hook.failures > len(RETRY_AFTER):
        _pause(session, hook, "gone" if result.gone else "failing", ground.now)
        return
    hook.rests_until = ground.now + max(_wait(hook.failures, ground.random), result.wait)


def _put_off(session: Session, hook: Hook, row: Announcement, ground: Ground) -> None:
    """Try again later what the receiver did not want, though it is there; others go on meanwhile."""
    if row.attempts <= len(RETRY_AFTER):
        row.due_at = ground.now + _wait(row.attempts, ground.random)
        return
    row.state = AnnouncementState.FAILED
    taken = select(Announcement.id).where(
        Announcement.hook_id == hook.id,
        Announcement.state == AnnouncementState.TAKEN,
        Announcement.tried_at > row.at,
    )
    if session.scalar(taken.limit(1)) is None:
        _pause(session, hook, "failing", ground.now)


def _wait(failures: int, random: Random) -> timedelta:
    return RETRY_AFTER[failures - 1] * random.uniform(1, 1 + JITTER)


def _pause(session: Session, hook: Hook, why: str, now: datetime) -> None:
    """Send nothing more there, and tell who looks after it."""
    if hook.state is not HookState.ACTIVE:
        return
    hook.state, hook.why = HookState.PAUSED, why
    record(session, None, Deed("hook.paused", hook.id, after={"why": why}), now)
    for member in _who_looks_after(session, hook):
        mail_hook(session, member, now)


def _who_looks_after(session: Session, hook: Hook) -> Sequence[StaffMember]:
    """Its owner; if they have left, every admin."""
    active = StaffMember.state == MemberState.ACTIVE
    owner = session.scalars(select(StaffMember).where(StaffMember.id == hook.owner_id, active)).all()
    return owner or session.scalars(select(StaffMember).where(StaffMember.role == Role.ADMIN, active)).all()


def revive(session: Session, hook_id: int, now: datetime) -> None:
    """Let everything that a hook has not taken yet be tried anew."""
    session.execute(
        update(Announcement)
        .where(Announcement.hook_id == hook_id, Announcement.state != AnnouncementState.TAKEN)
        .values(state=AnnouncementState.WAITING, attempts=0, due_at=now)
    )


def forget_announcements(session: Session, now: datetime) -> int:
    """Delete some of what is old, taken or not; how many."""
    return delete_some(session, Announcement, Announcement.at <= now - KEPT)

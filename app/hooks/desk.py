"""What staff do with webhooks. Everything is written to the audit, with neither address nor secret."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.announcements.models import (
    Announcement,
    AnnouncementState,
    Happening,
    Hook,
    HookEvent,
    HookState,
)
from app.hooks.addresses import check_url
from app.hooks.settle import CHANGING, revive
from app.hooks.signature import new_secret
from app.staff.audit import Deed, record

MOST = 20
"""How many webhooks there may be: each is told everything anew."""
BOTH_SIGN = timedelta(hours=24)
"""How long the old secret still signs beside a new one."""
SHOWN = 30


class UnknownHookError(Exception):
    """There is no such webhook, or it was removed."""

    def __init__(self, hook_id: int) -> None:
        super().__init__(f"There is no webhook {hook_id}.")


class TooManyHooksError(Exception):
    """There are as many webhooks as there may be."""

    def __init__(self) -> None:
        super().__init__(f"There may be {MOST} webhooks. Remove one first.")


@dataclass(frozen=True, slots=True)
class NewHook:
    """What a webhook is made of."""

    name: str
    url: str
    events: Collection[Happening]
    campaign_id: int | None
    owner_id: int


@dataclass(frozen=True, slots=True)
class HookDesk:
    """Works on webhooks in the caller's transaction."""

    session: Session
    actor_id: int | None
    """Who of staff; none for the command line."""
    now: datetime

    def add(self, new: NewHook, *, anywhere: bool) -> Hook:
        """A new webhook, which works at once.

        Raises:
            UnfitUrlError: its address must not be used; see `app.hooks.addresses.check_url`.
            TooManyHooksError: there are enough.
        """
        check_url(new.url, anywhere=anywhere)
        if len(hooks_listed(self.session)) >= MOST:
            raise TooManyHooksError
        hook = Hook(
            name=new.name,
            url=new.url,
            secret=new_secret(),
            campaign_id=new.campaign_id,
            owner_id=new.owner_id,
            made_at=self.now,
            events=[HookEvent(kind=event.value) for event in sorted(set(new.events))],
        )
        self.session.add(hook)
        self.session.flush()
        told = {"name": hook.name, "events": [event.kind for event in hook.events], "campaign_id": hook.campaign_id}
        self._record("added", hook, after=told)
        return hook

    def pause(self, hook: Hook) -> None:
        """Send nothing more, and write nothing down for it, until it goes on."""
        if hook.state is HookState.ACTIVE:
            hook.state, hook.why = HookState.PAUSED, "staff"
            self._record("paused", hook, after={"why": "staff"})

    def resume(self, hook: Hook) -> None:
        """Let it go on; what it has not taken is tried anew."""
        if hook.state is HookState.PAUSED:
            hook.state, hook.why, hook.failures, hook.rests_until = HookState.ACTIVE, "", 0, None
            revive(self.session, hook.id, self.now)
            self._record("resumed", hook)

    def rotate(self, hook: Hook) -> None:
        """Make a new secret; the old one signs too for a day."""
        hook.old_secret, hook.old_secret_until = hook.secret, self.now + BOTH_SIGN
        hook.secret = new_secret()
        self._record("secret_changed", hook)

    def test(self, hook: Hook) -> None:
        """Queue an announcement of nothing, to see whether it arrives; also after a failure, at once."""
        hook.rests_until = None
        self.session.add(
            Announcement(
                hook_id=hook.id,
                kind=Happening.TEST.value,
                data="{}",
                at=self.now,
                state=AnnouncementState.WAITING,
                attempts=0,
                due_at=self.now,
                said="",
            )
        )
        self._record("tested", hook)

    def remove(self, hook: Hook) -> None:
        """Forget its address and its secrets."""
        hook.state, hook.url, hook.secret = HookState.REMOVED, "", ""
        hook.old_secret, hook.old_secret_until = None, None
        self._record("removed", hook)

    def find(self, hook_id: int) -> Hook:
        """The webhook, for changing.

        Raises:
            UnknownHookError: there is none.
        """
        return hook_called(self.session, hook_id, changing=True)

    def _record(self, verb: str, hook: Hook, after: Mapping[str, object] | None = None) -> None:
        record(self.session, self.actor_id, Deed(f"hook.{verb}", hook.id, after=after or {}), self.now)


def hook_called(session: Session, hook_id: int, *, changing: bool = False) -> Hook:
    """A webhook by its number.

    Raises:
        UnknownHookError: there is none, or it was removed.
    """
    hook = session.get(Hook, hook_id, with_for_update=CHANGING if changing else None)
    if hook is None or hook.state is HookState.REMOVED:
        raise UnknownHookError(hook_id)
    return hook


def hooks_listed(session: Session) -> Sequence[Hook]:
    """All webhooks that there are, the oldest first."""
    return session.scalars(select(Hook).where(Hook.state != HookState.REMOVED).order_by(Hook.id)).all()


def latest(session: Session, hook_id: int) -> Sequence[Announcement]:
    """The newest announcements to a webhook, whatever became of them."""
    wanted = select(Announcement).where(Announcement.hook_id == hook_id)
    return session.scalars(wanted.order_by(Announcement.id.desc()).limit(SHOWN)).all()


def waiting(session: Session, hook_id: int) -> int:
    """How many announcements a webhook is still to be sent."""
    count = select(func.count()).where(Announcement.hook_id == hook_id, Announcement.state == AnnouncementState.WAITING)
    return session.scalar(count) or 0

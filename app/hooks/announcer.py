"""Going round: each hook is sent what it is still to be told. No transaction is open while the network is used.

Hooks are served side by side, so that a slow receiver keeps nobody else waiting. What is sent is claimed under a lease
first: if this worker dies, another sends the same message again, with the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.announcements.models import Announcement, AnnouncementState, Hook, HookState
from app.campaigns.models import Campaign
from app.db import Sessions
from app.hooks.messages import Message, Receiver, message_of
from app.hooks.outlet import Answer, NoAnswerError, Outlet
from app.hooks.settle import CHANGING, Ground, Result, settle

AT_ONCE = 50
"""Announcements in one claim."""
SIDE_BY_SIDE = 4
"""Hooks that are served at the same time."""
PATIENCE = timedelta(seconds=60)
"""How long one claim is worked on; what is left then goes back."""
LEASE = timedelta(minutes=3)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a hook is sent now."""

    receiver: Receiver
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Announcer:
    """Sends what is due."""

    sessions: Sessions
    outlet: Outlet
    clock: Callable[[], datetime]
    random: Random = field(default_factory=Random)

    def go_round(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Serve every hook for which something is due. Safe to call from any number of processes.

        Returns:
            How many announcements were taken by their receivers.
        """
        with self.sessions.read() as session:
            due = _hooks_due(session, self.clock())
        if not due:
            return 0
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="hooks") as pool:
            return sum(pool.map(lambda hook_id: self._serve_or_log(hook_id, stopping), due))

    def _serve_or_log(self, hook_id: int, stopping: Callable[[], bool]) -> int:
        try:
            return self._serve(hook_id, stopping)
        except Exception:  # noqa: BLE001 - one bad row must not keep the other hooks waiting
            _log.exception("a webhook was not served", hook=hook_id)
            return 0

    def _serve(self, hook_id: int, stopping: Callable[[], bool]) -> int:
        """Send claim by claim until nothing is due, or the receiver is in trouble."""
        taken = 0
        while not stopping():
            claim = self._claim(hook_id)
            if claim is None:
                break
            results = self._send(claim, stopping)
            ground = Ground(hook_id, [message.announcement_id for message in claim.messages], self.clock(), self.random)
            with self.sessions.write() as session:
                settle(session, results, ground)
            taken += sum(result.taken for result in results)
            _log.info("webhook", hook=hook_id, claimed=len(claim.messages), tried=len(results))
            if len(results) < len(claim.messages) or any(result.ends_round for result in results):
                break
        return taken

    def _claim(self, hook_id: int) -> Claim | None:
        now = self.clock()
        with self.sessions.write() as session:
            hook = session.get_one(Hook, hook_id, with_for_update=CHANGING)
            if hook.state is not HookState.ACTIVE or (hook.rests_until is not None and hook.rests_until > now):
                return None
            rows = session.scalars(
                select(Announcement)
                .where(Announcement.hook_id == hook_id, _due(now))
                .order_by(Announcement.due_at, Announcement.id)
                .limit(AT_ONCE)
            ).all()
            if not rows:
                return None
            for row in rows:
                row.lease_until, row.attempts = now + LEASE, row.attempts + 1
            slugs = {campaign.id: campaign.slug for campaign in _campaigns(session, rows)}
            return Claim(_receiver(hook, now), [message_of(row, slugs) for row in rows])

    def _send(self, claim: Claim, stopping: Callable[[], bool]) -> list[Result]:
        """Send one after the other; stop where the receiver cannot be reached, or wants no more for now."""
        results: list[Result] = []
        until = self.clock() + PATIENCE
        for message in claim.messages:
            if stopping() or self.clock() > until:
                break
            results.append(self._try(message, claim.receiver))
            if results[-1].ends_round:
                break
        return results

    def _try(self, message: Message, receiver: Receiver) -> Result:
        outcome: Answer | NoAnswerError
        try:
            outcome = self.outlet.post(message.post_to(receiver, self.clock()))
        except NoAnswerError as error:
            outcome = error
        return Result(message.announcement_id, outcome)


def _hooks_due(session: Session, now: datetime) -> Sequence[int]:
    waiting = select(Announcement.id).where(Announcement.hook_id == Hook.id, _due(now)).exists()
    ready = or_(Hook.rests_until.is_(None), Hook.rests_until <= now)
    return session.scalars(
        select(Hook.id).where(Hook.state == HookState.ACTIVE, ready, waiting).order_by(Hook.id)
    ).all()


def _due(now: datetime) -> ColumnElement[bool]:
    free = or_(Announcement.lease_until.is_(None), Announcement.lease_until <= now)
    return (Announcement.state == AnnouncementState.WAITING) & (Announcement.due_at <= now) & free


def _campaigns(session: Session, rows: Sequence[Announcement]) -> Sequence[Campaign]:
    ids = {row.campaign_id for row in rows if row.campaign_id is not None}
    return session.scalars(select(Campaign).where(Campaign.id.in_(ids))).all() if ids else []


def _receiver(hook: Hook, now: datetime) -> Receiver:
    old = hook.old_secret if hook.old_secret_until is not None and hook.old_secret_until > now else None
    return Receiver(hook.url, (hook.secret,) if old is None else (hook.secret, old))

"""Preflights that staff ask for: a page asks, a worker looks, and the page shows what it has found.

A country's letters take seconds to make, and a DNS that is away takes more: no browser waits for either.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.campaigns.fingerprint import fingerprint_of
from app.campaigns.models import Campaign
from app.db import Sessions
from app.delivery.preflight import Ask, preflight
from app.mail.records import LookUp
from app.mail.sending_domain import Sender
from app.running.models import Check, CheckState
from app.running.reports import KeptReport, as_json
from app.staff.audit import Deed, record
from app.staff.models import AuditEntry
from app.statements import insert_or
from app.targets.freshness import day_of

LEASE = timedelta(minutes=2)
"""How long a worker may be silent about a check before another one begins it anew."""
TOLD_EVERY = timedelta(seconds=1)
_OF_TARGETS = ("target", "target_list", "correction", "suppression")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _GivenUpError(Exception):
    """The worker is stopping, or another one has taken the check over."""


def ask_for_check(session: Session, campaign_id: int, actor_id: int, now: datetime) -> None:
    """Let a worker look at a campaign. What the last check found stays until it has."""
    asked = {"state": CheckState.ASKED, "asked_at": now, "letters": 0, "lease": None, "lease_until": None}
    statement = insert_or(session, Check).values(campaign_id=campaign_id, **asked)
    session.execute(statement.on_conflict_do_update(index_elements=["campaign_id"], set_=asked))
    record(session, actor_id, Deed("campaign.checked", campaign_id), now)


def last_check(session: Session, campaign: Campaign) -> Check | None:
    """The campaign's last check, whatever has become of it."""
    return session.get(Check, campaign.id)


def report_of(check: Check | None) -> KeptReport | None:
    """What the last finished check found."""
    return None if check is None or check.report is None else KeptReport.of(check.report)


def is_of_now(check: Check | None, campaign: Campaign) -> bool:
    """Whether what was looked at is what the campaign says now."""
    return check is not None and check.fingerprint == fingerprint_of(campaign)


def targets_changed_since(session: Session, check: Check) -> bool:
    """Whether staff have changed something about targets, whoever's they are, since it was asked for."""
    wanted = select(AuditEntry.id).where(AuditEntry.kind.in_(_OF_TARGETS), AuditEntry.at > check.asked_at)
    return session.scalar(wanted.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Checker:
    """A worker's part: makes the checks that were asked for."""

    sessions: Sessions
    sender: Sender | None
    look_up: LookUp
    clock: Callable[[], datetime]
    replies_to: str = ""
    """The mailbox of protected answers; empty where there is none."""

    def run_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Make every check that waits, one after the other; how many were."""
        made = 0
        while not stopping() and (claim := self._claim()) is not None:
            self._make(*claim, stopping)
            made += 1
        return made

    def _claim(self) -> tuple[int, str] | None:
        now = self.clock()
        over = and_(Check.state == CheckState.RUNNING, Check.lease_until < now)
        with self.sessions.read() as session:
            due = or_(Check.state == CheckState.ASKED, over)
            found = session.scalar(select(Check.campaign_id).where(due).order_by(Check.asked_at).limit(1))
        if found is None:
            return None
        lease = secrets.token_hex(16)
        values = {"state": CheckState.RUNNING, "lease": lease, "lease_until": now + LEASE, "letters": 0}
        with self.sessions.write() as session:
            taken = session.scalar(
                update(Check).where(Check.campaign_id == found, due).values(values).returning(Check.campaign_id)
            )
        return None if taken is None else (taken, lease)

    def _make(self, campaign_id: int, lease: str, stopping: Callable[[], bool]) -> None:
        with self.sessions.read() as session:
            campaign = session.get_one(Campaign, campaign_id)
            slug, fingerprint = campaign.slug, fingerprint_of(campaign)
        told_at = self.clock()

        def watch(letters: int) -> None:
            nonlocal told_at
            if stopping():
                self._keep(campaign_id, lease, state=CheckState.ASKED, lease=None)
                raise _GivenUpError
            if self.clock() - told_at >= TOLD_EVERY:
                told_at = self.clock()
                self._keep(campaign_id, lease, letters=letters, lease_until=told_at + LEASE)

        try:
            report = preflight(
                self.sessions,
                Ask(slug, day_of(self.clock()), replies_to=self.replies_to, watch=watch),
                self.sender,
                self.look_up,
            )
            done = {"state": CheckState.DONE, "report": as_json(report), "fingerprint": fingerprint}
            self._keep(campaign_id, lease, **done, letters=report.letters, finished_at=self.clock(), lease=None)
        except _GivenUpError:
            return
        except Exception as error:  # noqa: BLE001 - its campaign cannot be looked at; the others can
            _log.exception("check failed", campaign=slug, kind=type(error).__name__)
            self._keep(campaign_id, lease, state=CheckState.FAILED, lease=None)

    def _keep(self, campaign_id: int, held: str, /, **values: object) -> None:
        """Write down how far it is, as long as the check is still this worker's."""
        mine = (Check.campaign_id == campaign_id) & (Check.lease == held)
        with self.sessions.write() as session:
            kept = session.scalar(update(Check).where(mine).values(values).returning(Check.campaign_id))
        if kept is None:
            raise _GivenUpError

"""Forgetting what nobody needs any more: once an hour, a few rows at a time, each purge for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from app.actions.retention import expire_actions
from app.actions.review import forget_alike, forget_review_notes
from app.actions.throttle import forget_windows
from app.batches import BATCH
from app.db import Sessions
from app.hooks.settle import forget_announcements
from app.registrar.uploads import FORGOTTEN_AT_ONCE, forget_uploads
from app.replies.retention import forget_notes
from app.running.samples import forget_samples
from app.staff.links import forget_links
from app.staff.sessions import forget_sessions
from app.targets.corrections import erase_words
from app.targets.postcode_answers import forget_answers
from app.worker.attempts import attempt

EVERY = timedelta(hours=1)
BETWEEN_BATCHES = timedelta(milliseconds=50)
"""How long a purge lets others write before it goes on: SQLite has one writer at a time."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Purge:
    """One kind of thing that is forgotten."""

    name: str
    forget: Callable[[Session, datetime], int]
    """Forgets up to `at_once` of them in the session's transaction, and says how many that were."""
    at_once: int = BATCH


PURGES = (
    Purge("actions", expire_actions),
    Purge("windows", forget_windows),
    Purge("corrections", erase_words),
    Purge("sessions", forget_sessions),
    Purge("links", forget_links),
    Purge("alike texts", forget_alike),
    Purge("review notes", forget_review_notes),
    Purge("samples", forget_samples),
    Purge("announcements", forget_announcements),
    Purge("uploads", forget_uploads, FORGOTTEN_AT_ONCE),
    Purge("postcode answers", forget_answers),
    Purge("reply notes", forget_notes),
)


@dataclass(slots=True)
class Housekeeping:
    """Keeps one house; asked in each round, it does something once an hour."""

    sessions: Sessions
    clock: Callable[[], datetime]
    stopping: threading.Event
    purges: Sequence[Purge] = PURGES
    _kept_at: datetime | None = field(default=None, init=False)

    def turn(self) -> None:
        """Make every purge, if it is time; one that fails keeps no other from being made."""
        now = self.clock()
        if self._kept_at is not None and now < self._kept_at + EVERY:
            return
        self._kept_at = now
        tried = [attempt(f"purge of {purge.name}", partial(self._make, purge, now)) for purge in self.purges]
        if failed := tried.count(False):
            _log.warning("housekeeping", purges=len(tried), failed=failed)

    def _make(self, purge: Purge, now: datetime) -> None:
        """Forget all that there is of one kind, each batch in a transaction of its own."""
        forgotten = 0
        while not self.stopping.is_set():
            with self.sessions.write() as session:
                batch = purge.forget(session, now)
            forgotten += batch
            if batch < purge.at_once:
                break
            self.stopping.wait(BETWEEN_BATCHES.total_seconds())
        if forgotten:
            _log.info("forgotten", what=purge.name, number=forgotten)

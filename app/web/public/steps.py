"""Counting who looks at a campaign's page and who begins to write: without cookies, and nothing of a person is kept.

A step that leaves no row of its own is counted in the process and written down every few seconds, with the request that
comes next, whatever it asks for: reading a page need not wait for the database to write, and whoever looks at the
figures sees what was counted. What a process has not written when it is killed is lost.
"""

from __future__ import annotations

import atexit
import re
import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from flask import Flask, current_app, g, request
from sqlalchemy.exc import OperationalError

from app.actions.activity import Step, count_step
from app.actions.sources import source_of
from app.bootstrap import Platform
from app.web.public.forms import StartForm

EVERY = timedelta(seconds=10)
"""How often one process writes down what it has counted, at the most."""

STEPS = "solidarity_steps"
"""Where the site keeps its counts."""
_MACHINE = re.compile(
    r"bot\b|crawl|spider|slurp|preview|scan|monitor|fetch|facebookexternalhit|curl|wget|python-", re.IGNORECASE
)
"""What a program calls itself that reads pages for nobody in particular."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _Taken(NamedTuple):
    """A step as it is counted."""

    campaign_id: int
    step: Step
    source: str
    language: str


class Steps:
    """What one process has counted and not written down yet."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._counted: Counter[_Taken] = Counter()
        self._written_at: datetime | None = None

    def note(self, taken: _Taken) -> None:
        """Count one, and write down what there is if it is time."""
        with self._lock:
            self._counted[taken] += 1
        self.catch_up()

    def catch_up(self) -> None:
        """Write down what there is, if the last time is some time ago."""
        now = self._platform.clock()
        with self._lock:
            if not self._counted or (self._written_at is not None and now - self._written_at < EVERY):
                return
            self._written_at = now
        self.write()

    def write(self) -> None:
        """Write down what was counted. Where the database cannot take it now, it is kept for the next time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        now = self._platform.clock()
        try:
            with self._platform.sessions.write() as session:
                for (campaign_id, step, source, language), number in counted.items():
                    count_step(session, campaign_id, step, now, source=source, language=language, number=number)
        except OperationalError as error:
            _log.warning("steps not written", kind=type(error).__name__)
            with self._lock:
                self._counted.update(counted)


def install(app: Flask, platform: Platform) -> None:
    """Give the site its counts; what is left is written when its process ends."""
    steps = Steps(platform)
    app.extensions[STEPS] = steps
    app.before_request(_catch_up)
    atexit.register(steps.write)


def _catch_up() -> None:
    _steps().catch_up()


def _steps() -> Steps:
    steps: Steps = current_app.extensions[STEPS]
    return steps


def note_step(step: Step, campaign_id: int, form: StartForm) -> None:
    """Count a step of whoever asks, unless it is a program that says so, or a page fetched for later."""
    early = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    if request.method == "HEAD" or "prefetch" in early or _MACHINE.search(request.user_agent.string):
        return
    _steps().note(_Taken(campaign_id, step, source_of(form.via.data).value, g.language))

"""Fixtures for tests of the worker as a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from app.doorbell.embedded import EmbeddedRedis
from tests.conftest import FIELD_KEYS, INDEX_KEY, SECRET_KEY
from tests.support.services import SmtpServer, running
from tests.worker.installation import Installation

MakeInstallation = Callable[..., Installation]


@pytest.fixture
def make_installation(tmp_path: Path) -> Iterator[MakeInstallation]:
    """Make an installation on a database at the newest schema; it sweeps once an hour unless it is told otherwise."""
    made: list[Installation] = []

    def make(database_url: str, **settings: str) -> Installation:
        own = {
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "FIELD_KEYS": FIELD_KEYS,
            "INDEX_KEY": INDEX_KEY,
            "SWEEP_SECONDS": "3600",
        }
        made.append(Installation(own | settings, tmp_path))
        return made[-1]

    yield make
    for installation in made:
        installation.platform.sessions.engine.dispose()


@pytest.fixture
def installation(make_installation: MakeInstallation, sqlite_url: str) -> Installation:
    """An installation on SQLite, with the local outbox and a Redis of its own, and a campaign to one company."""
    installation = make_installation(sqlite_url)
    installation.found_campaign()
    return installation


@dataclass
class GatedServer(SmtpServer):
    """Takes mail at once, but keeps its answer back after the first `free` mails until `gate` is open."""

    free: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    waiting: list[SmtpSession] = field(default_factory=list)
    """The conversations that wait, or waited, for an answer."""

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.mails) > self.free and not self.gate.is_set():
            self.waiting.append(session)
            await asyncio.to_thread(self.gate.wait)
        return answer

    @property
    def settings(self) -> dict[str, str]:
        """What tells an installation to hand its mail over here."""
        return {
            "MAIL_TRANSPORT": "smtp",
            "SMTP_HOST": self.host,
            "SMTP_PORT": str(self.port),
            "SMTP_SECURITY": "none",
            "SMTP_SESSIONS": "1",
            "LANE_PACE_PER_HOUR": "0",
            "LANE_HOURS": "always",
        }

    def received(self, recipient: str = "") -> list[str]:
        """The Message-IDs of what came for the recipient, or for any, in order."""
        return [str(mail.message["Message-ID"]) for mail in self.mails if recipient in mail.recipients[0]]


@pytest.fixture
def gated_smtp() -> Iterator[GatedServer]:
    server = GatedServer()
    with running(server):
        yield server
        server.gate.set()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that belongs to the test, not started yet: the worker is told its address by REDIS_URL."""
    server = EmbeddedRedis(tmp_path / "redis")
    yield server
    server.stop()

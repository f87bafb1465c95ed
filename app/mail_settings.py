"""How mail leaves, as the environment says it: which adapter, its server or provider, pace and hours."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta

from app.environment import Reader
from app.hours import Hours


class MailTransport(enum.StrEnum):
    """Which adapter stands behind the mail port."""

    OUTBOX = "outbox"
    SMTP = "smtp"


class SmtpSecurity(enum.StrEnum):
    """How the SMTP connection is protected: upgraded, from the first byte, or (on loopback only) not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where the SMTP adapter hands mail over."""

    host: str
    port: int
    security: SmtpSecurity
    username: str | None
    password: str | None = field(repr=False)
    timeout: timedelta
    """How long an answer is waited for."""
    data_timeout: timedelta = timedelta(minutes=10)
    """How long the answer to a whole mail is waited for (RFC 5321, section 4.5.3.2.6)."""
    sessions: int = 4
    """How many connections may be open at once."""


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """What holds for every receiving mail domain that staff gave no rules of its own; see `app.queue.lanes`."""

    pace: int
    """Letters an hour; 0 is as fast as can be."""
    hours: str
    """As `app.hours` reads it."""


def read_lanes(read: Reader) -> LaneSettings:
    """The rules of lanes without rules of their own."""
    return LaneSettings(pace=read.count("LANE_PACE_PER_HOUR", 120, least=0), hours=_hours(read))


def _hours(read: Reader) -> str:
    """When letters may leave; the same form that staff give for one lane."""

    def parse(text: str) -> str:
        Hours.parse(text)
        return text

    return read.parsed("LANE_HOURS", "08:00-20:00", parse, "always, or to days and hours such as mon-fri 08:00-18:00")


def read_smtp(read: Reader) -> SmtpSettings:
    """The SMTP server."""
    security = read.parsed("SMTP_SECURITY", "starttls", SmtpSecurity, "starttls, tls or none")
    host = read.text("SMTP_HOST")
    if security is SmtpSecurity.NONE and host not in ("", "localhost", "127.0.0.1", "::1"):
        read.problems.append("Set SMTP_SECURITY to starttls or tls: only a relay on this machine may go without.")
    return SmtpSettings(
        host=host,
        port=read.count("SMTP_PORT", 465 if security is SmtpSecurity.TLS else 587, most=65535),
        security=security,
        username=read.text("SMTP_USERNAME", "") or None,
        password=read.secret("SMTP_PASSWORD"),
        timeout=timedelta(seconds=read.count("SMTP_TIMEOUT_SECONDS", 30)),
        data_timeout=timedelta(seconds=read.count("SMTP_DATA_TIMEOUT_SECONDS", 600, most=600)),
        sessions=read.count("SMTP_SESSIONS", 4, most=32),
    )

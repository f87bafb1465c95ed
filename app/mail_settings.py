"""How mail leaves, as the environment says it: which adapter, its server or provider, pace and hours."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from app.environment import Reader
from app.hours import Hours

_KEY = re.compile(r"[!-~]+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailTransport(enum.StrEnum):
    """Which adapter stands behind the mail port."""

    OUTBOX = "outbox"
    SMTP = "smtp"
    SENDGRID = "sendgrid"


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


class SendGridRegion(enum.StrEnum):
    """Where the SendGrid account lives; a key of one region means nothing in the other."""

    GLOBAL = "global"
    EU = "eu"

    @property
    def url(self) -> str:
        """The region's API."""
        return "https://api.eu.sendgrid.com" if self is SendGridRegion.EU else "https://api.sendgrid.com"


@dataclass(frozen=True, slots=True)
class SendGridSettings:
    """How the SendGrid adapter hands mail over."""

    url: str
    """The API, without a path."""
    key: str = field(repr=False)
    timeout: timedelta = timedelta(seconds=30)
    """How long an answer is waited for."""
    connections: int = 16
    """How many requests may be on their way at once."""


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
    if security is SmtpSecurity.NONE and host not in ("", *_LOOPBACK):
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


def read_sendgrid(read: Reader) -> SendGridSettings:
    """The SendGrid account."""
    key = read.secret("SENDGRID_API_KEY") or ""
    if not _KEY.fullmatch(key):
        read.problems.append("Set SENDGRID_API_KEY (or SENDGRID_API_KEY_FILE) to a key that may send mail.")
    region = read.parsed("SENDGRID_REGION", "global", SendGridRegion, "global or eu")
    return SendGridSettings(
        url=_loopback_url(read) or region.url,
        key=key,
        timeout=timedelta(seconds=read.count("SENDGRID_TIMEOUT_SECONDS", 30)),
        connections=read.count("SENDGRID_CONNECTIONS", 16, most=64),
    )


def _loopback_url(read: Reader) -> str:
    """A stand-in for SendGrid, for tests and benchmarks; only on this machine, for it gets the key and the mail."""
    url = read.text("SENDGRID_URL", "").rstrip("/")
    try:
        parts = urlsplit(url)
        fits = parts.hostname in _LOOPBACK and not parts.username and parts.port != 0
        fits = fits and url == f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        fits = False
    if url and not (fits and parts.scheme in ("http", "https")):
        read.problems.append("Set SENDGRID_URL to an address of this machine, or leave it out.")
    return url

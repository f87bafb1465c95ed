"""How mail leaves, as the environment says it: which adapter, its server or provider, pace and hours."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from app.environment import Reader
from app.hours import Hours

_KEY = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@([a-z0-9-]+\.)+[a-z0-9-]+", re.ASCII | re.IGNORECASE)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

DEVELOPMENT_REPLIES = "answers@solidarity-post.example"
LONGEST_REPLY_NAME = 28
"""Of the 64 characters that may stand before an @ (RFC 5321, section 4.5.3.1.1), the mark of a letter takes 36."""


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


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """How mail over SMTP is signed; see `app.mail.dkim_signature`."""

    domain: str
    selector: str
    private_key: str = field(repr=False)
    """As PEM."""


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
    connections: int = 24
    """How many requests may be on their way at once."""


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """What holds for every receiving mail domain that staff gave no rules of its own; see `app.queue.lanes`."""

    pace: int
    """Letters an hour; 0 is as fast as can be."""
    hours: str
    """As `app.hours` reads it."""


def read_address(read: Reader, name: str, default: str | None) -> str:
    """A plain e-mail address; mail comes from MAIL_FROM, and supporters may write to CONTACT_EMAIL."""
    address = read.text(name, default)
    if address and not _PLAIN_ADDRESS.fullmatch(address):
        read.problems.append(f"Set {name} to a plain e-mail address, on a domain of your own.")
    return address


def read_replies_to(read: Reader, others: Collection[str], *, development: bool) -> str:
    """The mailbox of protected answers: one of its own, with room for what names a letter before the @."""
    address = read_address(read, "REPLY_ADDRESS", DEVELOPMENT_REPLIES if development else "")
    if address and address.lower() in {other.lower() for other in others}:
        read.problems.append("Set REPLY_ADDRESS to a mailbox of its own, not that of MAIL_FROM or BOUNCE_ADDRESS.")
    if len(address.partition("@")[0]) > LONGEST_REPLY_NAME:
        read.problems.append(f"Set REPLY_ADDRESS to one with {LONGEST_REPLY_NAME} characters or fewer before the @.")
    return address


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


def read_dkim(read: Reader, transport: MailTransport, mail_from: str) -> DkimSettings | None:
    """How mail is signed; none where the relay does it, or nobody.

    The signature's domain must be aligned with that of `mail_from`, the address that mail comes from.
    """
    if transport is MailTransport.OUTBOX:
        return None
    known = len(read.problems)
    key, selector = read.secret("DKIM_PRIVATE_KEY"), read.text("DKIM_SELECTOR", "").lower()
    domain, own = read.text("DKIM_DOMAIN", "").lower(), mail_from.rpartition("@")[2].lower()
    if len(read.problems) > known or not (key or selector or domain):
        return None
    if transport is MailTransport.SENDGRID:
        read.problems.append(
            "Set MAIL_TRANSPORT to smtp, or leave out DKIM_PRIVATE_KEY, DKIM_SELECTOR and DKIM_DOMAIN: it signs itself."
        )
        return None
    if not key:
        read.problems.append(
            "Set DKIM_PRIVATE_KEY (or DKIM_PRIVATE_KEY_FILE), or leave out DKIM_SELECTOR and DKIM_DOMAIN."
        )
    elif not _HOST.fullmatch(selector):
        read.problems.append("Set DKIM_SELECTOR to what stands before ._domainkey in the name of the key's DNS record.")
    if domain and own and not _aligned(domain, own):
        read.problems.append(f"Set DKIM_DOMAIN to {own}, the domain of MAIL_FROM, or to one that it lies in.")
    return DkimSettings(domain or own, selector, key or "")


def _aligned(domain: str, own: str) -> bool:
    """Whether a signature of this domain speaks for mail from our own, under DMARC's relaxed rule (RFC 7489, 3.1.1)."""
    return _HOST.fullmatch(domain) is not None and "." in domain and f".{own}".endswith(f".{domain}")


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
        connections=read.count("SENDGRID_CONNECTIONS", 24, most=64),
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

"""What a provider or a receiving server reports of a mail after it was taken over, in one word for all of them."""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

LONGEST_ADDRESS = 254
"""Characters (RFC 3696, erratum 1690)."""

_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced status codes (RFC 3463; RFC 7505 for 5.1.10) that say that there is no such mailbox."""

_CLOSED = frozenset({"5.7.2", "5.7.12", "5.7.13", "5.7.17", "5.7.124", "5.7.133", "5.7.134", "5.7.135", "5.7.136"})
"""Codes that say that one address takes no mail from strangers (RFC 3463, RFC 7293, and Exchange's own): its
neighbours may."""

_CLOSED_WORDS = re.compile(r"\bRESOLVER\.RST\.")
"""How Exchange begins to name such a restriction, in answers with the code 5.7.1 too."""

_CODE = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
"""A whole status code: 5.2.122 is not 5.2.1, and the 5.1.1 in 195.1.1.20 is a part of somebody's network address."""

_POLICY = re.compile(
    r"\b(?:black|block|deny)[- ]?list|\b(?:dnsbl|rbl|dmarc|spf|reputation)\b|\bspam|blocked using", re.IGNORECASE
)
"""What servers say of a sender that they turn away, when their code does not tell."""


class ReportKind(enum.StrEnum):
    """What is reported."""

    PROCESSED = "processed"
    """The provider has it."""
    DEFERRED = "deferred"
    """The receiver asked to come back; the provider does so by itself."""
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    """It came back, and the address is dead for good."""
    SOFT_BOUNCED = "soft_bounced"
    """It came back, and the address may live (a full mailbox, a broken server)."""
    BLOCKED = "blocked"
    """The receiver turns the sender away, whoever the letter is to."""
    DROPPED = "dropped"
    """The provider did not send it, because of what it remembers of the address."""
    COMPLAINED = "complained"
    """The recipient called it spam."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report. Events are told up to dozens of times (sendgrid/docs #2933): equal ones have one fingerprint."""

    kind: ReportKind
    at: datetime
    """When it happened, as it says; an aware time."""
    delivery_id: int | None
    """Our own number, where it was given back with proof; none where it has to be found out."""
    address: str = field(repr=False)
    """Whom the mail was to; may be empty."""
    said: str
    """The receiver's words, made by `app.mail.transport.note_of`."""
    told: str = ""
    """What tells the report from others in its fingerprint, where `at` is not the time that it gives itself."""

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 over what the report says (32 bytes); a provider's own event id is no part of it, for it may change
        when an event is told again (sendgrid-nodejs #1435).
        """
        about = self.address.lower() if self.delivery_id is None else str(self.delivery_id)
        said = (self.kind, self.told or self.at.isoformat(), about, self.said)
        return hashlib.sha256("\0".join(said).encode(errors="replace")).digest()


def kind_of_failure(status: str, words: str) -> ReportKind:
    """Whether a mail that failed condemns its address, blames its sender, or neither.

    The first code that says anything decides, that of the status before those in the words; x.0.0 says nothing.
    """
    code = _code(status, words)
    if code in _DEAD:
        return ReportKind.BOUNCED
    if closed_to_strangers(status, words):
        return ReportKind.SOFT_BOUNCED
    blames_us = code.startswith("5.7.") if code else _POLICY.search(words)
    return ReportKind.BLOCKED if blames_us else ReportKind.SOFT_BOUNCED


def of_one_mailbox(words: str) -> bool:
    """Whether a failure is that of one mailbox, dead or closed to strangers: its neighbours would take their mail."""
    return _code("", words) in _DEAD or closed_to_strangers("", words)


def closed_to_strangers(status: str, words: str) -> bool:
    """Whether a failure says that this one address takes no mail from outside: nothing against us, nor the address."""
    return _code(status, words) in _CLOSED or _CLOSED_WORDS.search(words) is not None


def _code(status: str, words: str) -> str:
    """The first status code that says anything; empty where there is none."""
    codes = _CODE.findall(f"{status} {words}")
    return next((code for code in codes if not code.endswith(".0.0")), "")


def plain_address(text: str) -> str:
    """The address as it can be kept and looked up; empty for one with characters that no database takes."""
    return text if text.isprintable() and len(text) <= LONGEST_ADDRESS else ""

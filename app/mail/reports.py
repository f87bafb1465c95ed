"""What a provider or a receiving server reports of a mail after it was taken over, in one word for all of them."""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

DEAD_ADDRESS = re.compile(r"5\.(?:1\.(?:1|2|3|6|10)|2\.1)")
"""Enhanced status codes (RFC 3463; RFC 7505 for 5.1.10) that say that there is no such mailbox."""


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

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 over what the report says (32 bytes); a provider's own event id is no part of it, for it may change
        when an event is told again (sendgrid-nodejs #1435).
        """
        about = self.address.lower() if self.delivery_id is None else str(self.delivery_id)
        said = (self.kind, self.at.isoformat(), about, self.said)
        return hashlib.sha256("\0".join(said).encode(errors="replace")).digest()

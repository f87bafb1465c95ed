"""Looking up what the DNS says of a domain: the one question that is asked, and who answers it.

No record is an answer; nobody answering is none, and the two must never be mistaken for each other.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol

from dns.exception import DNSException
from dns.name import Name, from_text
from dns.rdata import Rdata
from dns.resolver import NXDOMAIN, Resolver

SECONDS = 3.0
"""How long one answer is waited for, however many servers are asked."""
DNS_PORT = 53


class RecordKind(enum.StrEnum):
    """The kinds of record that are asked for."""

    TXT = "TXT"
    MX = "MX"
    A = "A"
    AAAA = "AAAA"


class DnsAwayError(Exception):
    """Nobody answered, or only that they could not tell."""


class LookUp(Protocol):
    """Asks the DNS."""

    def __call__(self, name: str, kind: RecordKind) -> Sequence[str]:
        """The records of a name, as text: the strings of a TXT record joined, of an MX record its preference and host.

        Empty when the name does not exist or has no such record.

        Raises:
            DnsAwayError: that cannot be told now.
        """


class DnsLookUp:
    """Asks name servers: those of this machine, unless others are named."""

    def __init__(self, nameservers: Sequence[str] = (), *, port: int = DNS_PORT, seconds: float = SECONDS) -> None:
        self._nameservers, self._port, self._seconds = list(nameservers), port, seconds

    def __call__(self, name: str, kind: RecordKind) -> Sequence[str]:
        """As `LookUp` has it."""
        asked = _absolute(name)
        if asked is None:
            return []
        try:
            answer = self._resolver().resolve(asked, kind.value, raise_on_no_answer=False, lifetime=self._seconds)
        except NXDOMAIN:
            return []
        except (DNSException, OSError) as error:
            raise DnsAwayError(type(error).__name__) from None
        return [_text(record) for record in answer.rrset or ()]

    def _resolver(self) -> Resolver:
        if not self._nameservers:
            return Resolver()
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = self._nameservers, self._port
        return resolver


def _absolute(name: str) -> Name | None:
    """The name from the root on; none when no name can look like this, so that it has no records either."""
    try:
        return from_text(name.rstrip(".") + ".")
    except DNSException:
        return None


def _text(record: Rdata) -> str:
    if record.rdtype.name == RecordKind.TXT:
        strings: Sequence[bytes] = getattr(record, "strings", ())
        return b"".join(strings).decode("utf-8", "replace")
    return record.to_text()

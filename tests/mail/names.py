"""A DNS that a test writes down, behind the same question that the real one is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.mail.records import DnsAwayError, RecordKind


@dataclass
class Names:
    """Names and their records: TXT unless the name says otherwise, as in "MX zedmere.example"."""

    records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    """Names that nobody answers for; `*` is all of them."""
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str, kind: RecordKind) -> Sequence[str]:
        key = name if kind is RecordKind.TXT else f"{kind} {name}"
        self.asked.append(key)
        if self.away & {key, "*"}:
            raise DnsAwayError("away")
        return self.records.get(key, [])

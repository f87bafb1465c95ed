"""What a domain's SPF record (RFC 7208) makes of mail: whether receivers can read it, and what it says of strangers.

Whether it allows the machine that mail leaves by is not told: behind a relay nobody here knows its address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.mail.records import LookUp, RecordKind
from app.sentences import say as _l

MOST_LOOKUPS = 10
"""Terms that ask the DNS, in the record and in all that it includes: beyond that receivers give up (section 4.6.4)."""

_VERSION = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_MODIFIER = re.compile(r"[a-z][a-z0-9._-]*=.*", re.IGNORECASE)
_MECHANISM = re.compile(
    r"(?P<qualifier>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<value>[:/].*)?", re.IGNORECASE
)
_NEEDS_VALUE = frozenset({"include", "ip4", "ip6", "exists"})
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists"})


class SpfError(Exception):
    """Receivers cannot use the record, and treat it as an error of ours. The text is a sentence."""


@dataclass(frozen=True, slots=True)
class Spf:
    """What a domain's record comes to."""

    ending: str
    """What it says of everybody whom it does not name: `-`, `~`, `?` or `+`."""
    lookups: int


@dataclass(slots=True)
class _Walk:
    look_up: LookUp
    lookups: int = 0
    way: list[str] = field(default_factory=list)

    def count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise SpfError(
                _l(
                    "The SPF record of %(domain)s takes more than %(most)s look-ups: receivers give up.",
                    domain=self.way[0],
                    most=MOST_LOOKUPS,
                )
            )


def read_spf(look_up: LookUp, domain: str) -> Spf | None:
    """What the domain's record comes to, with all that it includes; none when there is no record.

    Raises:
        SpfError: receivers cannot use it.
        DnsAwayError: it cannot be told now.
    """
    records = _records(look_up, domain)
    if not records:
        return None
    walk = _Walk(look_up)
    ending = _follow(walk, domain, records)
    return Spf(ending, walk.lookups)


def _records(look_up: LookUp, domain: str) -> list[str]:
    return [record for record in look_up(domain, RecordKind.TXT) if _VERSION.match(record)]


def _follow(walk: _Walk, domain: str, records: Sequence[str]) -> str:
    """Go through a domain's record and whatever it includes; how it ends."""
    walk.way.append(domain)
    if not records:
        raise SpfError(
            _l("The SPF record of %(domain)s leads to %(other)s, which has none.", domain=walk.way[0], other=domain)
        )
    if len(records) > 1:
        raise SpfError(
            _l("%(domain)s has %(number)s SPF records; receivers accept one only.", domain=domain, number=len(records))
        )
    terms = records[0].split()[1:]
    for match in [_mechanism(term, domain) for term in terms if not _MODIFIER.fullmatch(term)]:
        if match["name"].lower() == "all":
            return match["qualifier"] or "+"
        _ask(walk, match)
    redirect = next((term.partition("=")[2] for term in terms if term.lower().startswith("redirect=")), "")
    if not redirect:
        return "?"
    walk.count()
    return _into(walk, redirect)


def _mechanism(term: str, domain: str) -> re.Match[str]:
    match = _MECHANISM.fullmatch(term)
    if match is None or (match["name"].lower() in _NEEDS_VALUE and len(match["value"] or "") < 2):  # noqa: PLR2004
        raise SpfError(
            _l(
                "The SPF record of %(domain)s holds “%(term)s”, which receivers do not understand.",
                domain=domain,
                term=term,
            )
        )
    return match


def _ask(walk: _Walk, match: re.Match[str]) -> None:
    name = match["name"].lower()
    if name in _ASKS:
        walk.count()
    if name == "include":
        _into(walk, match["value"][1:])


def _into(walk: _Walk, domain: str) -> str:
    """The same for a record that another one leads to. Where macros name it, that depends on each mail."""
    if "%" in domain:
        return "?"
    return _follow(walk, domain, _records(walk.look_up, domain))

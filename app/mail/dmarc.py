"""What a domain's DMARC record (RFC 9989) asks receivers to do, and which domains belong together.

Both are found by a walk up the DNS, which needs no list of public suffixes, as RFC 7489 did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.mail.records import LookUp, RecordKind

MOST_LABELS = 8
"""A longer name is cut to seven labels after the first step of the walk (section 4.10)."""
POLICIES = frozenset({"none", "quarantine", "reject"})


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The record that holds for a domain."""

    domain: str
    """Where it was found: the domain itself, or the one that it is a part of."""
    tags: Mapping[str, str]
    inherited: bool

    @property
    def policy(self) -> str:
        """What is asked for mail that fails: none, quarantine or reject; whatever else stands there is as it stands."""
        own = self.tags.get("p", "none").lower()
        return self.tags.get("sp", own).lower() if self.inherited else own

    def strict(self, tag: str) -> bool:
        """Whether domains must be the same by `adkim` or `aspf`, and not only belong together."""
        return self.tags.get(tag, "r").lower() == "s"


def read_dmarc(look_up: LookUp, domain: str) -> Dmarc | None:
    """The record that holds for mail from the domain; none when there is none.

    Raises:
        DnsAwayError: it cannot be told now.
    """
    found = dict(_walk(look_up, domain))
    if domain in found:
        return Dmarc(domain, found[domain], inherited=False)
    organisation = _organisational(domain, found)
    if organisation in found:
        return Dmarc(organisation, found[organisation], inherited=True)
    border = next(reversed(found), None)  # of a public suffix, whose policy holds where nobody below has one
    return None if border is None else Dmarc(border, found[border], inherited=True)


def organisational_domain(look_up: LookUp, domain: str) -> str:
    """The domain that stands for everybody who shares its mail with this one.

    Raises:
        DnsAwayError: it cannot be told now.
    """
    return _organisational(domain, dict(_walk(look_up, domain)))


def tags_of(record: str) -> dict[str, str]:
    """The tags of a record of DMARC or DKIM, `name=value` with semicolons between; the first of a name wins."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def _walk(look_up: LookUp, domain: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The records of a domain and of those that it lies in, from below, up to one that says that it is a border."""
    labels = domain.split(".")
    while labels:
        name = ".".join(labels)
        tags = _record(look_up, name)
        if tags is not None:
            yield name, tags
            if tags.get("psd", "u").lower() in ("y", "n"):
                return
        labels = labels[1 - MOST_LABELS :] if len(labels) > MOST_LABELS else labels[1:]


def _record(look_up: LookUp, domain: str) -> dict[str, str] | None:
    """The one record of a domain; several count as none."""
    texts = [text for text in look_up(f"_dmarc.{domain}", RecordKind.TXT) if _is_dmarc(text)]
    return tags_of(texts[0]) if len(texts) == 1 else None


def _is_dmarc(text: str) -> bool:
    name, _, value = text.partition(";")[0].partition("=")
    return name.strip().lower() == "v" and value.strip() == "DMARC1"


def _organisational(domain: str, found: Mapping[str, Mapping[str, str]]) -> str:
    for name, tags in found.items():
        psd = tags.get("psd", "u").lower()
        if psd == "n":
            return name
        if psd == "y" and name != domain:
            below = domain.removesuffix(f".{name}").rpartition(".")[2]
            return f"{below}.{name}"
    return min(found, key=lambda name: name.count("."), default=domain)

"""Settings of addresses: where the site stands, and where its source is offered."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from app.environment import Reader

PRIVATE_NAMES = frozenset({"localhost", "example", "test", "internal", "local"})
"""Names that lead nowhere on the public internet (RFC 2606, 6761, 6762)."""


def read_base_url(read: Reader, *, development: bool) -> str:
    """The public address of the site, without a trailing slash; links in mails are built on it."""
    url = read.text("BASE_URL", "http://localhost:8000" if development else None).rstrip("/")
    parts = split_address(url)
    if not url:
        return ""
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.username:
        read.problems.append("Set BASE_URL to the site's own address, such as https://letters.example.org.")
    elif not development and parts.scheme != "https":
        read.problems.append("Set BASE_URL to an https:// address: supporters' letters must not travel in the clear.")
    elif development and not _private_host(parts.hostname):
        read.problems.append(
            "Set APP_ENV to production, or BASE_URL to an address of this machine: development shows every mail."
        )
    return url


def split_address(url: str) -> SplitResult | None:
    """The parts of an address that has no query, no fragment and no impossible port; none for any other."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return None if "?" in url or "#" in url else parts


def _private_host(host: str) -> bool:
    """Whether a host name cannot be the public's: this machine, a private network, or a name that is reserved."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.rpartition(".")[2] in PRIVATE_NAMES


def read_source_url(read: Reader) -> str:
    """Where the running source is offered to those who use the site (AGPL-3.0, section 13); empty shows no link."""
    url = read.text("SOURCE_URL", "")
    if url and not url.startswith("https://"):
        read.problems.append("Set SOURCE_URL to the https:// address of the source, or leave it out.")
    return url

"""Whether postcodes are looked up on the network, and where, as the environment says it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from app.environment import Reader

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class PostcodeLookup(enum.StrEnum):
    """Which service is asked; `local` is none."""

    LOCAL = "local"
    POSTCODES_IO = "postcodesio"
    MAPIT = "mapit"

    @property
    def called(self) -> str:
        """What the service calls itself."""
        return "MapIt" if self is PostcodeLookup.MAPIT else "postcodes.io"


_SERVERS = {
    PostcodeLookup.POSTCODES_IO: "https://api.postcodes.io",
    PostcodeLookup.MAPIT: "https://mapit.mysociety.org",
}


@dataclass(frozen=True, slots=True)
class AtlasSettings:
    """The service, where it is, and how long a visitor waits for it."""

    service: PostcodeLookup
    url: str
    key: str | None = field(repr=False)
    timeout: timedelta = timedelta(seconds=2)


def read_atlas(read: Reader) -> AtlasSettings | None:
    """The service that postcodes are looked up at; none where our own table is all there is."""
    service = read.parsed("POSTCODE_LOOKUP", "local", PostcodeLookup, "local, postcodesio or mapit")
    if service is PostcodeLookup.LOCAL:
        return None
    url = read.text("POSTCODE_LOOKUP_URL", _SERVERS[service]).rstrip("/")
    if not _fits(url):
        read.problems.append("Set POSTCODE_LOOKUP_URL to the https:// address of the service, or leave it out.")
    key = read.secret("MAPIT_API_KEY") if service is PostcodeLookup.MAPIT else None
    if key and not (key.isascii() and key.isprintable()):
        read.problems.append("Set MAPIT_API_KEY (or MAPIT_API_KEY_FILE) to the key that MapIt shows, or leave it out.")
    return AtlasSettings(service, url, key)


def _fits(url: str) -> bool:
    """Whether a question may be sent there: over TLS, or to this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if "?" in url or "#" in url or parts.username or not parts.hostname or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)

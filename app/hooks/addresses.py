"""Where announcements may be sent: to the public internet and nowhere else, or somebody reads our own network by us."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IN_THE_OLD_FORM = ipaddress.IPv6Network("::/96")
_V4 = 0xFFFFFFFF


class UnfitUrlError(ValueError):
    """Announcements cannot be sent to that address. The text is a short code: see `check_url`."""


def check_url(url: str, *, anywhere: bool) -> SplitResult:
    """The parts of an address that announcements may be sent to.

    Args:
        url: as somebody typed it.
        anywhere: whether plain http and this machine will do; on a developer's own machine only.

    Raises:
        UnfitUrlError: `unreadable`, `not_https` or `not_public`. A name says nothing of where it leads: that is looked
            at when something is sent (`is_public`).
    """
    parts = _split(url)
    if parts is None:
        raise UnfitUrlError("unreadable")
    if parts.scheme != "https" and not (anywhere and parts.scheme == "http"):
        raise UnfitUrlError("not_https")
    host = parts.hostname or ""
    if not anywhere and (_is_private_name(host) or not _is_public_if_number(host)):
        raise UnfitUrlError("not_public")
    return parts


def is_public(text: str) -> bool:
    """Whether an address of the network layer is one of the public internet's, whatever it is wrapped in."""
    try:
        return _is_public(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False


def _is_public(address: Address) -> bool:
    carried = _carried(address)
    return address.is_global and not address.is_multicast if carried is None else _is_public(carried)


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 that one of IPv6 leads to, through a translator, a tunnel or by its form."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64 or (address in _IN_THE_OLD_FORM and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & _V4)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _split(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    fits = parts.hostname and parts.username is None and parts.password is None and not parts.fragment and port != 0
    return parts if fits and parts.scheme in ("http", "https") else None


def _is_private_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    own = {"localhost", "local", "internal", "lan", "home", "localdomain", "test", "example", "invalid", "onion"}
    return name.rpartition(".")[2] in own or "." not in name.strip("[]").replace(":", ".")


def _is_public_if_number(host: str) -> bool:
    """Whether a host is a name, or a number that is public. The old ways to write one (0x7f.1, 2130706433) are none."""
    last = host.rstrip(".").rpartition(".")[2]
    looks_like_number = ":" in host or last.isdigit() or last.lower().startswith("0x")
    return is_public(host) if looks_like_number else True

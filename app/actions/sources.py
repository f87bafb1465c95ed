"""By which way a supporter came to a campaign's page: the few words that `?via=` may say. Pure."""

from __future__ import annotations

import enum


class Source(enum.StrEnum):
    """Ways to a campaign's page. Each is shared by many people, so that it says nothing about one of them."""

    DIRECT = "direct"
    """No way was named, or one that is not among these."""
    EMBED = "embed"
    """The campaign stands on somebody else's page."""
    SHARE = "share"
    """A supporter has passed the link on."""
    PARTNER = "partner"
    """An organisation that works with us."""
    NEWSLETTER = "newsletter"
    SOCIAL = "social"
    PRINT = "print"
    """A leaflet, a poster, a code to scan."""


def source_of(told: str | None) -> Source:
    """The way that an address or a form names; whatever else they say is not kept."""
    try:
        return Source(told or "")
    except ValueError:
        return Source.DIRECT

"""What a look at letters found: how grave it is, where, and in words."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How grave a finding is; the gravest first."""

    STOP = "stop"
    """Nobody should be written to before it is put right."""
    WARN = "warn"
    """Somebody should look at it and decide."""
    NOTE = "note"
    """Good to know."""


class Remedy(enum.StrEnum):
    """What has to change so that a finding goes away; pages know where that is done."""

    NONE = ""
    """Nothing has to, or nobody here can."""
    TEXT = "text"
    """The words in which it was found: of the letter, of the campaign's page, or of our mails to supporters."""
    GREETING = "greeting"
    """How one recipient is greeted."""
    PLACEHOLDER = "placeholder"
    """A placeholder of the letter, or what it stands for."""
    TARGETS = "targets"
    """Whom the campaign writes to."""
    LISTS = "lists"
    """A list that the campaign names."""
    FALLBACK = "fallback"
    """The lists that are written to when nobody else is found."""
    EXCLUSION = "exclusion"
    AUDIENCE = "audience"
    """Who reads a letter of their own."""
    NO_ADDRESS = "no_address"
    """Targets without an address."""
    UNVERIFIED = "unverified"
    """Addresses that nobody has verified."""
    STALE = "stale"
    """Targets whose data are from before an election."""
    SUPPRESSED = "suppressed"
    """Addresses that must not be mailed."""
    REPLIES = "replies"
    """Where answers go."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. The same fault of two letters has the same sentence; what differs is in the quote."""

    level: Level
    sentence: str
    where: str = ""
    """The part of the letter; empty where it is none's, or the whole letter's."""
    quote: str = ""
    """The words that it was found by."""
    remedy: Remedy = Remedy.TEXT

    def __str__(self) -> str:
        return self.sentence

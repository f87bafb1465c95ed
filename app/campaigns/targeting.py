"""Who a campaign's letters go to, beside its rule: which tier of council, how many, who of them, and who instead."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator

from app.campaigns.matching import Facts, Who

EVERYBODY = "all"
"""The audience of the letter that every campaign has."""
LONGEST_AUDIENCE = 40


class CampaignTier(enum.StrEnum):
    """Which councils a campaign writes to, where there may be two of them."""

    ALL = "all"
    DISTRICT = "district"
    COUNTY = "county"
    UNITARY = "unitary"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Those who are not written to; the campaign's pages say why under the key."""

    key: str
    who: Who


@dataclass(frozen=True, slots=True)
class Segment:
    """Those who read a letter of their own; several segments may read the same one."""

    audience: str
    who: Who


@dataclass(frozen=True, slots=True)
class Targeting:
    """What a campaign's rule leaves open."""

    tier: CampaignTier = CampaignTier.ALL
    most: int = 1
    """With the rule `choose`, how many a supporter may choose; with `random` and `rotate`, how many each letter goes to
    (or all, where there are fewer)."""
    who: Who = field(default_factory=Who)
    exclude: tuple[Exclusion, ...] = ()
    fallback: tuple[str, ...] = ()
    """Slugs of the lists that are written to when nobody is found."""
    segments: tuple[Segment, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Targeting:
        """What `as_json` wrote; what is not there is as it is by default."""
        return cls(
            tier=CampaignTier(stored.get("tier", CampaignTier.ALL)),
            most=stored.get("most", 1),
            who=Who.of(stored.get("who", {})),
            exclude=tuple(Exclusion(each["key"], Who.of(each["who"])) for each in stored.get("exclude", ())),
            fallback=tuple(stored.get("fallback", ())),
            segments=tuple(Segment(each["audience"], Who.of(each["who"])) for each in stored.get("segments", ())),
        )

    def as_json(self) -> dict[str, Any]:
        """The same in JSON's own kinds of value."""
        return {
            "tier": self.tier.value,
            "most": self.most,
            "who": self.who.as_json(),
            "exclude": [{"key": each.key, "who": each.who.as_json()} for each in self.exclude],
            "fallback": list(self.fallback),
            "segments": [{"audience": each.audience, "who": each.who.as_json()} for each in self.segments],
        }

    def excluded_by(self, facts: Facts) -> str | None:
        """The key of the first exclusion that a target of which this is known falls under; none if it may be written
        to.
        """
        return next((each.key for each in self.exclude if each.who.fits(facts)), None)

    @property
    def audiences(self) -> tuple[str, ...]:
        """Those who have a letter of their own."""
        return tuple(dict.fromkeys(each.audience for each in self.segments))

    def audience_of(self, facts: Facts) -> str:
        """Which letter a target reads of which this is known: that of the first segment that it falls under."""
        return next((each.audience for each in self.segments if each.who.fits(facts)), EVERYBODY)

    def __str__(self) -> str:
        """What differs from the default, as a report prints it."""
        parts = [f"tier {self.tier}"] if self.tier is not CampaignTier.ALL else []
        parts += [f"most {self.most}"] if self.most > 1 else []
        parts += [f"who {self.who}"] if self.who.wanted else []
        parts += [f"without {each.key} ({each.who})" for each in self.exclude]
        parts += [f"fallback {' '.join(self.fallback)}"] if self.fallback else []
        parts += [f"letter {each.audience} ({each.who})" for each in self.segments]
        return "; ".join(parts) or "plain"


class TargetingColumn(TypeDecorator[Targeting]):
    """A `Targeting`, kept as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Targeting | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002 - the base's
        """On the way in."""
        return None if value is None else value.as_json()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Targeting | None:  # noqa: ARG002 - the base's
        """On the way out."""
        return None if value is None else Targeting.of(value)

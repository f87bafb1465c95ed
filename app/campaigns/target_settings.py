"""`[targets]` of `campaign.toml`: the rule by which a letter finds those it goes to."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from app.campaigns.fields import LONGEST_SLUG, Fields, slug_problem
from app.campaigns.matching import Who
from app.campaigns.models import TargetRule
from app.campaigns.targeting import (
    EVERYBODY,
    LONGEST_AUDIENCE,
    CampaignTier,
    Exclusion,
    Segment,
    Targeting,
)
from app.letters.compose import placeholders_for
from app.problems import Flaw

MOST_TARGETS = 100
"""The largest number that a supporter may choose, or that is picked for a letter."""
MOST_AUDIENCES = 4
"""Letters of their own that a campaign may have: a supporter must be able to read them all."""
LONGEST_PATTERN = 200
COUNTED = frozenset({TargetRule.RANDOM, TargetRule.ROTATE})
"""The rules that must say how many each letter goes to."""


class TargetArea(enum.StrEnum):
    """The kinds of area whose office holders a campaign can write to."""

    WARD = "ward"
    """A ward and, where there are two tiers, a division of the county."""
    COUNCIL = "council"
    """The whole council, or county: campaigns choose from it by post or committee."""
    CONSTITUENCY = "constituency"


class AreaRole(enum.StrEnum):
    """The roles that answer for an area."""

    COUNCILLOR = "councillor"
    MP = "mp"


ANSWERS_FOR = {
    AreaRole.COUNCILLOR: (TargetArea.WARD, TargetArea.COUNCIL),
    AreaRole.MP: (TargetArea.CONSTITUENCY,),
}


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """Who a campaign writes to: a role and its kind of area with the rule `area`, else lists of targets."""

    rule: TargetRule
    role: AreaRole | None = None
    area: TargetArea | None = None
    lists: tuple[str, ...] = ()
    targeting: Targeting = field(default_factory=Targeting)

    def placeholders(self, *, per_target: bool, pledge: bool) -> frozenset[str]:
        """What a letter under this rule may ask for; see `app.letters.compose.placeholders_for`."""
        return placeholders_for(rule=self.rule, area=self.area, per_target=per_target, pledge=pledge)


def read_targets(fields: Fields, known_lists: Collection[str] | None) -> TargetChoice | None:
    """What the table says; none when its rule is not known, for the rest hangs on it."""
    rule = fields.choice("rule", TargetRule)
    if rule is None:
        return None
    role, area, tier = _place(fields, rule)
    choice = TargetChoice(
        rule,
        role,
        area,
        _own_lists(fields, rule, known_lists),
        Targeting(
            tier=tier,
            most=_most(fields, rule),
            who=_who(fields.table("who", required=False)),
            exclude=_exclusions(fields),
            fallback=_known(fields, "fallback", fields.slugs("fallback", required=False), known_lists),
            segments=_segments(fields),
        ),
    )
    fields.finish()
    return choice


def _place(fields: Fields, rule: TargetRule) -> tuple[AreaRole | None, TargetArea | None, CampaignTier]:
    if rule is not TargetRule.AREA:
        for key in ("role", "area", "tier"):
            fields.absent(key, f'has no place beside rule = "{rule}": the lists say who is written to')
        return None, None, CampaignTier.ALL
    role, area = fields.choice("role", AreaRole), fields.choice("area", TargetArea)
    if role and area and area not in ANSWERS_FOR[role]:
        fields.refuse("area", f"`area` must be {' or '.join(ANSWERS_FOR[role])} for the role {role}")
    if role is AreaRole.MP:
        fields.absent("tier", "has no place beside the role mp: tiers are of councils")
        return role, area, CampaignTier.ALL
    return role, area, fields.choice("tier", CampaignTier, required=False) or CampaignTier.ALL


def _own_lists(fields: Fields, rule: TargetRule, known_lists: Collection[str] | None) -> tuple[str, ...]:
    if rule is TargetRule.AREA:
        fields.absent("lists", 'has no place beside rule = "area": role and area say who is written to')
        return ()
    return _known(fields, "lists", fields.slugs("lists"), known_lists)


def _known(fields: Fields, key: str, slugs: tuple[str, ...], known_lists: Collection[str] | None) -> tuple[str, ...]:
    for slug in slugs:
        if known_lists is not None and slug not in known_lists:
            fields.refuse(key, f"there is no target list `{slug}`", flaw=Flaw.UNKNOWN_LIST)
    return slugs


def _most(fields: Fields, rule: TargetRule) -> int:
    if rule is TargetRule.CHOOSE or rule in COUNTED:
        return fields.whole("most", least=1, most=MOST_TARGETS, required=rule in COUNTED)
    fields.absent("most", f'has no place beside rule = "{rule}", which leaves no choice')
    return 1


def _who(fields: Fields) -> Who:
    """The author may ask for any key: what targets have there is their lists' own."""
    return Who.of({key: fields.texts(key, longest=LONGEST_PATTERN) for key in fields.keys})


def _exclusions(fields: Fields) -> tuple[Exclusion, ...]:
    tables = fields.tables("exclude")
    exclusions = [_exclusion(table) for table in tables]
    times = Counter(each.key for each in exclusions)
    for table, each in zip(tables, exclusions, strict=True):
        if times[each.key] > 1 and each.key:
            table.refuse("key", f"`{each.key}` is the key of more than one exclusion")
    return tuple(exclusions)


def _exclusion(fields: Fields) -> Exclusion:
    key = fields.text("key", longest=LONGEST_SLUG)
    if key and (refused := slug_problem(key)):
        fields.refuse("key", refused)
    who = _described(fields, "who is not written to")
    fields.finish()
    return Exclusion(key, who)


def _segments(fields: Fields) -> tuple[Segment, ...]:
    segments = tuple(_segment(table) for table in fields.tables("segment"))
    if len({each.audience for each in segments}) > MOST_AUDIENCES:
        fields.refuse("segment", f"`segment` names more audiences than {MOST_AUDIENCES}")
    return segments


def _segment(fields: Fields) -> Segment:
    audience = fields.text("audience", longest=LONGEST_AUDIENCE)
    if audience and (refused := slug_problem(audience)):
        fields.refuse("audience", refused)
    elif audience == EVERYBODY:
        fields.refuse("audience", f"`{EVERYBODY}` are those who read letter.en.md: take another word")
    who = _described(fields, "who reads this letter")
    fields.finish()
    return Segment(audience, who)


def _described(fields: Fields, whom: str) -> Who:
    described = fields.table("who")
    if not described.keys:
        fields.refuse("who", f"`who` must say {whom}", flaw=Flaw.MISSING)
    return _who(described)

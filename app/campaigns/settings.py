"""`campaign.toml`: what kind of campaign it is, in which state, in which colour, and who it writes to."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import available_timezones

from app.campaigns.colours import READABLE, is_colour, readable_contrast
from app.campaigns.fields import Fields, hint
from app.campaigns.models import DEFAULT_TIME_ZONE, LONGEST_TIME_ZONE, CampaignKind, CampaignState, TargetRule
from app.campaigns.source import Source
from app.letters.compose import placeholders_for
from app.problems import FileProblem

LAST_POSITION = 9_999


class TargetArea(enum.StrEnum):
    """The kinds of area whose office holders a campaign can write to."""

    WARD = "ward"
    CONSTITUENCY = "constituency"


class AreaRole(enum.StrEnum):
    """The roles that answer for an area."""

    COUNCILLOR = "councillor"
    MP = "mp"


ANSWERS_FOR = {AreaRole.COUNCILLOR: TargetArea.WARD, AreaRole.MP: TargetArea.CONSTITUENCY}


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """Who a campaign writes to: a role and its kind of area with the rule `area`, else lists of targets."""

    rule: TargetRule
    role: AreaRole | None = None
    area: TargetArea | None = None
    lists: tuple[str, ...] = ()

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences of its segments."""
        return ()

    def placeholders(self, *, per_target: bool, pledge: bool) -> frozenset[str]:
        """What a letter under this rule may ask for; see `app.letters.compose.placeholders_for`."""
        return placeholders_for(rule=self.rule, area=self.area, per_target=per_target, pledge=pledge)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `campaign.toml` says."""

    kind: CampaignKind
    state: CampaignState
    colour: str
    position: int
    time_zone: str
    targets: TargetChoice

    @property
    def invites_own_words(self) -> bool:
        """Whether supporters must be asked for words of their own."""
        return self.kind is CampaignKind.LETTER and self.state is not CampaignState.WON


def read_settings(source: Source, known_lists: Collection[str] | None, problems: list[FileProblem]) -> Settings | None:
    """What the file says; none when kind, state or rule are not known, for the rest hangs on them."""
    fields = Fields(source, problems)
    kind, state = fields.choice("kind", CampaignKind), fields.choice("state", CampaignState)
    colour = _colour(fields)
    position = fields.whole("position", most=LAST_POSITION)
    time_zone = _time_zone(fields)
    targets = _targets(fields.table("targets"), known_lists)
    fields.finish()
    if kind is None or state is None or targets is None:
        return None
    return Settings(kind, state, colour, position, time_zone, targets)


def _colour(fields: Fields) -> str:
    colour = fields.text("colour", longest=7)
    if colour and not is_colour(colour):
        fields.refuse("colour", "`colour` must be # and six hexadecimal digits, such as #7a1f5c")
    elif colour and (reached := readable_contrast(colour)) < READABLE:
        fields.refuse(
            "colour",
            f"`colour` {colour} has a contrast of {reached:.2f}:1 with the page, not {READABLE}:1: take a darker one",
        )
    return colour.lower()


def _time_zone(fields: Fields) -> str:
    name = fields.text("time_zone", longest=LONGEST_TIME_ZONE, required=False) or DEFAULT_TIME_ZONE
    if name != DEFAULT_TIME_ZONE and name not in (known := available_timezones()):
        fields.refuse("time_zone", f"`time_zone` must be a name such as {DEFAULT_TIME_ZONE}{hint(name, known)}")
    return name


def _targets(fields: Fields, known_lists: Collection[str] | None) -> TargetChoice | None:
    rule = fields.choice("rule", TargetRule)
    if rule is TargetRule.AREA:
        choice = _area_targets(fields)
    elif rule:
        choice = _listed_targets(fields, rule, known_lists)
    else:
        return None
    fields.finish()
    return choice


def _area_targets(fields: Fields) -> TargetChoice:
    role, area = fields.choice("role", AreaRole), fields.choice("area", TargetArea)
    fields.absent("lists", 'has no place beside rule = "area": role and area say who is written to')
    if role and area and ANSWERS_FOR[role] is not area:
        fields.refuse("area", f"`area` must be {ANSWERS_FOR[role]} for the role {role}")
    return TargetChoice(TargetRule.AREA, role, area)


def _listed_targets(fields: Fields, rule: TargetRule, known_lists: Collection[str] | None) -> TargetChoice:
    lists = fields.slugs("lists")
    for key in ("role", "area"):
        fields.absent(key, f'has no place beside rule = "{rule}": the lists say who is written to')
    for slug in lists:
        if known_lists is not None and slug not in known_lists:
            fields.refuse("lists", f"there is no target list `{slug}`")
    return TargetChoice(rule, lists=lists)

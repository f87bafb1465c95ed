"""`campaign.toml`: what kind of campaign it is, in which state, in which colour, and who it writes to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from app.campaigns.colours import READABLE, is_colour, readable_contrast
from app.campaigns.dates import NO_DATES, Dates, read_dates
from app.campaigns.fields import Fields, hint
from app.campaigns.models import (
    DEFAULT_TIME_ZONE,
    LONGEST_HOURS,
    LONGEST_TIME_ZONE,
    CampaignKind,
    CampaignState,
    Replies,
)
from app.campaigns.source import Source
from app.campaigns.target_settings import TargetChoice, read_targets
from app.hours import Hours, HoursFormatError
from app.problems import FileProblem, Flaw

LAST_POSITION = 9_999
LARGEST_GOAL = 10_000_000
LARGEST_PACE = 100_000
"""Letters an hour."""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How its letters leave, where the campaign says so: `[delivery]`."""

    pace: int | None = None
    """Letters an hour."""
    hours: str | None = None
    """As `app.hours` reads it."""
    replies: Replies = Replies.DIRECT


@dataclass(frozen=True, slots=True)
class Settings:
    """What `campaign.toml` says."""

    kind: CampaignKind
    state: CampaignState
    colour: str
    position: int
    time_zone: str
    dates: Dates
    targets: TargetChoice
    goal: int | None = None
    """How many are hoped for to take part."""
    delivery: DeliverySettings = field(default_factory=DeliverySettings)

    @property
    def may_write(self) -> bool:
        """Whether letters go, or may go again."""
        return self.state not in (CampaignState.CLOSED, CampaignState.WON)

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
    dates = _dates(fields, state, time_zone)
    goal = fields.maybe_whole("goal", least=1, most=LARGEST_GOAL)
    delivery = _delivery(fields.table("delivery", required=False), kind)
    targets = read_targets(fields.table("targets"), known_lists)
    fields.finish()
    if kind is None or state is None or targets is None:
        return None
    return Settings(kind, state, colour, position, time_zone, dates, targets, goal, delivery)


def _dates(fields: Fields, state: CampaignState | None, time_zone: str) -> Dates:
    dates = read_dates(fields.table("dates"), time_zone) if fields.has("dates") else NO_DATES
    if state is CampaignState.SCHEDULED and dates.opens is None:
        fields.refuse("state", "a campaign that is scheduled needs `opens` in its table [dates]")
    return dates


def _colour(fields: Fields) -> str:
    colour = fields.text("colour", longest=7)
    if colour and not is_colour(colour):
        fields.refuse("colour", "`colour` must be # and six hexadecimal digits, such as #7a1f5c", flaw=Flaw.COLOUR)
    elif colour and (reached := readable_contrast(colour)) < READABLE:
        fields.refuse(
            "colour",
            f"`colour` {colour} has a contrast of {reached:.2f}:1 with the page, not {READABLE}:1: take a darker one",
            flaw=Flaw.CONTRAST,
            bounds=(reached, READABLE),
        )
    return colour.lower()


def _time_zone(fields: Fields) -> str:
    name = fields.text("time_zone", longest=LONGEST_TIME_ZONE, required=False) or DEFAULT_TIME_ZONE
    if name != DEFAULT_TIME_ZONE and name not in (known := available_timezones()):
        fields.refuse("time_zone", f"`time_zone` must be a name such as {DEFAULT_TIME_ZONE}{hint(name, known)}")
        return DEFAULT_TIME_ZONE
    return name


def _delivery(fields: Fields, kind: CampaignKind | None) -> DeliverySettings:
    pace = fields.maybe_whole("pace", least=1, most=LARGEST_PACE)
    hours = fields.text("hours", longest=LONGEST_HOURS, required=False) or None
    if hours and not _are_hours(hours):
        fields.refuse("hours", '`hours` must be like "mon-fri 08:00-18:00", "08:00-18:00" or "always"')
    replies = fields.choice("replies", Replies, required=False) or Replies.DIRECT
    if replies is Replies.PROTECTED and kind is CampaignKind.PLEDGE:
        fields.refuse("replies", "`replies` of a pledge must be direct: its team writes to those who have joined")
    fields.finish()
    return DeliverySettings(pace, hours, replies)


def _are_hours(text: str) -> bool:
    try:
        Hours.parse(text)
    except HoursFormatError:
        return False
    return True

"""What a campaign does once it is open, in plain words: where answers go, when letters leave, and how fast."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from typing import NamedTuple

from babel.dates import get_day_names
from flask import url_for
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from app.campaigns.models import Campaign
from app.drafts.places import Step
from app.hours import Hours
from app.web.platform import platform


class Part(NamedTuple):
    """One thing that it does."""

    name: str
    words: str
    url: str = ""
    """Where that is changed; empty where it cannot be, or a file says it."""


def how_it_goes(campaign: Campaign) -> list[Part]:
    """What the campaign will do as it is now, whoever chose it."""
    return [
        Part(_("Answers"), _answers(campaign), _way(campaign, "replies")),
        Part(_("When letters leave"), hours_words(campaign), _way(campaign, "hours")),
        Part(_("How fast"), _pace(campaign), _way(campaign, "pace")),
    ]


def hours_words(campaign: Campaign) -> str:
    """When its letters may leave, by its own clock."""
    house = platform().lane_rules.hours
    own = None if campaign.hours is None else Hours.parse(campaign.hours)
    if own in (None, house, Hours()):
        return _times(house, campaign.time_zone)
    words = _times(own, campaign.time_zone)
    if house == Hours():
        return words
    return _(
        "%(hours)s But never outside the usual hours: %(usual)s", hours=words, usual=_times(house, campaign.time_zone)
    )


def _times(hours: Hours, zone: str) -> str:
    if hours == Hours():
        return _("At any hour of the day and the night.")
    end = "24:00" if hours.end == time.max else f"{hours.end:%H:%M}"
    said = {"days": _days(hours.days), "start": f"{hours.start:%H:%M}", "end": end, "zone": zone}
    return _("%(days)s, from %(start)s to %(end)s, by the clock of %(zone)s.", **said)


def _days(days: Collection[int]) -> str:
    """Days that follow one another, in words."""
    if len(days) == 7:  # noqa: PLR2004 - a week
        return _("Every day")
    names = get_day_names("wide", context="stand-alone", locale=get_locale())
    first = next(day for day in days if (day - 1) % 7 not in days)
    last = next(day for day in days if (day + 1) % 7 not in days)
    if first == last:
        return names[first]
    return _("%(first)s to %(last)s", first=names[first], last=names[last])


def _answers(campaign: Campaign) -> str:
    if campaign.protects_replies:
        return _("They come to us, and we pass them on. The recipient does not see the supporter’s e-mail address.")
    return _("They go straight to the supporter. The recipient sees the supporter’s e-mail address.")


def _pace(campaign: Campaign) -> str:
    each = platform().lane_rules.pace
    lane = _("To one mail domain, such as that of a council: %(number)s an hour at most.", number=format_decimal(each))
    if campaign.pace is None:
        return lane if each else _("As fast as the recipients’ mail servers take them.")
    own = _("%(number)s letters an hour at most.", number=format_decimal(campaign.pace))
    return f"{own} {lane}" if each else own


def _way(campaign: Campaign, field: str) -> str:
    if campaign.of_files:
        return ""
    return url_for("organise.build_step", slug=campaign.slug, step=Step.DELIVERY.value, _anchor=field)

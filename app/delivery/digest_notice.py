"""What the weekly mail to staff says: the figures of a week, which were frozen when it was queued. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from app.delivery.notices import Notice
from app.delivery.staff_notices import StaffFacts
from app.i18n import locale_of, translations


@dataclass(frozen=True, slots=True)
class CampaignWeek:
    """One campaign of those in which most people wrote."""

    title: str
    people: int
    so_far: int
    """How many have written since it began."""
    goal: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mail domain that turns letters away."""

    lane: str
    since: str
    """The day, or empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Week:
    """What happened from a Monday to the Sunday after it, and how things stand after that. No places, no languages."""

    begun: str
    ended: str
    """The first and the last day of it, as `2026-11-16`."""
    people: int
    letters: int
    handed_over: int
    delivered: int
    people_so_far: int
    letters_so_far: int
    held: int
    refusing: Sequence[Refusal]
    campaigns: Sequence[CampaignWeek]

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to tell."""
        happened = self.people or self.letters or self.handed_over or self.delivered
        return not (happened or self.held or self.refusing)

    def stored(self) -> dict[str, Any]:
        """As it is kept with its mail."""
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Week:
        """What `stored` gave."""
        refusing = [Refusal(**one) for one in stored["refusing"]]
        campaigns = [CampaignWeek(**one) for one in stored["campaigns"]]
        return cls(**{**stored, "refusing": refusing, "campaigns": campaigns})


def digest(facts: StaffFacts, week: Week) -> Notice:
    """Tells a week. The figures come first, then what is in the way, then where there is more."""
    _, words = translations(facts.language).gettext, _Words(facts.language)
    days = {"begun": words.day(week.begun), "ended": words.day(week.ended)}
    more = _("All figures, with what they mean:")
    switch = _(
        "This mail comes on Mondays when there is something to tell. You can switch it off on your account’s page:"
    )
    parts = [
        words.people(week.people),
        _("Hello %(name)s,") % facts.words,
        _("This is what happened from %(begun)s to %(ended)s, and how it stands now.") % days,
        _figures(week, words),
        _campaigns(week, words),
        _in_the_way(week, words),
        f"{more}\n{facts.link}",
        f"{switch}\n{facts.account_link}",
    ]
    subject = _("Your campaigns from %(begun)s to %(ended)s: %(organisation)s") % {**facts.words, **days}
    return Notice(subject, "\n\n".join(part for part in parts if part) + "\n")


@dataclass(frozen=True, slots=True)
class _Words:
    """Numbers and days as a language writes them."""

    language: str

    def day(self, text: str) -> str:
        return str(format_date(date.fromisoformat(text), "long", locale_of(self.language)))

    def number(self, number: int) -> str:
        return str(format_decimal(number, locale=locale_of(self.language)))

    def people(self, number: int) -> str:
        told = translations(self.language).ngettext(
            "%(shown)s person wrote last week.", "%(shown)s people wrote last week.", number
        )
        return told % {"shown": self.number(number)}


def _figures(week: Week, words: _Words) -> str:
    _ = translations(words.language).gettext
    lines = [
        _("People who wrote: %(week)s; in all %(so_far)s") % _both(week.people, week.people_so_far, words),
        _("Letters that this made: %(week)s; in all %(so_far)s") % _both(week.letters, week.letters_so_far, words),
        _("Letters handed over: %(week)s") % {"week": words.number(week.handed_over)},
        _("Letters reported as delivered: %(week)s") % {"week": words.number(week.delivered)},
    ]
    return "\n".join(lines)


def _campaigns(week: Week, words: _Words) -> str:
    """The campaigns in which most people wrote; empty if nobody did."""
    if not week.campaigns:
        return ""
    _ = translations(words.language).gettext
    lines = [_("Where most people wrote:")]
    for one in week.campaigns:
        told = {**_both(one.people, one.so_far, words), "title": one.title, "goal": words.number(one.goal or 0)}
        plain = _("%(title)s: %(week)s; in all %(so_far)s")
        lines.append((_("%(title)s: %(week)s; in all %(so_far)s of %(goal)s hoped for") if one.goal else plain) % told)
    return "\n".join(lines)


def _in_the_way(week: Week, words: _Words) -> str:
    """What keeps letters from going; empty if nothing does."""
    if not week.held and not week.refusing:
        return ""
    _ = translations(words.language).gettext
    lines = [_("What is in the way:")]
    for one in week.refusing:
        since = _("%(lane)s refuses our letters, since %(day)s.")
        told = {"lane": one.lane, "day": words.day(one.since) if one.since else ""}
        lines.append((since if one.since else _("%(lane)s refuses our letters.")) % told)
    if week.held:
        lines.append(_("Letters held until something is looked at: %(number)s") % {"number": words.number(week.held)})
    return "\n".join(lines)


def _both(week: int, so_far: int, words: _Words) -> dict[str, str]:
    return {"week": words.number(week), "so_far": words.number(so_far)}

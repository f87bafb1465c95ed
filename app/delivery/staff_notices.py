"""What our mails to staff say. Pure text, like `app.delivery.notices`: the first line carries the message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date, format_time

from app.delivery.notices import Notice
from app.hours import HOUSE_ZONE
from app.i18n import locale_of, translations


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """What a mail to staff may speak of."""

    language: str
    organisation: str
    name: str
    link: str
    """The page that it asks to open; empty where it asks for nothing."""
    until: datetime
    """How long the link works; or, where there is none, when it happened."""
    campaign: str = ""
    """The title of the campaign that it speaks of, if of any."""
    account_link: str = ""
    """The page of their own account."""
    granted: bool | None = None
    """Of a decision, whether it was a yes; none where that is not known."""
    said: str = ""
    """What was said with it, in that colleague's words."""
    opens_at: datetime | None = None
    """When the campaign opens by itself, by its own clock; none where it is not on the schedule."""

    @property
    def words(self) -> dict[str, str]:
        """The values of the sentences."""
        return {
            "organisation": self.organisation,
            "name": self.name,
            "until": self._told(self.until.astimezone(HOUSE_ZONE), "long"),
            "campaign": self.campaign,
            "opens": "" if self.opens_at is None else self._told(self.opens_at, "full"),
        }

    def _told(self, at: datetime, width: str) -> str:
        locale = locale_of(self.language)
        return f"{format_date(at, width, locale)}, {format_time(at, 'short', at.tzinfo, locale)}"


def invitation(facts: StaffFacts) -> Notice:
    """Asks somebody to choose a password and join."""
    _ = translations(facts.language).gettext
    return _notice(
        _("You are invited to work with %(organisation)s") % facts.words,
        _("You are invited to work with %(organisation)s.") % facts.words,
        _("Hello %(name)s,") % facts.words,
        _("Open this page and choose a password:"),
        facts.link,
        _("The link works once, until %(until)s.") % facts.words,
        _("If you did not expect this, you need do nothing."),
    )


def other_password(facts: StaffFacts) -> Notice:
    """Leads to the page where another password is set."""
    _ = translations(facts.language).gettext
    return _notice(
        _("Choose another password: %(organisation)s") % facts.words,
        _("You can choose another password now."),
        _("Hello %(name)s,") % facts.words,
        _("Open this page to do so:"),
        facts.link,
        _("The link works once, until %(until)s.") % facts.words,
        _("If you did not ask for this, you need do nothing: your password stays as it is."),
    )


def change(facts: StaffFacts) -> Notice:
    """Says that the way somebody signs in has changed, in case it was not they who changed it."""
    _ = translations(facts.language).gettext
    return _notice(
        _("The way you sign in has changed: %(organisation)s") % facts.words,
        _("Your password or your second factor was changed on %(until)s.") % facts.words,
        _("Hello %(name)s,") % facts.words,
        _("If it was you, you need do nothing."),
        _("If it was not you, tell an admin at once: they can close your account until it is yours again."),
    )


def hook_paused(facts: StaffFacts) -> Notice:
    """Says that a webhook was paused, because its receiver does not take what is sent to it."""
    _ = translations(facts.language).gettext
    return _notice(
        _("A webhook does not work: %(organisation)s") % facts.words,
        _("A webhook that you look after was paused on %(until)s: its receiver does not take what we send.")
        % facts.words,
        _("Hello %(name)s,") % facts.words,
        _("This page shows what it answered. Once it works again, let the webhook go on there:"),
        facts.link,
        _("Letters are not touched by this: they go out as always."),
    )


def approval(facts: StaffFacts) -> Notice:
    """Asks to approve a campaign."""
    _ = translations(facts.language).gettext
    return _notice(
        _("Please look at this before it goes out: %(campaign)s") % facts.words,
        _("Somebody asks you to approve the campaign “%(campaign)s”.") % facts.words,
        _("Hello %(name)s,") % facts.words,
        _("It will send many letters, so a second person looks at it first. It waits until one of you has decided:"),
        facts.link,
    )


def decision(facts: StaffFacts) -> Notice:
    """Says that an approval was decided about."""
    _ = translations(facts.language).gettext
    subject, told = {
        True: (_("Approved: %(campaign)s"), _("Your campaign “%(campaign)s” was approved.")),
        False: (_("Not approved: %(campaign)s"), _("Your campaign “%(campaign)s” was not approved.")),
        None: (
            _("Somebody has decided: %(campaign)s"),
            _("Somebody has decided about the approval that you asked for, for “%(campaign)s”."),
        ),
    }[facts.granted]
    note = [_("They wrote:"), facts.said] if facts.said else []
    plan = [_("It opens by itself on %(opens)s.") % facts.words] if facts.granted and facts.opens_at else []
    return _notice(
        subject % facts.words,
        told % facts.words,
        _("Hello %(name)s,") % facts.words,
        *plan,
        *note,
        _("How it goes on:"),
        facts.link,
    )


def waiting(facts: StaffFacts) -> Notice:
    """Says that a campaign waits for a person."""
    _ = translations(facts.language).gettext
    return _notice(
        _("A campaign waits for you: %(campaign)s") % facts.words,
        _("The campaign “%(campaign)s” waits for a person to decide.") % facts.words,
        _("Hello %(name)s,") % facts.words,
        _("This page says why, and lets you decide:"),
        facts.link,
    )


def _notice(subject: str, *parts: str) -> Notice:
    return Notice(subject, "\n\n".join(parts) + "\n")

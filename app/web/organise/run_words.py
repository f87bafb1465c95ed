"""What checks, approvals and moves of a campaign are called on staff's pages."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from app.campaigns.models import Campaign, CampaignState, OpeningHeld
from app.letters.findings import Level
from app.mail.sending_domain import State
from app.running.models import ApprovalState
from app.running.reports import DomainPart, KeptReport


class Verdict(NamedTuple):
    """The look of a verdict and its words: `good`, `bad`, or neither where nobody can tell."""

    look: str
    words: str


def verdict_of(report: KeptReport) -> Verdict:
    """What all findings come to."""
    if report.stops:
        return Verdict("bad", _("Not ready: something would go wrong."))
    if report.warns:
        return Verdict("", _("Ready, but please look at the warnings."))
    return Verdict("good", _("Ready. The check found no problem."))


def level_words(level: Level) -> Verdict:
    """How grave a finding is."""
    match level:
        case Level.STOP:
            return Verdict("bad", _("Must be put right"))
        case Level.WARN:
            return Verdict("", _("Please look"))
        case Level.NOTE:
            return Verdict("good", _("Good to know"))


def domain_words(part: DomainPart) -> Verdict:
    """How one part of the sending domain stands."""
    match part.state:
        case State.OK:
            return Verdict("good", _("Good"))
        case State.WRONG:
            return Verdict("bad", _("Wrong"))
        case State.UNKNOWN:
            return Verdict("", _("Unknown"))


def state_sentence(campaign: Campaign) -> str:
    """What the campaign's state means for those who write, or why it waits."""
    if campaign.opening_held is OpeningHeld.LATE:
        return _("It did not open at its time, because nothing was running then. It waits for you.")
    if campaign.opening_held is OpeningHeld.APPROVAL:
        return _("It did not open at its time, because nobody has approved what it says now. It waits for that.")
    return {
        CampaignState.DRAFT: _("Nobody but staff can see it."),
        CampaignState.SCHEDULED: _("Everybody can read its page. Nobody can write yet."),
        CampaignState.LIVE: _("People can write, and their letters go out."),
        CampaignState.PAUSED: _("No new letters are taken. Those that were written wait."),
        CampaignState.CLOSED: _("No letters are taken any more."),
        CampaignState.WON: _("It is shown with what was won. No letters are taken any more."),
    }[campaign.state]


def approval_words(state: ApprovalState, *, lapsed: bool) -> Verdict:
    """How an approval stands."""
    match state:
        case ApprovalState.ASKED if lapsed:
            return Verdict("bad", _("Lapsed: the campaign has changed since. Ask again."))
        case ApprovalState.GRANTED if lapsed:
            return Verdict("bad", _("Lapsed: the campaign has changed since it was approved. Ask again."))
        case ApprovalState.ASKED:
            return Verdict("", _("Waits for a second person"))
        case ApprovalState.GRANTED:
            return Verdict("good", _("Approved"))
        case ApprovalState.DECLINED:
            return Verdict("bad", _("Declined"))
        case ApprovalState.WITHDRAWN:
            return Verdict("", _("Replaced by another request"))


class Deed(NamedTuple):
    """Something that can be done with the campaign now."""

    url: str
    button: str
    what: str
    """What it will do."""
    page: bool = False
    """Whether the button leads to a page that asks first."""
    second: bool = True


def deeds_for(campaign: Campaign, *, stopped: bool = False, disposable: bool = False) -> list[Deed]:
    """What can be done with the campaign now, what is most likely first.

    Args:
        campaign: which.
        stopped: whether something else keeps its letters back.
        disposable: whether it may be thrown away.
    """

    def to(endpoint: str) -> str:
        return url_for(endpoint, slug=campaign.slug)

    opens_held = Deed(
        to("organise.open_held"), _("Open it now"), _("Letters are taken from this moment on."), second=False
    )
    held = [opens_held] if campaign.opening_held is not None else []
    if campaign.of_files:
        return held
    launch = Deed(to("organise.launch"), _("Open or schedule it"), _("Now, or at a time that you choose."), page=True)
    last_day = Deed(
        to("organise.last_day"),
        _("Change the last day"),
        _("It goes on longer, ends sooner, or closes when you say so."),
        page=True,
    )
    close = Deed(
        to("organise.close"), _("Close it"), _("No letters are taken any more. You are asked what waits."), page=True
    )
    win = Deed(to("organise.win"), _("It is won"), _("Its page says what was won; you can tell everybody."), page=True)
    pause = _("No new letters are taken. Letters that wait, and those still to be confirmed, are kept.")
    go_on = _("Letters are taken again, and those that wait go out.")
    if stopped:
        go_on = _("Letters are taken again. They wait as long as letters are stopped: see below.")
    resume = Deed(to("organise.go_on"), _("End the pause"), go_on, second=False)
    rid = Deed(
        to("organise.discard"),
        _("Throw it away"),
        _("For a draft that nobody needs. You are asked once more."),
        page=True,
    )
    return {
        CampaignState.DRAFT: [launch._replace(second=False), *([rid] if disposable else [])],
        CampaignState.SCHEDULED: [
            *held,
            launch._replace(button=_("Change the times"), what=_("Other times, or open it now.")),
            Deed(to("organise.unschedule"), _("Take it off the schedule"), _("It is a draft again.")),
        ],
        CampaignState.LIVE: [Deed(to("organise.pause"), _("Pause"), pause), last_day, close, win],
        CampaignState.PAUSED: [resume, last_day, close, win],
        CampaignState.CLOSED: [launch._replace(button=_("Open it again"), what=_("Letters are taken again.")), win],
        CampaignState.WON: [
            close._replace(button=_("Take the win back"), what=_("It is closed, and no more shown as won."))
        ],
    }[campaign.state]

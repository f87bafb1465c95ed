"""Opening a campaign: now or at a time, until a time or until somebody says so, and for how many people."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.lifecycle import IllegalMoveError
from app.campaigns.models import Campaign, CampaignState
from app.drafts.work import has_unpublished
from app.roles import Permission
from app.running.checks import is_of_now, last_check, report_of
from app.running.moves import NotApprovedError, NotCheckedError, OfFilesError
from app.running.samples import Tested, tested
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint
from app.web.organise.how_it_goes import hours_words
from app.web.organise.run_words import verdict_of
from app.web.organise.running import approvals_in, conductor_of, refused_move
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.organise.time_forms import LATER, NOW, USUAL_TIME, LaunchForm
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/launch", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def launch(slug: str) -> ResponseReturnValue:
    """Ask when it opens, and for how many people."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        return _page(session, campaign, _filled(session, campaign))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/launch", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def launch_now(slug: str) -> ResponseReturnValue:
    """Open it, or put it on the schedule."""
    form, site = LaunchForm(request.form), platform()
    with site.sessions.read() as session:
        zone = ZoneInfo(campaign_here(session, slug).time_zone)
        changed = has_unpublished(session, slug)
    form.validate()
    times = form.times(zone, site.clock())
    if times is None:
        note_stale(form)
        return _again(slug, form)
    if changed:
        form.form_errors.append(_("Something was changed under “Build” and is not published yet. Publish it first."))
        return _again(slug, form)
    try:
        with site.sessions.write() as session:
            _launch(session, campaign_here(session, slug), form, *times)
    except NotApprovedError:
        with site.sessions.write() as session:
            campaign = campaign_here(session, slug)
            conductor_of(session, campaign).plan(*times, letters_for(session, campaign, form.people.number))
        return redirect(url_for("organise.ask_approval", slug=slug, people=form.people.number), 303)
    except NotCheckedError:
        form.form_errors.append(_("Please check the campaign first: it has changed since, or nobody has."))
        return _again(slug, form)
    except (IllegalMoveError, OfFilesError):
        return refused_move(slug, _("This cannot be done any more: somebody was faster. This is how it stands now."))
    return redirect(url_for("organise.run", slug=slug), 303)


def _launch(
    session: Session, campaign: Campaign, form: LaunchForm, opens: datetime | None, closes: datetime | None
) -> None:
    letters = letters_for(session, campaign, form.people.number)
    conductor = conductor_of(session, campaign)
    if opens is None:
        conductor.open(letters, closes)
    else:
        conductor.schedule(opens, closes, letters)


def letters_for(session: Session, campaign: Campaign, people: int) -> int:
    """How many letters so many people make, by the last check."""
    report = report_of(last_check(session, campaign))
    return people * (1 if report is None else max(1, report.each))


def _again(slug: str, form: LaunchForm) -> ResponseReturnValue:
    with platform().sessions.read() as session:
        return _page(session, campaign_here(session, slug), form), UNPROCESSABLE


def _page(session: Session, campaign: Campaign, form: LaunchForm) -> str:
    found = last_check(session, campaign)
    report = report_of(found)
    test = tested(session, campaign)
    return render_template(
        "organise/launch.html",
        campaign=head_of(campaign),
        form=form,
        zone=campaign.time_zone,
        checked=is_of_now(found, campaign),
        verdict=None if report is None else verdict_of(report),
        untested=test is Tested.NO,
        test_on_its_way=test is Tested.ON_ITS_WAY,
        each=0 if report is None else report.each,
        second_from=_second_from(session, campaign),
        hours=hours_words(campaign),
        choices=_choices(),
    )


def _choices() -> list[dict[str, str]]:
    """When it may open, each with what follows from it."""
    now = _("People can write at once.")
    later = _("It opens by itself. Until then everybody can read its page.")
    return [
        {"id": NOW, "name": _("Now"), "organisation": now},
        {"id": LATER, "name": _("At a time"), "organisation": later},
    ]


def _second_from(session: Session, campaign: Campaign) -> int:
    """Above how many people a second person approves; 0 where none does."""
    allowed = approvals_in(session).allowed(campaign)
    return 0 if allowed is None else allowed // letters_for(session, campaign, 1)


def _filled(session: Session, campaign: Campaign) -> LaunchForm:
    """The form as the campaign stands."""
    zone = ZoneInfo(campaign.time_zone)
    to_open = campaign.state in (CampaignState.DRAFT, CampaignState.SCHEDULED)
    opens = _ahead(campaign.opens_at, zone) if to_open else None
    closes = _ahead(campaign.closes_at, zone)
    expected = campaign.letters_expected
    people = campaign.goal if expected is None else -(-expected // letters_for(session, campaign, 1))
    return LaunchForm(
        formdata=None,
        people=str(people) if people else "",
        when=LATER if opens else None,
        opens_day=f"{opens:%Y-%m-%d}" if opens else "",
        opens_time=f"{opens:%H:%M}" if opens else USUAL_TIME,
        closes_day=f"{closes:%Y-%m-%d}" if closes else "",
        closes_time=f"{closes:%H:%M}" if closes else "",
    )


def _ahead(time: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A time by the campaign's clock; none where it is past."""
    return time.astimezone(zone) if time is not None and time > platform().clock() else None

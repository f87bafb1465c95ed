"""Another last day for a campaign that is open or rests: later, sooner, or none until somebody says so."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.lifecycle import UNDER_WAY, IllegalMoveError
from app.campaigns.models import Campaign
from app.roles import Permission
from app.running.moves import OfFilesError, TimesError
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint
from app.web.organise.running import conductor_of, refused_move, run_page
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.organise.time_forms import LastDayForm
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.pages import told_time
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/last-day", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def last_day(slug: str) -> ResponseReturnValue:
    """Ask when it closes; where it has none that could change, show how it stands."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        if campaign.of_files or campaign.state not in UNDER_WAY:
            return run_page(session, campaign)
        return _page(campaign, _filled(campaign))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/last-day", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def change_last_day(slug: str) -> ResponseReturnValue:
    """Let it close then."""
    form = LastDayForm(request.form)
    form.validate()
    try:
        with platform().sessions.write() as session:
            _change(session, campaign_here(session, slug), form)
    except TimesError:
        form.refuse_past()
    except (IllegalMoveError, OfFilesError):
        return refused_move(slug, _("This cannot be done any more: somebody was faster. This is how it stands now."))
    if not form.errors:
        return redirect(url_for("organise.run", slug=slug), 303)
    note_stale(form)
    with platform().sessions.read() as session:
        return _page(campaign_here(session, slug), form), UNPROCESSABLE


def _change(session: Session, campaign: Campaign, form: LastDayForm) -> None:
    """Do it, unless what was typed is no time."""
    closes = form.closing(ZoneInfo(campaign.time_zone))
    if not form.errors:
        conductor_of(session, campaign).close_at(closes)


def _page(campaign: Campaign, form: LastDayForm) -> str:
    return render_template(
        "organise/last_day.html",
        campaign=head_of(campaign),
        form=form,
        zone=campaign.time_zone,
        closes=told_time(campaign.closes_at, campaign),
    )


def _filled(campaign: Campaign) -> LastDayForm:
    """The form as the campaign stands."""
    closes = campaign.closes_at and campaign.closes_at.astimezone(ZoneInfo(campaign.time_zone))
    return LastDayForm(
        formdata=None,
        closes_day=f"{closes:%Y-%m-%d}" if closes else "",
        closes_time=f"{closes:%H:%M}" if closes else "",
    )

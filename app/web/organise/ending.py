"""The end of a campaign: closed, or won. What waits is sent or cancelled, and who wrote is told."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.lifecycle import IllegalMoveError
from app.campaigns.models import Campaign
from app.i18n import own_name
from app.roles import Permission
from app.running.endings import to_be_told
from app.running.moves import Conductor, OfFilesError
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, ring
from app.web.organise.run_forms import CANCEL, SEND, WaitingForm, WinForm, win_form_for, won_field
from app.web.organise.running import conductor_of, figures_of, refused_move
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/close", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS, fresh=True)
def close(slug: str) -> ResponseReturnValue:
    """Ask what becomes of letters that wait."""
    with platform().sessions.read() as session:
        return _page("close", session, campaign_here(session, slug), WaitingForm(formdata=None))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/close", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS, fresh=True)
def close_now(slug: str) -> ResponseReturnValue:
    """Close it."""
    form = WaitingForm(request.form)
    if not form.validate():
        note_stale(form)
        with platform().sessions.read() as session:
            return _page("close", session, campaign_here(session, slug), form), UNPROCESSABLE
    return _end(slug, lambda conductor: conductor.close(sends=form.sends))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/win", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS, fresh=True)
def win(slug: str) -> ResponseReturnValue:
    """Ask what was won, what becomes of letters that wait, and who is told."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        texts = {won_field(page.language): page.won for page in campaign.pages}
        form = _win_form(campaign)(formdata=None, data={"tells": True, **texts})
        return _page("win", session, campaign, form)


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/win", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS, fresh=True)
def win_now(slug: str) -> ResponseReturnValue:
    """Say that it is won."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        form = _win_form(campaign)(request.form)
        if not form.validate():
            note_stale(form)
            return _page("win", session, campaign, form), UNPROCESSABLE
        texts = {page.language: form[won_field(page.language)].data or "" for page in campaign.pages}
    return _end(slug, lambda conductor: conductor.win(texts, sends=form.sends, tells=bool(form.tells.data)))


def _win_form(campaign: Campaign) -> type[WinForm]:
    return win_form_for([(page.language, own_name(page.language)) for page in campaign.pages])


def _end(slug: str, deed: Callable[[Conductor], None]) -> ResponseReturnValue:
    try:
        with platform().sessions.write() as session:
            deed(conductor_of(session, campaign_here(session, slug)))
    except (IllegalMoveError, OfFilesError):
        return refused_move(slug, _("This cannot be done any more: somebody was faster. This is how it stands now."))
    ring(0)
    return redirect(url_for("organise.run", slug=slug), 303)


def _page(name: str, session: Session, campaign: Campaign, form: WaitingForm) -> str:
    return render_template(
        f"organise/{name}.html",
        campaign=head_of(campaign),
        form=form,
        figures=figures_of(session, campaign),
        tells_to=to_be_told(session, campaign.id),
        languages_won=[(won_field(page.language), page.language) for page in campaign.pages],
        confirm_days=platform().config.confirm_within.days,
        choices=[
            {"id": SEND, "name": _("Send them"), "organisation": _("Those who wrote them were promised that.")},
            {"id": CANCEL, "name": _("Cancel them"), "organisation": _("They never go out. This cannot be undone.")},
        ],
    )

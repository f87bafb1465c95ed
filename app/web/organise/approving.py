"""A second person's approval: asked for with a note, granted or declined with a note."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.lifecycle import UNDER_WAY
from app.campaigns.models import Campaign
from app.roles import Permission, may
from app.running.approvals import LapsedError, NotForThemError
from app.running.models import Approval
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, me, ring
from app.web.organise.launching import letters_for
from app.web.organise.people import LARGEST_ID
from app.web.organise.run_forms import MOST_PEOPLE, AskForm, DecideForm
from app.web.organise.running import approvals_in, conductor_of, run_page
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.pages import told_time
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/approval", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def ask_approval(slug: str) -> ResponseReturnValue:
    """Ask for how many letters, and what a second person should know."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        people = request.args.get("people", 0, int)
        known = letters_for(session, campaign, people) if 0 < people <= MOST_PEOPLE else campaign.letters_expected
        return _page(session, campaign, AskForm(formdata=None, letters=str(known or "")))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/approval", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def ask_approval_now(slug: str) -> ResponseReturnValue:
    """Ask those who may approve, by mail and on their first page."""
    form = AskForm(request.form)
    valid = form.validate()
    with platform().sessions.write() as session:
        campaign = campaign_here(session, slug)
        if not valid or campaign.of_files:
            note_stale(form)
            return _page(session, campaign, form), UNPROCESSABLE
        letters = form.letters.number
        mails = approvals_in(session).ask(campaign, me(), letters, form.note.data or "")
        conductor_of(session, campaign).plan(
            campaign.opens_at, campaign.closes_at, letters
        )  # what is asked for is meant
    for delivery_id in mails:
        ring(delivery_id)
    return redirect(url_for("organise.run", slug=slug), 303)


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/approval/<int:approval_id>", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.APPROVAL, fresh=True)
def decide_approval(slug: str, approval_id: int) -> ResponseReturnValue:
    """Approve, and what was planned goes on the schedule; or decline and say why."""
    form = DecideForm(request.form)
    decided = form.decided()
    mails: list[int] = []
    with platform().sessions.write() as session:
        campaign = campaign_here(session, slug)
        approval = _approval(session, campaign, approval_id)
        if decided:
            mails = _decide(session, approval, form)
        if form.errors or form.form_errors:
            note_stale(form)
            return run_page(session, campaign, decide=form)
        if form.grant.data:
            conductor_of(session, campaign).keep_plan()
    for delivery_id in mails:
        ring(delivery_id)
    return redirect(url_for("organise.run", slug=slug), 303)


def _decide(session: Session, approval: Approval, form: DecideForm) -> list[int]:
    try:
        answer = form.answer.data or ""
        return approvals_in(session).decide(approval, me(), answer, granted=bool(form.grant.data))
    except NotForThemError:
        form.form_errors.append(_("You have asked for it yourself. A second person decides."))
    except LapsedError:
        form.form_errors.append(_("It is not open any more: somebody has decided, or the campaign has changed."))
    return []


def _approval(session: Session, campaign: Campaign, approval_id: int) -> Approval:
    approval = session.get(Approval, approval_id) if approval_id <= LARGEST_ID else None
    if approval is None or approval.campaign_id != campaign.id:
        abort(404)
    return approval


def _page(session: Session, campaign: Campaign, form: AskForm) -> str:
    approvals = approvals_in(session)
    return render_template(
        "organise/ask_approval.html",
        campaign=head_of(campaign),
        form=form,
        threshold=approvals.threshold,
        approvers=[member.name for member in approvals.approvers(me().id)],
        may_invite=may(me().role, Permission.PEOPLE),
        back=campaign.state not in UNDER_WAY,
        opens=told_time(conductor_of(session, campaign).planned, campaign),
    )

"""How a campaign is run: where it stands, one button for each thing that can be done, and the brake on its letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionState
from app.campaigns.lifecycle import UNDER_WAY, IllegalMoveError
from app.campaigns.models import Campaign, CampaignState
from app.queue.lanes import NOTICES
from app.queue.models import Brake, BrakeScope, Lane, StateCount
from app.queue.states import DeliveryState
from app.roles import Permission, may
from app.running.approvals import Approvals
from app.running.disposal import may_be_thrown_away
from app.running.endings import last_ending, to_be_told
from app.running.moves import Conductor, NotApprovedError, OfFilesError
from app.web.headers import with_our_script
from app.web.organise.approval_view import approval_view
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, me, ring
from app.web.organise.next_step import next_step
from app.web.organise.run_forms import DecideForm, StopForm
from app.web.organise.run_words import deeds_for, state_sentence
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.pages import told_time
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/run", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def run(slug: str) -> ResponseReturnValue:
    """Show where the campaign stands, and what can be done with it."""
    with platform().sessions.read() as session:
        return run_page(session, campaign_here(session, slug))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/pause", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def pause(slug: str) -> ResponseReturnValue:
    """Take no letters for now, and let what waits wait."""
    return _do(slug, Conductor.pause)


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/go-on", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def go_on(slug: str) -> ResponseReturnValue:
    """Go on after a pause."""
    return _do(slug, Conductor.go_on)


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/unschedule", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def unschedule(slug: str) -> ResponseReturnValue:
    """Make it a draft again."""
    return _do(slug, Conductor.unschedule)


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/open", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def open_held(slug: str) -> ResponseReturnValue:
    """Open a campaign that waits for a person."""
    return _do(slug, Conductor.open_held)


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/stop-letters", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def stop_letters(slug: str) -> ResponseReturnValue:
    """Put the brake on its letters."""
    form = StopForm(request.form)
    if not form.validate():
        note_stale(form)
        with platform().sessions.read() as session:
            return run_page(session, campaign_here(session, slug), stop=form)
    return _do(slug, lambda conductor: conductor.stop_letters(form.why.data or ""))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/let-letters-go", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def let_letters_go(slug: str) -> ResponseReturnValue:
    """Take the brake off."""
    return _do(slug, Conductor.let_letters_go)


def conductor_of(session: Session, campaign: Campaign) -> Conductor:
    """Who moves the campaign for the member who asks."""
    return Conductor(session, campaign, me().id, approvals_in(session))


def approvals_in(session: Session) -> Approvals:
    """The approvals, by the house's settings."""
    site = platform()
    return Approvals(session, site.config.launch.approval_letters, site.clock())


def _do(slug: str, deed: Callable[[Conductor], None]) -> ResponseReturnValue:
    """Do it, then show where the campaign stands; what makes no sense any more is told and not done."""
    try:
        with platform().sessions.write() as session:
            deed(conductor_of(session, campaign_here(session, slug)))
    except (IllegalMoveError, OfFilesError):
        return refused_move(slug, _("This cannot be done any more: somebody was faster. This is how it stands now."))
    except NotApprovedError:
        return refused_move(slug, _("A second person has to approve it first."))
    ring(0)
    return redirect(url_for("organise.run", slug=slug), 303)


def refused_move(slug: str, problem: str) -> ResponseReturnValue:
    """Where the campaign stands, and why what was asked for was not done."""
    form = StopForm(formdata=None)
    form.form_errors.append(problem)
    with platform().sessions.read() as session:
        return run_page(session, campaign_here(session, slug), stop=form)


def run_page(
    session: Session, campaign: Campaign, *, stop: StopForm | None = None, decide: DecideForm | None = None
) -> Response:
    """The page, with a form that was refused if there is one."""
    refused: FlaskForm = decide or stop or StopForm(formdata=None)
    brake, house_stopped = _brake_on(session, campaign), _house_stopped(session)
    approval = approval_view(session, campaign)
    page = render_template(
        "organise/run.html",
        campaign=head_of(campaign),
        next_step=next_step(session, campaign),
        form=refused,
        stop_form=stop or StopForm(formdata=None),
        decide_form=decide or DecideForm(formdata=None),
        sentence=state_sentence(campaign),
        opens=told_time(campaign.opens_at, campaign),
        closes=told_time(campaign.closes_at, campaign),
        state=campaign.state.value,
        file=f"letter_templates/{campaign.slug}/campaign.toml" if campaign.of_files else "",
        deeds=deeds_for(
            campaign,
            stopped=brake is not None or house_stopped,
            disposable=may_be_thrown_away(session, campaign),
        ),
        figures=figures_of(session, campaign),
        brake=brake,
        house_stopped=house_stopped,
        stops_url=url_for("organise.stops") if may(me().role, Permission.LETTERS) else "",
        approval=approval,
        planned=told_time(conductor_of(session, campaign).planned, campaign),
        expected=campaign.letters_expected or 0,
        free_up_to=0 if approval else _free_up_to(campaign),
        ending=_ending_view(session, campaign),
        may_ask=_may_ask(campaign, approval),
    )
    return with_our_script(page, UNPROCESSABLE if stop or decide else 200)


def _may_ask(campaign: Campaign, approval: Mapping[str, Any] | None) -> bool:
    """Whether an approval is offered beside the deeds; opening a draft asks for one where it needs it."""
    if not platform().config.launch.approval_letters or campaign.of_files or campaign.state is CampaignState.WON:
        return False
    return campaign.state is not CampaignState.DRAFT if approval is None else not approval["waits"]


def _free_up_to(campaign: Campaign) -> int:
    """How many letters of a campaign that is to open, or open, need nobody's approval; 0 where nobody is ever asked."""
    asked = not campaign.of_files and campaign.state in (CampaignState.SCHEDULED, *UNDER_WAY)
    return platform().config.launch.approval_letters if asked else 0


def figures_of(session: Session, campaign: Campaign) -> dict[str, int]:
    """How many letters wait, are held, have left; and how many people have still to confirm theirs."""
    rows = session.execute(
        select(StateCount.state, func.sum(StateCount.count))
        .join(Lane, Lane.id == StateCount.lane_id)
        .where(StateCount.campaign_id == campaign.id, Lane.key != NOTICES)
        .group_by(StateCount.state)
    ).all()
    counts = {state: int(number) for state, number in rows}
    pending = (Action.campaign_id == campaign.id) & (Action.state == ActionState.PENDING)
    return {
        "waiting": counts.get(DeliveryState.QUEUED, 0) + counts.get(DeliveryState.SENDING, 0),
        "held": counts.get(DeliveryState.HELD, 0),
        "gone": counts.get(DeliveryState.SENT, 0) + counts.get(DeliveryState.DELIVERED, 0),
        "unconfirmed": session.scalar(select(func.count()).select_from(Action).where(pending)) or 0,
    }


def _brake_on(session: Session, campaign: Campaign) -> Brake | None:
    on = (Brake.scope == BrakeScope.CAMPAIGN) & (Brake.subject_id == campaign.id)
    return session.scalars(select(Brake).where(on)).one_or_none()


def _house_stopped(session: Session) -> bool:
    everywhere = Brake.scope.in_((BrakeScope.EVERYTHING, BrakeScope.LETTERS))
    return bool(session.scalar(select(func.count()).select_from(Brake).where(everywhere)))


def _ending_view(session: Session, campaign: Campaign) -> dict[str, Any] | None:
    ending = last_ending(session, campaign.id)
    if ending is None or ending.state is not campaign.state:
        return None
    left = to_be_told(session, campaign.id) if ending.tells and ending.finished_at is None else 0
    return {
        "cancels": ending.cancels,
        "cancelled": ending.cancelled,
        "tells": ending.tells,
        "told": ending.told,
        "to_tell": ending.told + left,
        "finished": ending.finished_at is not None,
    }

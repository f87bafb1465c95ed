"""The start page and a campaign's own page."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actions.activity import Step
from app.actions.recipients import RecipientsUnclearError, Trouble
from app.campaigns.models import Campaign, CampaignState
from app.campaigns.targeting import Targeting
from app.targets.facts import PLACE
from app.targets.models import AreaKind
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import StartForm, add_error, known_source
from app.web.public.pages import find_campaign, image_view, view_of
from app.web.public.steps import note_step
from app.web.public.whom import (
    INSTEAD,
    areas_to_choose,
    by_post_view,
    field_of,
    instead_page,
    offer_of,
    questions_view,
)
from app.web.routing import languages_of_page, localized

blueprint = Blueprint("public", __name__)


@localized(blueprint, "/", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def home() -> ResponseReturnValue:
    """Show the live campaigns, and those that were won."""
    shown = (CampaignState.LIVE, CampaignState.WON)
    with platform().sessions.read() as session:
        rows = session.scalars(
            select(Campaign)
            .where(Campaign.state.in_(shown))
            .order_by(Campaign.position, Campaign.slug)
            .options(selectinload(Campaign.pages))
        ).all()
    return render_template("public/home.html", campaigns=[view_of(campaign) for campaign in rows])


@localized(blueprint, "/c/<slug:slug>", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def campaign(slug: str) -> ResponseReturnValue:
    """Show the ask, why, how many have written, and who will be written to."""
    form = StartForm()
    form.via.data = known_source(request.args.get("via"))
    with platform().sessions.read() as session:
        shown = campaign_or_404(session, slug)
        page = campaign_page(session, shown, form)
    note_step(Step.VIEWED, shown.id, form)
    return page


def campaign_or_404(session: Session, slug: str) -> Campaign:
    """The campaign of that slug; a draft is as unknown as one that never was."""
    found = find_campaign(session, slug)
    if found is None:
        abort(404)
    return found


def campaign_page(
    session: Session, shown: Campaign, form: StartForm, unclear: RecipientsUnclearError | None = None
) -> str:
    """The campaign's page with its start form and, when nobody could be found to write to, why and the way on."""
    if unclear is not None and unclear.trouble in INSTEAD and shown.accepts_letters:
        return instead_page(session, shown, form, unclear)
    questions = questions_view(unclear)
    if unclear is not None:
        explain(form, unclear, shown.targeting)
    lost = unclear is not None and shown.asks_postcode and not questions
    return render_template(
        "public/campaign.html",
        languages=languages_of_page([page.language for page in shown.pages]),
        campaign=view_of(shown),
        image=image_view(shown),
        form=form,
        offer=offer_of(session, shown),
        questions=questions,
        area_choices=areas_to_choose(session, shown) if lost else [],
        by_post=by_post_view(unclear.search.mute) if unclear else [],
    )


def explain(form: StartForm, unclear: RecipientsUnclearError, targeting: Targeting) -> None:
    """Say beside the right field why nobody was found."""
    match unclear.trouble:
        case Trouble.POSTCODE_STRADDLES:
            for question in unclear.questions:
                if question.answer is None:
                    add_error(form[field_of(question.kind)], _area_words(question.kind))
        case Trouble.NOT_CHOSEN:
            add_error(form.target, _("Please choose who to write to."))
        case Trouble.TOO_MANY_CHOSEN:
            add_error(form.target, _("Please choose %(max)d at most.", max=targeting.most))
        case Trouble.NOBODY_LISTED | Trouble.WRONG_TIER | Trouble.ALL_EXCLUDED:
            add_error(form.target, _("There is nobody to write to at the moment. Please come back later."))
        case Trouble.NOBODY_HERE if targeting.who.of_key(PLACE) and not unclear.search.mute:
            words = _("This campaign is for other places than yours. The list has those that it is for.")
            add_error(form.postcode, words)
        case trouble:
            add_error(form.postcode, _postcode_words(trouble))


def _area_words(kind: AreaKind) -> str:
    # Two questions on one page need two messages: their links in the summary lead to different places.
    if kind is AreaKind.DIVISION:
        return _("Please choose the division that you live in.")
    return _("Please choose the area that you live in.")


def _postcode_words(trouble: Trouble) -> str:
    match trouble:
        case Trouble.POSTCODE_MISSING:
            return _("Please write your postcode.")
        case Trouble.POSTCODE_MALFORMED:
            return _("This does not look like a postcode. A whole one looks like SW1A 1AA.")
        case Trouble.NOBODY_HERE:
            return _("We have no e-mail address for your area. You can choose an area near you from the list.")
        case _:
            return _("We do not know this postcode. Check it, or choose your area from the list.")

"""The start page and a campaign's own page."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actions.recipients import RecipientsUnclearError, Trouble
from app.campaigns.models import Campaign, CampaignState
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import StartForm, add_error
from app.web.public.pages import areas_to_choose, choices_of, find_campaign, view_of
from app.web.routing import localized

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
    with platform().sessions.read() as session:
        return campaign_page(session, campaign_or_404(session, slug), StartForm())


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
    straddle = unclear.areas if unclear else ()
    if unclear is not None:
        explain(form, unclear)
    lost = unclear is not None and shown.asks_postcode and not straddle
    return render_template(
        "public/campaign.html",
        campaign=view_of(shown),
        form=form,
        targets=choices_of(session, shown),
        straddle=straddle,
        area_choices=areas_to_choose(session, shown) if lost else [],
    )


def explain(form: StartForm, unclear: RecipientsUnclearError) -> None:
    """Say beside the right field why nobody was found."""
    match unclear.trouble:
        case Trouble.POSTCODE_MISSING:
            add_error(form.postcode, _("Please write your postcode."))
        case Trouble.POSTCODE_MALFORMED:
            add_error(form.postcode, _("This does not look like a postcode. A whole one looks like SW1A 1AA."))
        case Trouble.POSTCODE_UNKNOWN:
            add_error(form.postcode, _("We do not know this postcode. Check it, or choose your area from the list."))
        case Trouble.POSTCODE_STRADDLES:
            add_error(form.area, _("Please choose the area that you live in."))
        case Trouble.NOBODY_HERE:
            add_error(
                form.postcode,
                _("We have no e-mail address for your area. You can choose an area near you from the list."),
            )
        case Trouble.NOT_CHOSEN:
            add_error(form.target, _("Please choose who to write to."))
        case Trouble.NOBODY_LISTED:
            add_error(form.target, _("There is nobody to write to at the moment. Please come back later."))

"""What is known of the replies to a campaign's letters, and what supporters wrote about them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.replies.models import Answer
from app.replies.report import notes
from app.reporting.answers import replies_by_target
from app.reporting.targets import by_place
from app.roles import Permission
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/replies", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def replies(slug: str) -> ResponseReturnValue:
    """Show who has answered, and the notes; nobody is told whose they are."""
    answers = {
        Answer.ANSWERED: _("They answered"),
        Answer.AUTOMATIC: _("Only an automatic reply"),
        Answer.NONE: _("No answer"),
    }
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        return render_template(
            "organise/replies.html",
            campaign=head_of(campaign),
            protected=campaign.protects_replies,
            targets=replies_by_target(session, campaign),
            by_place=by_place(campaign),
            notes=notes(session, campaign.id),
            answers=answers,
        )

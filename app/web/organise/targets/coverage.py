"""What the registry has of each council, and whom a campaign's supporters would find."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from wtforms import StringField
from wtforms.validators import AnyOf, Optional

from app.actions.reach import Outcome, Reach, reached_by
from app.actions.readiness import warnings
from app.actions.search import fallback_targets, search_lists
from app.campaigns.find import UnknownCampaignError, campaign_called
from app.campaigns.models import Campaign, CampaignState
from app.delivery.returned import councils_covered
from app.roles import Permission
from app.targets.coverage import CouncilCoverage
from app.targets.freshness import day_of
from app.web.organise.door import blueprint
from app.web.organise.targets.frame import show
from app.web.organise.targets.words import lost_words, outcome_words
from app.web.organise.words import campaign_state_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

_KINDS = ("all", "without", "stale", "lost", "nobody")


class CoverageForm(FlaskForm):
    """Which councils to show; by GET, so without a token."""

    class Meta:
        """Reading needs no proof against forged requests."""

        csrf = False

    show = StringField(validators=[Optional(), AnyOf(_KINDS)])


@localized(blueprint, "/organise/targets/coverage", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def coverage() -> ResponseReturnValue:
    """Show what there is by council, and the way to each campaign's."""
    form = CoverageForm(request.args)
    asked = (form.show.data or "all") if form.validate() else "all"
    with platform().sessions.read() as session:
        rows = councils_covered(session, day_of(platform().clock()))
        campaigns = session.scalars(
            select(Campaign)
            .where(Campaign.state.not_in([CampaignState.CLOSED, CampaignState.WON]))
            .order_by(Campaign.slug)
            .options(selectinload(Campaign.pages))
        ).all()
        return show(
            "coverage",
            councils=[_council(row) for row in rows if _is(row, asked)],
            asked=asked,
            kinds=_kinds(rows),
            campaigns=[
                {
                    "url": url_for("organise.campaign_coverage", slug=one.slug),
                    "title": one.page_in(g.language).title,
                    "state": campaign_state_words(one.state),
                }
                for one in campaigns
            ],
        )


@localized(blueprint, "/organise/targets/coverage/councils/<code>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def council_coverage(code: str) -> ResponseReturnValue:
    """Show what there is of one council."""
    with platform().sessions.read() as session:
        rows = councils_covered(session, day_of(platform().clock()))
    found = next((row for row in rows if row.code == code), None)
    if found is None:
        abort(404)
    return show("council", council=found, lost=[(one, lost_words(one.why)) for one in found.lost])


@localized(blueprint, "/organise/targets/coverage/campaigns/<slug:slug>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def campaign_coverage(slug: str) -> ResponseReturnValue:
    """Show whom the supporters of a campaign would find, wherever they live."""
    with platform().sessions.read() as session:
        try:
            campaign = campaign_called(session, slug)
        except UnknownCampaignError:
            abort(404)
        reach = reached_by(session, campaign)
        return show(
            "campaign_coverage",
            title=campaign.page_in(g.language).title,
            reach=reach,
            outcomes=[] if reach is None else _outcomes(reach),
            listed=len(search_lists(session, campaign).reachable) if reach is None else 0,
            instead=len(fallback_targets(session, campaign)) if reach is None else 0,
            findings=warnings(session, campaign, day_of(platform().clock())),
        )


def _is(row: CouncilCoverage, kind: str) -> bool:
    """Whether a council is one of those that are asked for."""
    return {
        "without": row.with_email < row.councillors,
        "stale": row.stale,
        "lost": bool(row.lost or row.empty_wards),
        "nobody": row.seats == 0,
    }.get(kind, True)


def _kinds(rows: list[CouncilCoverage]) -> list[dict[str, Any]]:
    words = {
        "all": _("All"),
        "without": _("With councillors without an address"),
        "stale": _("Older than an election"),
        "lost": _("With wards or councillors that do not fit"),
        "nobody": _("Nobody is on a list"),
    }
    return [{"id": kind, "name": words[kind], "number": sum(_is(row, kind) for row in rows)} for kind in _KINDS]


def _council(row: CouncilCoverage) -> dict[str, Any]:
    return {
        "url": url_for("organise.council_coverage", code=row.code) if row.code else "",
        "row": row,
        "name": row.name or _("Their council is not known"),
        "lost": sum(one.number for one in row.lost),
    }


def _outcomes(reach: Reach) -> list[dict[str, Any]]:
    return [
        {"words": outcome_words(outcome), "number": reach.postcodes[outcome], "percent": _per_cent(reach, outcome)}
        for outcome in Outcome
        if reach.postcodes[outcome] or outcome in (Outcome.FOUND, Outcome.NOBODY)
    ]


def _per_cent(reach: Reach, outcome: Outcome) -> float:
    """The share; only all is 100, and only none is 0."""
    number, whole = reach.postcodes[outcome], reach.all
    if not whole:
        return 0.0
    rounded = round(100 * number / whole, 1)
    if number < whole:
        rounded = min(rounded, 99.9)
    return max(rounded, 0.1) if number else 0.0

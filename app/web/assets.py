"""The campaigns' colours as one small stylesheet: the security policy allows no style inside a page."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from app.campaigns.models import Campaign
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint


@blueprint.get("/colours.css")
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def colours() -> Response:
    """One class for each campaign that sets its colour; slugs and colours are checked where they are saved."""
    with platform().sessions.read() as session:
        rows = session.execute(select(Campaign.slug, Campaign.colour).order_by(Campaign.slug)).all()
    css = "".join(f".campaign-{slug}{{--campaign:{colour}}}\n" for slug, colour in rows)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response

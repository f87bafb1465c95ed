"""Stylesheets: the addresses of static files, and the campaigns' colours.

The security policy allows no style inside a page, so the colours have a stylesheet of their own.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response
from sqlalchemy import select

from app.campaigns.models import Campaign
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.public.pages import SHOWN_STATES


@blueprint.get("/colours.css")
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def colours() -> Response:
    """One class for each campaign that sets its colour; slugs and colours are checked where they are saved."""
    with platform().sessions.read() as session:
        rows = session.execute(
            select(Campaign.slug, Campaign.colour).where(Campaign.state.in_(SHOWN_STATES)).order_by(Campaign.slug)
        ).all()
    css = "".join(f".campaign-{slug}{{--campaign:{colour}}}\n" for slug, colour in rows)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def install(app: Flask) -> None:
    """Put a mark of each static file's content into its address, so that browsers may keep it for a year."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = _mark(folder / values["filename"])


@cache
def _mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

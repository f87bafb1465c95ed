"""What is kept about supporters, in words for them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.routing import localized


@localized(blueprint, "/privacy", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def privacy() -> ResponseReturnValue:
    """Say what is kept, why, who sees it, and for how long."""
    atlas = platform().config.atlas
    return render_template("public/privacy.html", postcode_service=atlas.service.called if atlas else None)

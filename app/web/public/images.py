"""Images of campaigns, from our own site: nobody else learns who looks at them."""

from __future__ import annotations

from flask import Response, abort

from app.campaigns.images import image_called
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint

FOR_A_YEAR = "public, max-age=31536000, immutable"
"""What an address shows never changes: it is the digest of its content."""


@blueprint.get("/images/<string(length=64):digest>")
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def image(digest: str) -> Response:
    """One width of a campaign's image."""
    with platform().sessions.read() as session:
        found = image_called(session, digest)
        if found is None:
            abort(404)
        response = Response(found.content, mimetype=found.content_type)
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response

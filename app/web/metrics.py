"""Where Prometheus asks how the house stands: for whoever holds the token of `METRICS_TOKEN`."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from app.delivery.figures import read_figures
from app.web.exposition import CONTENT_TYPE, exposition
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@policy(Access.TOKEN, Csrf.READ_ONLY)
def metrics() -> ResponseReturnValue:
    """Show the figures. Without a token in the settings there is no such page."""
    token = platform().config.metrics_token
    if token is None:
        abort(404)
    if not _shown(token):
        return Response("This needs the token.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    with platform().sessions.read() as session:
        figures = read_figures(session, platform().lane_rules, platform().clock())
    return Response(exposition(figures), content_type=CONTENT_TYPE)


def _shown(token: str) -> bool:
    """Whether the request shows the token (RFC 6750); how long the look takes tells nothing of it."""
    given = request.authorization
    if given is None or given.type != "bearer" or given.token is None:
        return False
    return compare_digest(given.token.encode(), token.encode())

"""Which program is there, by the token that it shows; no cookie counts, and no browser is asked to sign in."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from app.actions.throttle import ThrottledError
from app.roles import Permission, may
from app.staff.api_tokens import NOTED_EVERY, find_token, note_use
from app.staff.token_models import ApiToken, Scope
from app.web.api.problems import problem
from app.web.platform import platform
from app.web.policy import Policy

WINDOW = timedelta(minutes=1)

NEEDS = {Scope.REPORTS: Permission.STATISTICS, Scope.SUPPORTERS: Permission.SUPPORTERS}
"""What its owner must be allowed at the least, for each scope of a token; besides what it takes to have one."""


def guard(decision: Policy) -> ResponseReturnValue | None:
    """See `app.web.policy.Guard`: 401 without a good token, 403 without the scope, 429 when it asks too often."""
    text = _token()
    if text is None:
        return _challenge("Send a token: Authorization: Bearer <token>.", "")
    site = platform()
    now = site.clock()
    with site.sessions.read() as session:
        token = find_token(session, text, now)
    if token is None:
        return _challenge("The token is not good, or not any more.", ', error="invalid_token"')
    if decision.scope is None or not _opens(token, decision.scope):
        return problem(403, f"The token does not open this: it needs the scope {decision.scope}.")
    return _too_often(token)


def token_here() -> ApiToken:
    """The token that was shown; the route's policy has made sure that it is good."""
    token: ApiToken = g.api_token
    return token


def _token() -> str | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" and text.strip() else None


def _opens(token: ApiToken, scope: Scope) -> bool:
    """Whether the token has the scope, and its owner may still do themselves what it does."""
    role = token.member.role
    return scope in token.opens and may(role, Permission.CONNECTIONS) and may(role, NEEDS[scope])


def _too_often(token: ApiToken) -> Response | None:
    site = platform()
    now = site.clock()
    try:
        with site.sessions.write() as session:
            site.gate.refuse_beyond(session, f"api:{token.id}", WINDOW, site.config.limits.api_per_minute, now)
            if token.used_at is None or now - token.used_at >= NOTED_EVERY:
                note_use(session, token.id, now)
    except ThrottledError as error:
        seconds = max(1, int((error.again_at - now).total_seconds()))
        return problem(429, "The token has asked too often. Wait a little.", {"Retry-After": str(seconds)})
    g.api_token = token
    return None


def _challenge(detail: str, more: str) -> Response:
    return problem(401, detail, {"WWW-Authenticate": f'Bearer realm="api"{more}'})

"""Who may use a route, and how a forged request to it is stopped: a decision that every route must state.

A route without a `policy` does not run: `enforce` answers 500 in every environment, and a test names the route.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from app.roles import Permission
from app.staff.token_models import Scope

View = TypeVar("View", bound=Callable[..., object])


class Access(enum.StrEnum):
    """Who may use a route."""

    PUBLIC = "public"
    LINK = "link"
    """Whoever holds an unguessable link; the view reads its token."""
    SIGNED = "signed"
    """Whoever can sign the request's body; the view checks the signature."""
    TOKEN = "token"  # noqa: S105 - the name of a decision
    """Whoever holds the token of a setting; the view compares it."""
    DEVELOPMENT = "development"
    """Anybody, on a developer's machine; nobody in production, where the route does not exist."""
    STAFF = "staff"
    """Staff whose role has the permission that the route names."""
    HALF_WAY = "half_way"
    """Staff who have given their password and owe their second factor."""
    API = "api"
    """Programs that show a token (RFC 6750) with the scope that the route names. No cookie counts."""


class Csrf(enum.StrEnum):
    """How a request forged by another site is stopped."""

    READ_ONLY = "read_only"
    """The route takes GET only and changes nothing."""
    FORM = "form"
    """The view's form checks its own token, so that a stale one is an error beside everything typed."""
    TOKEN = "token"  # noqa: S105 - the name of a decision
    """The token is checked before the view runs."""
    SIGNATURE = "signature"
    """No browser's doing: the signature over the body is the proof, and no cookie counts."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A route's decision."""

    access: Access
    csrf: Csrf
    permission: Permission | None = None
    """What the role must have; for `Access.STAFF`, and only there."""
    fresh: bool = False
    """Whether they must have proved who they are a short while ago."""
    scope: Scope | None = None
    """What the token must open; for `Access.API`, and only there."""


Guard = Callable[[Policy], ResponseReturnValue | None]
"""Answers instead of a route when somebody may not use it; none lets them in."""

_POLICIES: dict[Callable[..., object], Policy] = {}
_READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def policy(
    access: Access,
    csrf: Csrf,
    permission: Permission | None = None,
    *,
    fresh: bool = False,
    scope: Scope | None = None,
) -> Callable[[View], View]:
    """State a view's decision. Put it directly above the view, below the route."""
    decision = Policy(access, csrf, permission, fresh, scope)
    if (permission is not None) != (access is Access.STAFF):
        raise TypeError("a route of staff's names its permission, and no other route does")
    if (scope is not None) != (access is Access.API):
        raise TypeError("a route of the API names its scope, and no other route does")

    def state(view: View) -> View:
        _POLICIES[view] = decision
        return view

    return state


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The decision that the endpoint's view states; Flask's own static files are public and read only."""
    if endpoint == "static":
        return Policy(Access.PUBLIC, Csrf.READ_ONLY)
    return _POLICIES.get(app.view_functions[endpoint])


def install(app: Flask, *, development: bool, guards: Mapping[Access, Guard]) -> None:
    """Enforce the decisions of all routes of `app`; `guards` know who is there, for each kind that must be known."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # A letter may take hours to write; the token lives as long as the browser's session.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # Browsers that hide where they come from may write too; the token is what stops a forged request.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    protection = CSRFProtect(app)

    @app.before_request
    def enforce() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        decision = policy_of(current_app, request.endpoint)
        if decision is None:
            abort(500, f"{request.endpoint} states no policy")
        if decision.access is Access.DEVELOPMENT and not development:
            abort(404)
        guard = guards.get(decision.access)
        if guard is not None and (refusal := guard(decision)) is not None:
            return refusal
        if request.method not in _READ_METHODS:
            if decision.csrf is Csrf.READ_ONLY:
                abort(405)
            if decision.csrf is Csrf.TOKEN:
                protection.protect()
        return None

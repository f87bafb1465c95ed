"""Who of staff is there, by the cookie of their browser, and who is turned away.

The cookie's token stands for a row; nothing that the browser could change says who somebody is or what they may do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.i18n import LANGUAGES
from app.roles import Permission, may
from app.staff.models import StaffMember, StaffSession
from app.staff.sessions import NOTED_EVERY, find
from app.staff.sign_in import Caller
from app.web.platform import platform
from app.web.policy import Access, Policy

blueprint = Blueprint("organise", __name__)

FRESH = timedelta(minutes=20)
"""How long a proof of who somebody is counts for what matters."""
FRESH_WHILE_TYPING = timedelta(hours=1)
"""The same for what is sent from a page that was opened in time: nothing typed shall be lost."""

_SEEN = "staff_session"


def guard(decision: Policy) -> ResponseReturnValue | None:
    """See `app.web.policy.Guard`: strangers sign in first, roles without the permission get 403."""
    row = session_here()
    if decision.access is Access.HALF_WAY:
        return None if row is not None and row.owes_factor else _to("organise.sign_in")
    if row is None or row.owes_factor:
        return _to("organise.sign_in", next=_page_to_return_to())
    if decision.permission is None or not may(row.member.role, decision.permission):
        abort(403)
    if decision.permission is not Permission.ACCOUNT and owes_second_factor(row.member):
        return _to("organise.second_factor")
    if decision.fresh and not _is_fresh(row):
        return _to("organise.again", next=_page_to_return_to())
    return None


def session_here() -> StaffSession | None:
    """The session of the browser that asks, if it is one; looked up once for each request."""
    if _SEEN not in g:
        g.staff_session = _find()
    row: StaffSession | None = g.staff_session
    return row


def here() -> StaffSession:
    """The session of the browser that asks; the route's policy has made sure that there is one."""
    row = session_here()
    if row is None:
        abort(403)
    return row


def me() -> StaffMember:
    """The member who asks, as they were when the request came."""
    return here().member


def who_is_there() -> StaffMember | None:
    """The member who has signed in, for the head of the page; only on staff's own pages."""
    if request.blueprint != blueprint.name:
        return None
    row = session_here()
    return None if row is None or row.owes_factor else row.member


def owes_second_factor(member: StaffMember) -> bool:
    """Whether the member's role asks for a second factor, and they have none."""
    return member.role in platform().config.second_factor and not member.has_second_factor


def caller() -> Caller:
    """Where the request comes from."""
    return Caller(request.remote_addr or "", request.user_agent.string)


def let_in(token: str, address: str) -> ResponseReturnValue:
    """Lead somebody on, with the cookie of their session. What the browser held before counts no more."""
    session.clear()
    response = make_response(redirect(address, 303))
    secure = not platform().config.development
    response.set_cookie(_cookie_name(), token, httponly=True, secure=secure, samesite="Lax", path="/")
    return response


def show_out(address: str) -> ResponseReturnValue:
    """Lead somebody on without the cookie, and without what the builder kept in their browser of what they typed."""
    session.clear()
    response: Response = make_response(redirect(address, 303))
    secure = not platform().config.development
    response.delete_cookie(_cookie_name(), httponly=True, secure=secure, samesite="Lax", path="/")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def ring(delivery_id: int | None) -> None:
    """Wake the worker for a mail that was queued, if one was."""
    if delivery_id is not None:
        platform().doorbell.ring(delivery_id)


def way_on(given: str | None) -> str:
    """Where to go after signing in: a page of staff's that was asked for, or the first one."""
    path = given or ""
    parts = urlsplit(path)
    first, *rest = path.removeprefix("/").split("/")
    room = rest[0] if first in LANGUAGES and rest else first
    plain = not (parts.scheme or parts.netloc or "\\" in path) and path.startswith("/") and room == "organise"
    return path if plain and path.isprintable() else url_for("organise.home")


def _find() -> StaffSession | None:
    token = request.cookies.get(_cookie_name())
    if not token:
        return None
    site = platform()
    now = site.clock()
    with site.sessions.read() as rows:
        row = find(rows, token, now)
    if row is not None and now - row.seen_at >= NOTED_EVERY:
        with site.sessions.write() as rows:
            fresh = rows.get(StaffSession, row.id)
            if fresh is not None:
                fresh.seen_at = now
    return row


def _cookie_name() -> str:
    return "staff" if platform().config.development else "__Host-staff"


def _is_fresh(row: StaffSession) -> bool:
    allowed = FRESH if request.method == "GET" else FRESH_WHILE_TYPING
    return platform().clock() - row.proved_at < allowed


def _to(endpoint: str, **values: Any) -> ResponseReturnValue:
    return redirect(url_for(endpoint, **values), 303)


def _page_to_return_to() -> str:
    """The page that is asked for; for a button's address the page that the button stands on.

    What an address asks for besides, as which letters a decision is about, is asked for again.
    """
    path, asked = request.path, request.query_string.decode("ascii", "replace")
    adapter = current_app.url_map.bind("")
    while path.count("/") > 1:
        try:
            adapter.match(path, method="GET")
        except RequestRedirect:
            break
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return f"{path}?{asked}" if asked and path == request.path else path
    return url_for("organise.home")

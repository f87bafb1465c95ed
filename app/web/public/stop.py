"""Taking back that the organisers may write: from a supporter's own page, or by the link of their thank-you mail."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.actions.consent import may_write, take_back
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.public.links import action_of_own_token, link_problem
from app.web.public.pages import view_of
from app.web.routing import localized


@localized(blueprint, "/letters/<token>/stop", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def stop(token: str) -> ResponseReturnValue:
    """Say what taking it back means, and show the button; or that it is done."""
    with platform().sessions.read() as session:
        action = action_of_own_token(session, token)
        if action is None:
            return link_problem("forged")
        return render_template(
            "public/stop.html",
            campaign=view_of(action.campaign),
            may_write=may_write(session, action.supporter_id),
            own_url=url_for("public.own", token=token),
        )


@localized(blueprint, "/letters/<token>/stop", methods=["POST"])
@policy(Access.LINK, Csrf.TOKEN)
def stop_now(token: str) -> ResponseReturnValue:
    """Take it back; pressing again does nothing."""
    site = platform()
    with site.sessions.write() as session:
        action = action_of_own_token(session, token)
        if action is None:
            return link_problem("forged")
        take_back(session, action, _("Stop writing to me"), site.clock())
    return redirect(url_for("public.stop", token=token), 303)

"""A complete draft that nobody needs: asked about once, and thrown away."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.roles import Permission
from app.running.disposal import NotDisposableError, may_be_thrown_away, throw_away
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, me
from app.web.organise.running import refused_move, run_page
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/throw-away", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def discard(slug: str) -> ResponseReturnValue:
    """Say what would be gone; where it has to stay, show how it stands."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        if not may_be_thrown_away(session, campaign):
            return run_page(session, campaign)
        return render_template("organise/discard.html", campaign=head_of(campaign))


@localized(blueprint, "/organise/campaigns/<slug:slug>/run/throw-away", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def discard_now(slug: str) -> ResponseReturnValue:
    """Throw it away."""
    site = platform()
    try:
        with site.sessions.write() as session:
            throw_away(session, campaign_here(session, slug), me().id, site.clock())
    except NotDisposableError:
        return refused_move(slug, _("It cannot be thrown away any more. This is how it stands now."))
    return redirect(url_for("organise.campaigns", gone=1), 303)

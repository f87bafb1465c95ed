"""Whoever reads a target's address says that it is the right one. Opening the page changes nothing."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.actions.links import ForgedLinkError
from app.delivery.release import release_verified
from app.registrar.address_checks import check_of_link, confirm
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.routing import localized

GONE = 410


@localized(blueprint, "/address/<token>", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def address(token: str) -> ResponseReturnValue:
    """Show whose address it is said to be, and a button."""
    site = platform()
    try:
        public_id = site.links.read_address_token(token)
    except ForgedLinkError:
        return _gone()
    with site.sessions.read() as session:
        check = check_of_link(session, public_id, site.clock())
        if check is None:
            return _gone()
        return render_template("public/address.html", target=check.target, email=check.email)


@localized(blueprint, "/address/<token>", methods=["POST"])
@policy(Access.LINK, Csrf.TOKEN)
def address_now(token: str) -> ResponseReturnValue:
    """Keep that the address is right, and let go the letters that waited for it."""
    site = platform()
    try:
        public_id = site.links.read_address_token(token)
    except ForgedLinkError:
        return _gone()
    with site.sessions.write() as session:
        target = confirm(session, public_id, site.clock())
        released = [] if target is None else release_verified(session, target.id, site.clock())
    if target is None:
        return _gone()
    if released:
        site.doorbell.ring(released[0])
    return render_template("public/address_thanks.html")


def _gone() -> ResponseReturnValue:
    """Say kindly that the link leads nowhere, whatever the reason."""
    return render_template("public/address_gone.html"), GONE

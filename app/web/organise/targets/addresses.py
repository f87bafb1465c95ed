"""Verifying one target's address: by a note of how it was checked, or by a mail that is answered."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.delivery.release import release_verified
from app.registrar.address_checks import CannotAskError, WrongCodeError, ask, give_code, waiting_check
from app.roles import Permission
from app.targets.by_key import target_by_id_to_change
from app.targets.models import Target
from app.targets.verify import NothingToVerifyError
from app.web.organise.door import blueprint, ring
from app.web.organise.targets.forms import AddressCodeForm, HowForm
from app.web.organise.targets.frame import refused, registrar, show, target_or_404
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized


@localized(blueprint, "/organise/targets/<int:target_id>/verify", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def verify_target(target_id: int) -> ResponseReturnValue:
    """Show the ways to verify an address."""
    with platform().sessions.read() as session:
        return show("verify", **_ways(session, target_or_404(session, target_id)))


@localized(blueprint, "/organise/targets/<int:target_id>/verify", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def verify_target_now(target_id: int) -> ResponseReturnValue:
    """Keep how it was checked, and let go the letters that waited for it."""
    form, site, problem = HowForm(request.form), platform(), None
    if form.validate():
        try:
            with site.sessions.write() as session:
                of = _to_change(session, target_id)
                registrar(session).verify(of, form.how.data or "")
                released = release_verified(session, of.id, site.clock())
        except NothingToVerifyError:
            problem = _("There is no address to verify.")
        else:
            return _done(target_id, released)
    with site.sessions.read() as session:
        return refused("verify", form, problem, **_ways(session, target_or_404(session, target_id), how=form))


@localized(blueprint, "/organise/targets/<int:target_id>/mail-code", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.TARGETS)
def mail_code(target_id: int) -> ResponseReturnValue:
    """Mail a code to the address."""
    site = platform()
    try:
        with site.sessions.write() as session:
            delivery_id = ask(registrar(session), _to_change(session, target_id))
    except CannotAskError:
        with site.sessions.read() as session:
            form = HowForm(formdata=None)
            problem = _("No more mails can be sent to this address today.")
            return refused("verify", form, problem, **_ways(session, target_or_404(session, target_id), how=form))
    ring(delivery_id)
    return redirect(url_for("organise.verify_target", target_id=target_id), 303)


@localized(blueprint, "/organise/targets/<int:target_id>/code", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def give_address_code(target_id: int) -> ResponseReturnValue:
    """Compare the code that somebody at the address has told."""
    form, site = AddressCodeForm(request.form), platform()
    if form.validate():
        try:
            with site.sessions.write() as session:
                of = _to_change(session, target_id)
                right = give_code(registrar(session), site.links, of, form.code.data or "")
                released = release_verified(session, of.id, site.clock()) if right else []
        except WrongCodeError:
            right = False
            add_error(form.code, _("No code is waited for any more. Please send a new one."))
        else:
            if right:
                return _done(target_id, released)
            add_error(form.code, _("This is not the code of the last mail."))
    with site.sessions.read() as session:
        return refused("verify", form, **_ways(session, target_or_404(session, target_id), code=form))


def _done(target_id: int, released: list[int]) -> ResponseReturnValue:
    ring(released[0] if released else None)
    return redirect(url_for("organise.target", target_id=target_id), 303)


def _to_change(session: Session, target_id: int) -> Target:
    return target_by_id_to_change(session, target_or_404(session, target_id).id)


def _ways(
    session: Session, of: Target, *, how: HowForm | None = None, code: AddressCodeForm | None = None
) -> dict[str, Any]:
    return {
        "target": of,
        "how": how or HowForm(formdata=None),
        "code": code or AddressCodeForm(formdata=None),
        "asked": waiting_check(session, of, platform().clock()),
        "reaches_people": platform().transport.reaches_people,
    }

"""Addresses that must not be mailed. An address is never part of a page's own address: it is sought by a button."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.delivery.models import Suppression
from app.delivery.suppression_desk import add, lift, number_suppressed, suppressed, suppression_of
from app.roles import Permission
from app.web.organise.door import blueprint, me
from app.web.organise.targets.forms import AddressForm, LiftForm, SoughtForm, SuppressForm
from app.web.organise.targets.frame import A_PAGE, LARGEST_ID, Pages, refused, show
from app.web.organise.targets.words import suppression_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized


@localized(blueprint, "/organise/targets/not-mailed", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def suppressions() -> ResponseReturnValue:
    """Show them, newest first; those of no target stay unnamed."""
    with platform().sessions.read() as session:
        return show("suppressions", form=AddressForm(formdata=None), **_listed(session))


@localized(blueprint, "/organise/targets/not-mailed/find", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def find_suppression() -> ResponseReturnValue:
    """Say whether an address must not be mailed, and why."""
    form = AddressForm(request.form)
    with platform().sessions.read() as session:
        if not form.validate():
            return refused("suppressions", form, **_listed(session))
        row = suppression_of(session, form.address.data or "")
        if row is None:
            return show("suppressions", form=form, clear=form.address.data, **_listed(session))
        return show("suppression", form=LiftForm(formdata=None), one=_shown(row, form.address.data or ""))


@localized(blueprint, "/organise/targets/not-mailed/<int:suppression_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def suppression(suppression_id: int) -> ResponseReturnValue:
    """Show one, and ask why it is lifted."""
    with platform().sessions.read() as session:
        row = _row(session, suppression_id)
        if row is None:
            return redirect(url_for("organise.suppressions"), 303)
        return show("suppression", form=LiftForm(formdata=None), one=_shown(row, ""))


@localized(blueprint, "/organise/targets/not-mailed/<int:suppression_id>/lift", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def lift_suppression(suppression_id: int) -> ResponseReturnValue:
    """Let the address be mailed again."""
    form, site = LiftForm(request.form), platform()
    if not form.validate():
        with site.sessions.read() as session:
            row = _row(session, suppression_id)
            if row is None:
                return redirect(url_for("organise.suppressions"), 303)
            return refused("suppression", form, one=_shown(row, ""))
    if suppression_id <= LARGEST_ID:
        with site.sessions.write() as session:
            lift(session, me().id, suppression_id, form.why.data or "", site.clock())
    return redirect(url_for("organise.suppressions"), 303)


@localized(blueprint, "/organise/targets/not-mailed/add", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def add_suppression() -> ResponseReturnValue:
    """Ask which address is not to be mailed any more, and why."""
    return show("suppress", form=SuppressForm(formdata=None))


@localized(blueprint, "/organise/targets/not-mailed/add", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def add_suppression_now() -> ResponseReturnValue:
    """Mail it no more."""
    form, site = SuppressForm(request.form), platform()
    if not form.validate():
        return refused("suppress", form)
    with site.sessions.write() as session:
        new = add(session, me().id, form.address.data or "", form.why.data or "", site.clock())
    if not new:
        add_error(form.address, _("This address is not mailed already."))
        return refused("suppress", form)
    return redirect(url_for("organise.suppressions"), 303)


def _listed(session: Session) -> dict[str, Any]:
    form = SoughtForm(request.args)
    number = form.page.data or 1 if form.validate() else 1
    pages = Pages(number, number_suppressed(session))
    found = suppressed(session, offset=pages.offset, limit=A_PAGE)
    return {"pages": pages, "rows": [_shown(one.row, one.address) for one in found]}


def _row(session: Session, suppression_id: int) -> Suppression | None:
    return session.get(Suppression, suppression_id) if suppression_id <= LARGEST_ID else None


def _shown(row: Suppression, address: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": url_for("organise.suppression", suppression_id=row.id),
        "address": address,
        "reason": suppression_words(row.reason),
        "why": row.why,
        "at": row.at,
        "delivery_id": row.delivery_id,
    }

"""One's own second factor: an authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

import segno
from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.roles import Permission
from app.staff.account import Account
from app.staff.models import StaffMember
from app.staff.second_factor import address_of, is_secret, new_secret, recovery_codes_left
from app.web.organise.door import blueprint, me, owes_second_factor, ring
from app.web.organise.forms import AppForm
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized

_GROUP = 4


@localized(blueprint, "/organise/account/second-factor", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.ACCOUNT, fresh=True)
def second_factor() -> ResponseReturnValue:
    """Show how to add an app, and what there is already."""
    return _page(AppForm(formdata=None), new_secret())


@localized(blueprint, "/organise/account/second-factor", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.ACCOUNT, fresh=True)
def add_second_factor() -> ResponseReturnValue:
    """Take the app on once it has shown a right code, and show the recovery codes."""
    form, site = AppForm(request.form), platform()
    secret = form.secret.data or ""
    if not is_secret(secret):
        abort(400)
    if not form.validate():
        note_stale(form)
        return _page(form, secret), UNPROCESSABLE
    with site.sessions.write() as session:
        member = session.get_one(StaffMember, me().id)
        added = Account(session, member, site.clock()).add_second_factor(
            site.config.field_keys, secret, form.code.data or ""
        )
    if added is None:
        form.code.data = ""
        add_error(form.code, _("This code is not right. Does the clock of your phone go right? Try the next code."))
        return _page(form, secret), UNPROCESSABLE
    codes, delivery_id = added
    ring(delivery_id)
    return render_template("organise/recovery_codes.html", codes=codes)


@localized(blueprint, "/organise/account/second-factor/remove", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT, fresh=True)
def remove_second_factor() -> ResponseReturnValue:
    """Do without one; refused where the role asks for it."""
    site, member = platform(), me()
    if member.role in site.config.second_factor:
        abort(403)
    with site.sessions.write() as session:
        delivery_id = Account(session, session.get_one(StaffMember, member.id), site.clock()).remove_second_factor()
    ring(delivery_id)
    return redirect(url_for("organise.account"), 303)


@localized(blueprint, "/organise/account/recovery-codes", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT, fresh=True)
def renew_codes() -> ResponseReturnValue:
    """Show fresh recovery codes, once."""
    site, member = platform(), me()
    if member.totp_secret is None:
        abort(404)
    with site.sessions.write() as session:
        account = Account(session, session.get_one(StaffMember, member.id), site.clock())
        codes = account.renew_codes(site.config.field_keys)
    return render_template("organise/recovery_codes.html", codes=codes)


def _page(form: AppForm, secret: str) -> str:
    member, site = me(), platform()
    address = address_of(secret, member.email, site.config.organisation)
    with site.sessions.read() as session:
        codes_left = recovery_codes_left(session, member.id)
    return render_template(
        "organise/second_factor.html",
        form=form,
        secret=secret,
        spelled=" ".join(secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP)),
        address=address,
        picture=Markup(segno.make(address, error="m").svg_inline(light="#fff", omitsize=True)),  # noqa: S704 - our own drawing
        has_one=member.totp_secret is not None,
        owes=owes_second_factor(member),
        required=member.role in site.config.second_factor,
        codes_left=codes_left,
    )

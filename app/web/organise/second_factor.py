"""One's own second factor: an authenticator app, passkeys, and recovery codes for when they are lost."""

from __future__ import annotations

import segno
from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.roles import Permission
from app.staff.account import Account, Added
from app.staff.models import StaffMember
from app.staff.passkeys import ask_for_new
from app.staff.second_factor import address_of, is_secret, new_secret, recovery_codes_left
from app.web.headers import with_our_script
from app.web.organise.door import blueprint, here, me, owes_second_factor, ring
from app.web.organise.forms import AppForm, PasskeyForm
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized

_GROUP = 4


@localized(blueprint, "/organise/account/second-factor", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.ACCOUNT, fresh=True)
def second_factor() -> ResponseReturnValue:
    """Show how to add an app or a passkey, and what there is already."""
    return _page(AppForm(formdata=None), PasskeyForm(formdata=None), new_secret())


@localized(blueprint, "/organise/account/second-factor", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.ACCOUNT, fresh=True)
def add_app() -> ResponseReturnValue:
    """Take the app on once it has shown a right code, and show the recovery codes."""
    form, site = AppForm(request.form), platform()
    secret = form.secret.data or ""
    if not is_secret(secret):
        abort(400)
    if not form.validate():
        note_stale(form)
        return _page(form, PasskeyForm(formdata=None), secret, UNPROCESSABLE)
    with site.sessions.write() as session:
        added = _account(session).add_app(site.config.field_keys, secret, form.code.data or "")
    if added is None:
        form.code.data = ""
        add_error(form.code, _("This code is not right. Does the clock of your phone go right? Try the next code."))
        return _page(form, PasskeyForm(formdata=None), secret, UNPROCESSABLE)
    return _show(added)


@localized(blueprint, "/organise/account/passkeys", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.ACCOUNT, fresh=True)
def add_passkey() -> ResponseReturnValue:
    """Take a passkey on once it has answered; with the first second factor show recovery codes."""
    form, site = PasskeyForm(request.form), platform()
    if not form.validate():
        note_stale(form)
        return _page(AppForm(formdata=None), form, new_secret(), UNPROCESSABLE)
    with site.sessions.write() as session:
        added = _account(session).add_passkey(site.relying_party, form.answer(here().id), form.name.data or "")
    if added is None:
        add_error(form.name, _("This did not work. Please try again."))
        return _page(AppForm(formdata=None), form, new_secret(), UNPROCESSABLE)
    return _show(added)


@localized(blueprint, "/organise/account/second-factor/remove", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT, fresh=True)
def remove_app() -> ResponseReturnValue:
    """Do without the app; refused where the role asks for a second factor and there is no other."""
    with platform().sessions.write() as session:
        account = _account(session)
        _keep_one(bool(account.member.passkeys))
        delivery_id = account.remove_app()
    ring(delivery_id)
    return redirect(url_for("organise.account"), 303)


@localized(blueprint, "/organise/account/passkeys/<int:passkey_id>/remove", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT, fresh=True)
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Do without one of one's own passkeys; refused where it is the last second factor and the role asks for one."""
    with platform().sessions.write() as session:
        account = _account(session)
        member = account.member
        passkey = next((one for one in member.passkeys if one.id == passkey_id), None)
        if passkey is None:
            abort(404)
        _keep_one(member.totp_secret is not None or len(member.passkeys) > 1)
        delivery_id = account.remove_passkey(passkey)
    ring(delivery_id)
    return redirect(url_for("organise.account"), 303)


@localized(blueprint, "/organise/account/recovery-codes", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT, fresh=True)
def renew_codes() -> ResponseReturnValue:
    """Show fresh recovery codes, once."""
    if not me().has_second_factor:
        abort(404)
    with platform().sessions.write() as session:
        codes = _account(session).renew_codes(platform().config.field_keys)
    return render_template("organise/recovery_codes.html", codes=codes)


def _account(session: Session) -> Account:
    return Account(session, session.get_one(StaffMember, me().id), platform().clock())


def _keep_one(another: bool) -> None:  # noqa: FBT001 - a yes or no
    if not another and me().role in platform().config.second_factor:
        abort(403)


def _show(added: Added) -> ResponseReturnValue:
    ring(added.delivery_id)
    if added.codes:
        return render_template("organise/recovery_codes.html", codes=added.codes)
    return redirect(url_for("organise.account"), 303)


def _page(form: AppForm, passkey_form: PasskeyForm, secret: str, status: int = 200) -> ResponseReturnValue:
    member, site = me(), platform()
    address = address_of(secret, member.email, site.config.organisation)
    question = ask_for_new(site.relying_party, member, here().id, site.clock())
    passkey_form.challenge.data = question.challenge
    with site.sessions.read() as session:
        codes_left = recovery_codes_left(session, member.id)
    page = render_template(
        "organise/second_factor.html",
        form=form,
        passkey_form=passkey_form,
        options=question.options,
        secret=secret,
        spelled=" ".join(secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP)),
        address=address,
        picture=Markup(segno.make(address, error="m").svg_inline(light="#fff", omitsize=True)),  # noqa: S704 - our own drawing
        member=member,
        owes=owes_second_factor(member),
        required=member.role in site.config.second_factor,
        codes_left=codes_left,
    )
    return with_our_script(page, status)

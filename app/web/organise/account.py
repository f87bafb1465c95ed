"""One's own account: password and browsers."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.roles import Permission
from app.staff.account import Account
from app.staff.digests import gets_digest, switch_digest
from app.staff.models import StaffMember
from app.staff.second_factor import recovery_codes_left
from app.staff.sessions import sessions_of
from app.web.organise.door import blueprint, here, me, ring
from app.web.organise.forms import ChangePasswordForm
from app.web.organise.people import LARGEST_ID
from app.web.organise.sign_in import refuse
from app.web.organise.words import browser_words, role_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/account", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.ACCOUNT)
def account() -> ResponseReturnValue:
    """Show how one signs in, and where one is signed in."""
    site, member = platform(), me()
    with site.sessions.read() as session:
        rows = sessions_of(session, member.id, site.clock())
        codes_left = recovery_codes_left(session, member.id)
    return render_template(
        "organise/account.html",
        member=member,
        role=role_words(member.role),
        browsers=[
            {"id": row.id, "name": browser_words(row.browser), "begun_at": row.begun_at, "seen_at": row.seen_at}
            for row in rows
        ],
        here_id=here().id,
        codes_left=codes_left,
        digest=gets_digest(member),
    )


@localized(blueprint, "/organise/account/digest", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT)
def switch_weekly_mail() -> ResponseReturnValue:
    """Switch the weekly mail on or off."""
    site = platform()
    with site.sessions.write() as session:
        member = session.get_one(StaffMember, me().id)
        switch_digest(session, member, on=request.form.get("wanted") == "yes", now=site.clock())
    return redirect(url_for("organise.account"), 303)


@localized(blueprint, "/organise/account/password", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.ACCOUNT, fresh=True)
def change_password() -> ResponseReturnValue:
    """Ask for a new password."""
    return render_template("organise/change_password.html", form=ChangePasswordForm(formdata=None))


@localized(blueprint, "/organise/account/password", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.ACCOUNT, fresh=True)
def change_password_now() -> ResponseReturnValue:
    """Set it, and sign out everywhere else."""
    form, site, row = ChangePasswordForm(request.form), platform(), here()
    if not form.suits([row.member.name, row.member.email]):
        return refuse("change_password", form)
    stored = site.passwords.store(form.password.data or "")
    with site.sessions.write() as session:
        member = session.get_one(StaffMember, row.member_id)
        delivery_id = Account(session, member, site.clock()).change_password(stored, row.id)
    ring(delivery_id)
    return redirect(url_for("organise.account"), 303)


@localized(blueprint, "/organise/account/sign-out-elsewhere", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT)
def sign_out_elsewhere() -> ResponseReturnValue:
    """Sign out in every browser but this one."""
    site, row = platform(), here()
    with site.sessions.write() as session:
        Account(session, session.get_one(StaffMember, row.member_id), site.clock()).sign_out_elsewhere(row.id)
    return redirect(url_for("organise.account"), 303)


@localized(blueprint, "/organise/account/browsers/<int:session_id>/sign-out", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT)
def sign_out_there(session_id: int) -> ResponseReturnValue:
    """Sign out in one browser of one's own; of anybody else's nothing happens."""
    if session_id > LARGEST_ID:
        abort(404)
    site, row = platform(), here()
    with site.sessions.write() as session:
        Account(session, session.get_one(StaffMember, row.member_id), site.clock()).sign_out(session_id)
    return redirect(url_for("organise.account"), 303)

"""Signing in and out, proving it once more, and the way back for who has forgotten their password."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.actions.throttle import ThrottledError
from app.roles import Permission
from app.staff.account import Account
from app.staff.models import StaffMember
from app.web.organise.door import blueprint, caller, here, let_in, ring, session_here, show_out, way_on
from app.web.organise.forms import AgainForm, ForgottenForm, SignInForm
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

UNPROCESSABLE = 422
TOO_MANY = 429


@localized(blueprint, "/organise/sign-in", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def sign_in() -> ResponseReturnValue:
    """Ask for address and password; who has signed in is led on."""
    row = session_here()
    if row is not None and not row.owes_factor:
        return redirect(way_on(request.args.get("next")), 303)
    return _page("sign_in", SignInForm(formdata=None))


@localized(blueprint, "/organise/sign-in", methods=["POST"])
@policy(Access.PUBLIC, Csrf.FORM)
def sign_in_now() -> ResponseReturnValue:
    """Compare them. Whatever is wrong, the answer is the same."""
    form = SignInForm(request.form)
    if not form.validate():
        return refuse("sign_in", form)
    site = platform()
    try:
        entered = site.porter.sign_in(form.email.data or "", form.password.data or "", caller(), site.clock())
    except ThrottledError as throttled:
        return refuse("sign_in", form, later(throttled), TOO_MANY)
    if entered is None:
        return refuse("sign_in", form, _wrong())
    asked_for = request.args.get("next")
    if entered.owes_factor:
        return let_in(entered.token, url_for("organise.second_step", next=asked_for))
    return let_in(entered.token, way_on(asked_for))


@localized(blueprint, "/organise/again", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.ACCOUNT)
def again() -> ResponseReturnValue:
    """Ask for the password once more before something that matters."""
    return _page("again", AgainForm(formdata=None))


@localized(blueprint, "/organise/again", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.ACCOUNT)
def again_now() -> ResponseReturnValue:
    """Compare it."""
    form = AgainForm(request.form)
    if not form.validate():
        return refuse("again", form)
    site = platform()
    try:
        right = site.porter.prove_again(here().id, form.password.data or "", caller(), site.clock())
    except ThrottledError as throttled:
        return refuse("again", form, later(throttled), TOO_MANY)
    if not right:
        return refuse("again", form, _("This password is not right."))
    return redirect(way_on(request.args.get("next")), 303)


@localized(blueprint, "/organise/sign-out", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    site, row = platform(), here()
    with site.sessions.write() as session:
        Account(session, session.get_one(StaffMember, row.member_id), site.clock()).sign_out(row.id)
    return show_out(url_for("organise.sign_in"))


@localized(blueprint, "/organise/forgotten", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def forgotten() -> ResponseReturnValue:
    """Ask whose password is forgotten."""
    return _page("forgotten", ForgottenForm(formdata=None))


@localized(blueprint, "/organise/forgotten", methods=["POST"])
@policy(Access.PUBLIC, Csrf.FORM)
def forgotten_now() -> ResponseReturnValue:
    """Mail a link, if it is somebody's address; the page is the same either way."""
    form = ForgottenForm(request.form)
    if not form.validate():
        return refuse("forgotten", form)
    site = platform()
    try:
        ring(site.porter.forgot(form.email.data or "", caller(), site.clock()))
    except ThrottledError as throttled:
        return refuse("forgotten", form, later(throttled), TOO_MANY)
    return redirect(url_for("organise.mailed"), 303)


@localized(blueprint, "/organise/forgotten/mailed", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def mailed() -> ResponseReturnValue:
    """Say where to look now; the same for everybody."""
    return render_template("organise/mailed.html")


def refuse(
    page: str, form: FlaskForm, problem: str | None = None, status: int = UNPROCESSABLE, **shown: object
) -> ResponseReturnValue:
    """The page once more with what is wrong, all that was typed still there but passwords."""
    note_stale(form)
    if problem:
        form.form_errors.append(problem)
    return _page(page, form, **shown), status


def note_stale(form: FlaskForm) -> None:
    """A stale token is nobody's mistake and has no field; the page that is shown carries a fresh one."""
    if form.csrf_token.errors:
        form.csrf_token.errors = ()
        form.form_errors.append(
            _("Please press the button once more. If you see this again, allow cookies for this site.")
        )


def later(throttled: ThrottledError) -> str:
    """When one may try again."""
    time = format_time(throttled.again_at, "short")
    return _("There were too many tries. Please try again after %(time)s.", time=time)


def _page(page: str, form: FlaskForm, **shown: object) -> str:
    return render_template(f"organise/{page}.html", form=form, **shown)


def _wrong() -> str:
    return _("Address and password do not belong together, or the account is locked for a while after too many tries.")

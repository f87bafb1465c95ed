"""The second factor, after the password: a code, a passkey, or a recovery code."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.actions.throttle import ThrottledError
from app.staff.passkeys import ask_for_known
from app.web.headers import with_our_script
from app.web.organise.door import blueprint, caller, here, let_in, me, way_on
from app.web.organise.forms import AnswerForm, CodeForm
from app.web.organise.sign_in import TOO_MANY, UNPROCESSABLE, later, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/second-step", methods=["GET"])
@policy(Access.HALF_WAY, Csrf.READ_ONLY)
def second_step() -> ResponseReturnValue:
    """Ask for the second factor."""
    return _page(CodeForm(formdata=None))


@localized(blueprint, "/organise/second-step", methods=["POST"])
@policy(Access.HALF_WAY, Csrf.FORM)
def give_code() -> ResponseReturnValue:
    """Take a code of the app, or a recovery code."""
    form, site = CodeForm(request.form), platform()
    if not form.validate():
        return _refuse(form)
    try:
        token = site.porter.give_code(here().id, form.code.data or "", caller(), site.clock())
    except ThrottledError as throttled:
        return _refuse(form, later(throttled), TOO_MANY)
    if token is None:
        form.code.data = ""
        return _refuse(form, _("This code is not right, or was used before. The app shows a new one soon."))
    return let_in(token, way_on(request.args.get("next")))


@localized(blueprint, "/organise/second-step/passkey", methods=["POST"])
@policy(Access.HALF_WAY, Csrf.FORM)
def give_passkey() -> ResponseReturnValue:
    """Take a passkey's answer."""
    form, site = AnswerForm(request.form), platform()
    if not form.validate():
        return _refuse(form)
    try:
        token = site.porter.give_passkey(site.relying_party, form.answer(here().id), caller(), site.clock())
    except ThrottledError as throttled:
        return _refuse(form, later(throttled), TOO_MANY)
    if token is None:
        return _refuse(
            form, _("This passkey is not one of yours, or the page was open for too long. Please try again.")
        )
    return let_in(token, way_on(request.args.get("next")))


def _refuse(form: FlaskForm, problem: str | None = None, status: int = UNPROCESSABLE) -> ResponseReturnValue:
    note_stale(form)
    if problem:
        form.form_errors.append(problem)
    return _page(form, status)


def _page(form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    """Both ways on one page, with what was wrong in one of them."""
    site, member = platform(), me()
    question = ask_for_known(site.relying_party, member, here().id, site.clock())
    page = render_template(
        "organise/second_step.html",
        form=form,
        code_form=form if isinstance(form, CodeForm) else CodeForm(formdata=None),
        question=question if member.passkeys else None,
    )
    return with_our_script(page, status)

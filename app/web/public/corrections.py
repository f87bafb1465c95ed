"""Telling us that what we have of a target is wrong: a short form, and thanks. A person looks at it later."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, Optional

from app.actions.throttle import ThrottledError
from app.targets.correction_models import CorrectionKind
from app.targets.corrections import LONGEST_WORDS, report
from app.targets.models import Target
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.public.forms import at_most, readable, strip
from app.web.public.pages import recipient_view
from app.web.public.refused import TOO_MANY, UNPROCESSABLE, press_again, try_again
from app.web.routing import localized

LARGEST_ID = 2**31 - 1


class CorrectionForm(FlaskForm):
    """What is wrong, and words about it. Nothing of it says who writes."""

    kind = StringField(
        _l("What is wrong?"),
        validators=[AnyOf([kind.value for kind in CorrectionKind], _l("Please choose what is wrong."))],
    )
    words = TextAreaField(
        _l("What do you know?"), filters=[strip], validators=[Optional(), at_most(LONGEST_WORDS), readable]
    )


@localized(blueprint, "/targets/<int:target_id>/correct", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def correct(target_id: int) -> ResponseReturnValue:
    """Ask what is wrong with what we have of somebody who is written to."""
    with platform().sessions.read() as session:
        return _page(_target_or_404(session, target_id), CorrectionForm())


@localized(blueprint, "/targets/<int:target_id>/correct", methods=["POST"])
@policy(Access.PUBLIC, Csrf.FORM)
def correct_now(target_id: int) -> ResponseReturnValue:
    """Put the correction on the queue for staff; the same thanks whether or not others have said so before."""
    form, site = CorrectionForm(request.form), platform()
    with site.sessions.read() as session:
        target = _target_or_404(session, target_id)
    if not form.validate():
        return _refused(target, form)
    kind, words = CorrectionKind(form.kind.data or ""), form.words.data or ""
    try:
        with site.sessions.write() as session:
            site.gate.admit_correction(session, request.remote_addr or "", site.clock())
            report(session, target, kind, words, site.clock())
    except ThrottledError as throttled:
        form.form_errors.append(try_again(throttled))
        return _page(target, form), TOO_MANY
    return redirect(url_for("public.corrected"), 303)


@localized(blueprint, "/corrections/thanks", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def corrected() -> ResponseReturnValue:
    """Thank whoever told us, and say what happens now."""
    return render_template("public/corrected.html")


def _target_or_404(session: Session, target_id: int) -> Target:
    target = session.get(Target, target_id) if 0 < target_id <= LARGEST_ID else None
    if target is None:
        abort(404)
    return target


def _refused(target: Target, form: CorrectionForm) -> ResponseReturnValue:
    if form.csrf_token.errors:
        # A stale token is nobody's mistake and has no field; the page that is shown carries a fresh one.
        form.csrf_token.errors = ()
        form.form_errors.append(press_again())
    return _page(target, form), UNPROCESSABLE


def _page(target: Target, form: CorrectionForm) -> str:
    return render_template(
        "public/correct.html",
        form=form,
        target=recipient_view(target),
        gone=target.archived_at is not None,
        choices=_choices(),
    )


def _choices() -> list[dict[str, str]]:
    return [
        {"id": CorrectionKind.LEFT, "name": _("They do not hold this office any more")},
        {"id": CorrectionKind.WRONG_ADDRESS, "name": _("Their e-mail address is wrong")},
        {"id": CorrectionKind.WRONG_NAME, "name": _("Their name or title is wrong")},
        {"id": CorrectionKind.OTHER, "name": _("Something else")},
    ]

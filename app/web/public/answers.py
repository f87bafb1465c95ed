"""Telling who has answered: a page behind a link of its own, where opening changes nothing."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, Optional

from app.actions.links import ForgedLinkError
from app.actions.models import Action, Letter
from app.replies.models import Answer, Reply, ReplyKind
from app.replies.telling import LONGEST_NOTE, Told, ask_no_more, reached_letters, replies_to, tell
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.public.forms import at_most, readable, strip
from app.web.public.links import action_of, link_problem
from app.web.public.pages import view_of
from app.web.public.refused import UNPROCESSABLE, press_again
from app.web.public.reply_words import reply_words
from app.web.routing import localized

YES, NO = "yes", "no"


@localized(blueprint, "/answers/<token>", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def answers(token: str) -> ResponseReturnValue:
    """Ask who has answered, with what was told before."""
    with platform().sessions.read() as session:
        action = _action_of(session, token)
        if action is None:
            return link_problem("forged")
        letters = reached_letters(session, action.id)
        replies = replies_to(session, [letter.id for letter in letters])
        return _page(action, letters, replies, _form(letters, replies), token)


@localized(blueprint, "/answers/<token>", methods=["POST"])
@policy(Access.LINK, Csrf.FORM)
def tell_answers(token: str) -> ResponseReturnValue:
    """Keep what is told; sending it again replaces it."""
    site = platform()
    with site.sessions.write() as session:
        action = _action_of(session, token)
        if action is None:
            return link_problem("forged")
        letters = reached_letters(session, action.id)
        form = _form(letters, {})
        if not form.validate():
            return _refused(action, letters, form, token, replies_to(session, [letter.id for letter in letters]))
        tell(session, action.id, _told(form, letters), site.clock())
    return redirect(url_for("public.answers_told", token=token), 303)


@localized(blueprint, "/answers/<token>/thanks", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def answers_told(token: str) -> ResponseReturnValue:
    """Thank them, and say what was understood."""
    with platform().sessions.read() as session:
        action = _action_of(session, token)
        if action is None:
            return link_problem("forged")
        return render_template(
            "public/answers_told.html",
            campaign=view_of(action.campaign),
            own_url=url_for("public.own", token=platform().links.own_token(action.public_id)),
            **_ways_on(action, token),
        )


@localized(blueprint, "/answers/<token>/stop", methods=["POST"])
@policy(Access.LINK, Csrf.TOKEN)
def ask_me_no_more(token: str) -> ResponseReturnValue:
    """Ask this supporter never again, in any campaign."""
    site = platform()
    with site.sessions.write() as session:
        action = _action_of(session, token)
        if action is None:
            return link_problem("forged")
        ask_no_more(session, action.supporter_id, site.clock())
    return redirect(url_for("public.answers_told", token=token), 303)


def _action_of(session: Session, token: str) -> Action | None:
    try:
        return action_of(session, platform().links.read_answers_token(token))
    except ForgedLinkError:
        return None


def _form(letters: Sequence[Letter], replies: Mapping[int, Sequence[Reply]]) -> FlaskForm:
    """The questions about these letters, with what is known of each."""
    fields: dict[str, Any] = {}
    for letter in letters:
        one_of = AnyOf([answer.value for answer in Answer], _l("Please choose one of these."))
        fields[f"answer-{letter.id}"] = StringField(filters=[strip], validators=[Optional(), one_of])
        fields[f"helpful-{letter.id}"] = StringField(
            filters=[strip], validators=[Optional(), AnyOf([YES, NO], _l("Please choose one of these."))]
        )
        fields[f"note-{letter.id}"] = TextAreaField(
            _l("Anything to add?"), filters=[strip], validators=[Optional(), at_most(LONGEST_NOTE), readable]
        )
    form_class = types.new_class("AnswersForm", (FlaskForm,), exec_body=lambda namespace: namespace.update(fields))
    known = {name: value for letter in letters for name, value in _known(letter, replies.get(letter.id, ()))}
    form: FlaskForm = form_class(request.form if request.method == "POST" else None, data=known)
    return form


def _known(letter: Letter, replies: Sequence[Reply]) -> list[tuple[str, str]]:
    """What the fields of a letter hold before anything is typed."""
    told = next((reply for reply in replies if reply.kind is ReplyKind.TOLD), None)
    if told is None:
        answered = any(reply.answer is Answer.ANSWERED for reply in replies)
        return [(f"answer-{letter.id}", Answer.ANSWERED.value)] if answered else []
    helpful = "" if told.helpful is None else YES if told.helpful else NO
    known = [("answer", told.answer.value), ("helpful", helpful), ("note", told.note or "")]
    return [(f"{name}-{letter.id}", value) for name, value in known]


def _told(form: FlaskForm, letters: Sequence[Letter]) -> list[Told]:
    """What the form says of each letter; a letter about which nothing was chosen is left as it is."""
    said = [(letter, {name: form[f"{name}-{letter.id}"].data for name in _QUESTIONS}) for letter in letters]
    return [
        Told(letter.id, Answer(data["answer"]), {YES: True, NO: False}.get(data["helpful"] or ""), data["note"] or "")
        for letter, data in said
        if data["answer"]
    ]


_QUESTIONS = ("answer", "helpful", "note")


def _refused(
    action: Action, letters: Sequence[Letter], form: FlaskForm, token: str, replies: Mapping[int, Sequence[Reply]]
) -> ResponseReturnValue:
    if form.csrf_token.errors:
        # A stale token is nobody's mistake and has no field; the page that is shown carries a fresh one.
        form.csrf_token.errors = ()
        form.form_errors.append(press_again())
    return _page(action, letters, replies, form, token), UNPROCESSABLE


def _page(
    action: Action, letters: Sequence[Letter], replies: Mapping[int, Sequence[Reply]], form: FlaskForm, token: str
) -> str:
    return render_template(
        "public/answers.html",
        campaign=view_of(action.campaign),
        form=form,
        shown=[f"{name}-{letter.id}" for letter in letters for name in _QUESTIONS],
        letters=[
            {
                "name": letter.recipient.name,
                "organisation": letter.recipient.organisation,
                "reply": reply_words([one for one in replies.get(letter.id, ()) if one.kind is ReplyKind.RELAYED]),
                **{name: form[f"{name}-{letter.id}"] for name in _QUESTIONS},
            }
            for letter in letters
        ],
        choices=[
            {"id": Answer.ANSWERED, "name": _("Yes, they answered")},
            {"id": Answer.AUTOMATIC, "name": _("Only an automatic reply")},
            {"id": Answer.NONE, "name": _("No, nothing yet")},
        ],
        helpful=[{"id": YES, "name": _("Yes")}, {"id": NO, "name": _("No")}],
        **_ways_on(action, token),
    )


def _ways_on(action: Action, token: str) -> dict[str, Any]:
    return {
        "asked": action.supporter.unasked_since is None,
        "answers_url": url_for("public.answers", token=token),
        "stop_url": url_for("public.ask_me_no_more", token=token),
    }

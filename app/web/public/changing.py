"""A letter that was sent back to its writer: the note, the letter as they wrote it, and the way to send it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actions.change import change_action, note_on
from app.actions.confirm import Standing, coming_letters, standing_of
from app.actions.models import Action, ActionPart
from app.actions.text import LETTER_LANGUAGE, parts_of, reason_keys, text_of
from app.letters.compose import ActionText, draft, edited_or_none, ends
from app.letters.tidy import normalise_subject, normalise_text
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.public.forms import LetterForm, body_field, letter_form, subject_field
from app.web.public.links import action_of_confirm_token, confirm_page, link_problem
from app.web.public.pages import view_of
from app.web.public.reasons import Offered, chosen_among, offered_by
from app.web.public.refused import UNPROCESSABLE, press_again
from app.web.routing import localized


@localized(blueprint, "/confirm/<token>/change", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def change(token: str) -> ResponseReturnValue:
    """Show the letter to change, with the note above it."""
    with platform().sessions.read() as session:
        action = action_of_confirm_token(session, token)
        note = None if action is None else note_on(session, action)
        if action is None or note is None:
            return link_problem("forged")
        standing = standing_of(action, platform().clock())
        if standing is not Standing.READY:
            return confirm_page(session, action, standing, token)
        return _page(action, _filled(action), token, note)


@localized(blueprint, "/confirm/<token>/change", methods=["POST"])
@policy(Access.LINK, Csrf.FORM)
def change_now(token: str) -> ResponseReturnValue:
    """Keep what was changed, and show the letter as it will be read."""
    site = platform()
    with site.sessions.write() as session:
        action = action_of_confirm_token(session, token)
        note = None if action is None else note_on(session, action)
        if action is None or note is None:
            return link_problem("forged")
        form = _form(action)(request.form)
        form.email.validators = ()
        if not form.validate():
            _note_stale(form)
            return _page(action, form, token, note), UNPROCESSABLE
        standing = change_action(session, action, _texts(action, form), site.clock())
        if standing is not Standing.READY:
            return confirm_page(session, action, standing, token)
    return redirect(url_for("public.confirm", token=token), 303)


def _form(action: Action) -> type[LetterForm]:
    return letter_form(tuple((part or action).template.audience for part in _parts(action)))


def _parts(action: Action) -> Sequence[ActionPart | None]:
    return [None, *action.parts]


def _filled(action: Action) -> LetterForm:
    """The form with the letter as it is."""
    form = _form(action)(
        formdata=None, name=action.name, own_words=action.own_words, reason=list(reason_keys(action.reasons))
    )
    for part in _parts(action):
        template, said = (part or action).template, text_of(action, part)
        drafted = draft(parts_of(template), said)
        form[subject_field(template.audience)].data = drafted.subject if said.subject is None else said.subject
        form[body_field(template.audience)].data = drafted.body if said.body is None else said.body
    return form


def _offered(action: Action) -> Offered:
    """The reasons that the letters offer."""
    return offered_by(((part or action).template for part in _parts(action)), action.campaign.page_in(g.language))


def _texts(action: Action, form: LetterForm) -> list[ActionText]:
    """What the writer says now; what is still the template's own is not kept. Only of a form that has passed."""
    texts = []
    for part in _parts(action):
        template = (part or action).template
        said = replace(
            text_of(action, part),
            name=normalise_subject(form.name.data or ""),
            own_words=normalise_text(form.own_words.data or ""),
            reasons=chosen_among(_offered(action), form.reason.data),
        )
        typed = (form[field(template.audience)].data or "" for field in (subject_field, body_field))
        subject, body = edited_or_none(draft(parts_of(template), said), *typed)
        texts.append(replace(said, subject=subject, body=body))
    return texts


def _page(action: Action, form: LetterForm, token: str, note: str) -> str:
    return render_template(
        "public/change.html",
        campaign=view_of(action.campaign),
        form=form,
        note=note,
        letters=list(_letters(action, form)),
        reasons=_offered(action),
        letter_language=LETTER_LANGUAGE,
        action=url_for("public.change_now", token=token),
    )


def _letters(action: Action, form: LetterForm) -> Iterator[dict[str, Any]]:
    """Each letter's fields, and the parts of it that are fixed, as the first of its readers will read them."""
    coming = coming_letters(action)
    for part in _parts(action):
        template = (part or action).template
        readers = [letter.mailbox for letter in coming if letter.part is part]
        if not readers:
            continue
        opening, closing = ends(parts_of(template), text_of(action, part), readers[0].recipient)
        yield {
            "to": readers[0].recipient.name,
            "subject": form[subject_field(template.audience)],
            "body": form[body_field(template.audience)],
            "opening": opening,
            "closing": closing,
        }


def _note_stale(form: LetterForm) -> None:
    """A stale token is not the writer's mistake and has no field; the page that is shown carries a fresh one."""
    if form.csrf_token.errors:
        form.csrf_token.errors = ()
        form.form_errors.append(press_again())

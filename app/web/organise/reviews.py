"""Letters that a person has to read before they go: what was changed in them, and the three decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.actions.confirm import OPEN_STATES
from app.actions.models import Action, ActionPart
from app.actions.review import hits_of
from app.actions.review_models import Review, ReviewState
from app.actions.text import LETTER_LANGUAGE, parts_of, text_of
from app.delivery import desk_figures
from app.delivery.review_desk import (
    CampaignOverError,
    DecidedError,
    number_alike,
    read,
    reject,
    release_review,
    rules_in,
    send_back,
    waiting,
)
from app.letters.changes import changes_between
from app.letters.compose import draft, reason_text
from app.letters.review import Rule
from app.roles import Permission
from app.staff.audit import Deed, record
from app.web.organise.door import blueprint, me, ring
from app.web.organise.letter_forms import LARGEST_ID, ReviewForm
from app.web.organise.letter_words import rule_words
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

SHOWN = 50


@localized(blueprint, "/organise/letters/review", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def reviews() -> ResponseReturnValue:
    """List what waits to be read, the oldest first."""
    after = request.args.get("after", 0, type=int)
    with platform().sessions.read() as session:
        found = waiting(session, after=min(max(after, 0), LARGEST_ID), limit=SHOWN + 1)
        campaigns = desk_figures.campaigns(session, g.language)
    return render_template(
        "organise/reviews.html",
        reviews=[
            {
                "url": url_for("organise.review", review_id=one.id),
                "id": one.id,
                "campaign": campaigns[one.campaign_id],
                "rules": [rule_words(rule) for rule in one.rules],
                "opened_at": one.opened_at,
            }
            for one in found[:SHOWN]
        ],
        more_url=url_for("organise.reviews", after=found[SHOWN - 1].id) if len(found) > SHOWN else None,
    )


@localized(blueprint, "/organise/letters/review/<int:review_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def review(review_id: int) -> ResponseReturnValue:
    """Show one letter, with what was changed in it."""
    with platform().sessions.read() as session:
        return _review_page(session, _found(session, review_id), ReviewForm(formdata=None))


@localized(blueprint, "/organise/letters/review/<int:review_id>/release", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LETTERS)
def release_letter(review_id: int) -> ResponseReturnValue:
    """Let it go."""
    form, site = ReviewForm(request.form), platform()

    def decide(session: Session, found: Review) -> int:
        return min(release_review(session, found, site.clock(), alike=bool(form.alike.data)), default=0)

    return _decide(review_id, form, "review.released", decide, valid=bool(form.validate()))


@localized(blueprint, "/organise/letters/review/<int:review_id>/send-back", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LETTERS)
def send_letter_back(review_id: int) -> ResponseReturnValue:
    """Give it back to its writer, with a note."""
    form, site = ReviewForm(request.form), platform()

    def decide(session: Session, found: Review) -> int:
        return send_back(session, found, form.note.data or "", site.config.confirm_within, site.clock())

    return _decide(review_id, form, "review.sent_back", decide, valid=form.needs_note())


@localized(blueprint, "/organise/letters/review/<int:review_id>/reject", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LETTERS)
def reject_letter(review_id: int) -> ResponseReturnValue:
    """Send it never, and tell its writer why."""
    form, site = ReviewForm(request.form), platform()

    def decide(session: Session, found: Review) -> int:
        return reject(session, found, form.note.data or "", site.clock())

    return _decide(review_id, form, "review.rejected", decide, valid=form.needs_note())


def _decide(
    review_id: int, form: ReviewForm, deed: str, decide: Callable[[Session, Review], int], *, valid: bool
) -> ResponseReturnValue:
    """Decide, with the decision in the audit but nothing of what was written; then on to the next letter."""
    site = platform()
    if not valid:
        note_stale(form)
        with site.sessions.read() as session:
            return _review_page(session, _found(session, review_id), form), UNPROCESSABLE
    try:
        with site.sessions.write() as session:
            delivery_id = decide(session, _found(session, review_id))
            record(session, me().id, Deed(deed, review_id), site.clock())
    except DecidedError:
        return _refused(review_id, form, _("This is decided already. Nothing was done."))
    except CampaignOverError:
        return _refused(
            review_id, form, _("The campaign is over: nobody could send it again. Let it go, or reject it.")
        )
    ring(delivery_id)
    return redirect(url_for("organise.reviews"), 303)


def _refused(review_id: int, form: ReviewForm, problem: str) -> ResponseReturnValue:
    form.form_errors.append(problem)
    with platform().sessions.read() as session:
        return _review_page(session, _found(session, review_id), form), UNPROCESSABLE


def _found(session: Session, review_id: int) -> Review:
    found = read(session, review_id) if review_id <= LARGEST_ID else None
    if found is None:
        abort(404)
    return found


def _review_page(session: Session, found: Review, form: ReviewForm) -> str:
    """The letter's text is shown while there is something to decide; after that it is nobody's business here."""
    action, is_open = found.action, found.state is ReviewState.OPEN
    hits = hits_of(action) if is_open else []
    return render_template(
        "organise/review.html",
        form=form,
        review={"id": found.id, "opened_at": found.opened_at, "open": is_open, "decided": _decided(found.state)},
        campaign=action.campaign.page_in(g.language).title,
        reasons=[
            (rule_words(rule), [hit.quote for hit in hits if hit.rule is rule and hit.quote])
            for rule in rules_in(found.rules)
        ],
        alike=number_alike(session, found) if is_open and Rule.ALIKE in rules_in(found.rules) else 0,
        writer=action.name if is_open else "",
        recipients=[letter.recipient.name for letter in action.letters],
        texts=list(_texts(action)) if is_open else [],
        ticked=_ticked(action) if is_open else [],
        may_send_back=action.campaign.state in OPEN_STATES,
        language=LETTER_LANGUAGE,
    )


def _decided(state: ReviewState) -> str:
    return {
        ReviewState.OPEN: "",
        ReviewState.RELEASED: _("It was let go."),
        ReviewState.SENT_BACK: _("It was sent back to its writer."),
        ReviewState.REJECTED: _("It was rejected."),
        ReviewState.WITHDRAWN: _("Its writer withdrew it."),
    }[state]


def _ticked(action: Action) -> list[str]:
    """What is said by the reasons that the supporter ticked, each once: campaign's words, which stand in the letter."""
    texts: dict[str, str] = {}
    for part in (None, *action.parts):
        template, said = parts_of((part or action).template), text_of(action, part)
        for key in said.reasons:
            if text := reason_text(template, said, key):
                texts.setdefault(key, text)
    return list(texts.values())


def _texts(action: Action) -> Iterator[dict[str, Any]]:
    """Each letter of the action: its subject and its middle, with what was changed marked."""
    parts: list[ActionPart | None] = [None, *action.parts]
    for part in parts:
        template, said = parts_of((part or action).template), text_of(action, part)
        drafted = draft(template, said)
        yield {
            "subject": changes_between(drafted.subject, drafted.subject if said.subject is None else said.subject),
            "own_words": said.own_words,
            "body": changes_between(drafted.body, drafted.body if said.body is None else said.body),
        }

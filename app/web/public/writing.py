"""From the campaign's page to the letter handed in: write it, read it as they will, hand it in.

The steps carry what was typed in the form itself. Nothing is kept on the server before the letter is handed in, nothing
personal stands in an address, and no step forgets what an earlier one was told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.actions.activity import Step
from app.actions.addresses import parse_email
from app.actions.audiences import audiences_among
from app.actions.recipients import RecipientsUnclearError, Wish, find_recipients
from app.actions.sources import source_of
from app.actions.submit import CampaignNotOpenError, Desk, Submission
from app.actions.text import LETTER_LANGUAGE, parts_of
from app.actions.throttle import ThrottledError
from app.campaigns.models import TargetRule
from app.letters.compose import ActionText
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint, campaign_or_404, campaign_page
from app.web.public.forms import LetterForm, letter_form
from app.web.public.letters import LetterView, letter_view, postcode_shown
from app.web.public.pages import mailbox_view, view_of
from app.web.public.refused import TOO_MANY, UNPROCESSABLE, press_again, try_again
from app.web.public.sitting import DRAWS, Sitting
from app.web.public.steps import note_step
from app.web.public.whom import excluded_view, note_of
from app.web.routing import localized

LARGEST_ID = 2**31 - 1
PICKED = (TargetRule.RANDOM, TargetRule.ROTATE)
"""Rules under which the first step picks the recipients, and the form carries them to the others."""


@localized(blueprint, "/c/<slug:slug>/write", methods=["POST"])
@policy(Access.PUBLIC, Csrf.FORM)
def write(slug: str) -> ResponseReturnValue:
    """Show the letter to write, once it is clear who it goes to; also the way back from the preview."""
    return _sit_down(slug, _show_letter)


@localized(blueprint, "/c/<slug:slug>/preview", methods=["POST"])
@policy(Access.PUBLIC, Csrf.FORM)
def preview(slug: str) -> ResponseReturnValue:
    """Show what each recipient will read."""
    return _sit_down(slug, _show_preview)


@localized(blueprint, "/c/<slug:slug>/submit", methods=["POST"])
@policy(Access.PUBLIC, Csrf.FORM)
def submit(slug: str) -> ResponseReturnValue:
    """Keep the letter until it is confirmed from the supporter's mailbox."""
    return _sit_down(slug, _hand_in)


@localized(blueprint, "/c/<slug:slug>/write", methods=["GET"])
@localized(blueprint, "/c/<slug:slug>/preview", methods=["GET"])
@localized(blueprint, "/c/<slug:slug>/submit", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def start_again(slug: str) -> ResponseReturnValue:
    """Lead whoever opens the address of a step to the campaign's page."""
    return redirect(url_for("public.campaign", slug=slug))


@localized(blueprint, "/c/<slug:slug>/check-mail", methods=["GET"])
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def check_mail(slug: str) -> ResponseReturnValue:
    """Say where to look now; the same for everybody, whether or not they have written before."""
    with platform().sessions.read() as session:
        return render_template("public/check_mail.html", campaign=view_of(campaign_or_404(session, slug)))


def _sit_down(slug: str, step: Callable[[Sitting], ResponseReturnValue]) -> ResponseReturnValue:
    """Find the campaign and the recipients, then take the step; without recipients, back to the first question."""
    platform().atlas_desk.learn(request.form.get("postcode", ""))  # no session is open: it may wait
    with platform().sessions.read() as session:
        campaign = campaign_or_404(session, slug)
        view = view_of(campaign)
        # Flask-WTF would also take files and JSON for fields; only a form's text is what a supporter typed.
        form = letter_form(() if view.pledge else campaign.audiences)(request.form)
        try:
            recipients = find_recipients(session, campaign, _wish(form), platform().random)
        except RecipientsUnclearError as unclear:
            return campaign_page(session, campaign, form, unclear), UNPROCESSABLE
        audiences = audiences_among(session, campaign, recipients.targets)
    # A postcode that nobody could read was put aside for the area that was chosen; it must not come up again.
    form.postcode.data = recipients.postcode or None
    if form.draw.data not in range(DRAWS):
        form.draw.data = platform().random.randrange(DRAWS)
    if campaign.target_rule in PICKED:
        form.target.data = [target.id for target in recipients.targets]
    sitting = Sitting(form, campaign, view, recipients, audiences)
    for name in sitting.unread_fields:
        form[name].validators = ()
    return step(sitting)


def _wish(form: LetterForm) -> Wish:
    answers = (form.area.data, form.division.data)
    return Wish(
        form.postcode.data or "",
        # What cannot be the id of a row names no area.
        [number for number in answers if number is not None and 0 < number <= LARGEST_ID],
        form.target.data or (),
        instead=form.instead.data,
    )


def _show_letter(sitting: Sitting) -> ResponseReturnValue:
    if not sitting.campaign.accepts_letters:
        return _letter_page(sitting, _not_open()), UNPROCESSABLE
    if not _has_letters(sitting.form) and not sitting.form.name.data:
        note_step(Step.STARTED, sitting.campaign.id, sitting.form)  # who comes back to it has begun before
    sitting.fill()
    return _letter_page(sitting)


def _show_preview(sitting: Sitting) -> ResponseReturnValue:
    if refusal := _refusal(sitting):
        return refusal
    texts, email = sitting.texts(), parse_email(sitting.form.email.data or "")
    email_shown = "" if sitting.campaign.protects_replies else email
    letters = _letters(sitting, texts, email_shown)
    return render_template(
        "public/preview.html",
        campaign=sitting.view,
        form=sitting.form,
        letters=letters,
        bare=not sitting.view.pledge and all(text.bare for text in texts),
        seen={"name": texts[0].name, "email": email_shown, "postcode": postcode_shown(letters, texts[0].postcode)},
        consent_wording=_consent_wording(),
    )


def _letters(sitting: Sitting, texts: Sequence[ActionText], email: str) -> list[LetterView]:
    """All letters, the first of each audience open."""
    return [
        letter_view(parts_of(audience.template), text, mailbox, email, folded=mailbox is not audience.mailboxes[0])
        for audience, text in zip(sitting.audiences, texts, strict=True)
        for mailbox in audience.mailboxes
    ]


def _hand_in(sitting: Sitting) -> ResponseReturnValue:
    if refusal := _refusal(sitting):
        return refusal
    site = platform()
    desk = Desk(site.gate, site.config.confirm_within)
    try:
        with site.sessions.write() as session:
            submission = _submission(sitting)
            delivery_id = desk.submit(session, sitting.audiences, sitting.recipients, submission, site.clock())
    except CampaignNotOpenError:
        return _letter_page(sitting, _not_open()), UNPROCESSABLE
    except ThrottledError as throttled:
        return _letter_page(sitting, try_again(throttled)), TOO_MANY
    if delivery_id is not None:
        site.doorbell.ring(delivery_id)
    return redirect(url_for("public.check_mail", slug=sitting.view.slug), 303)


def _refusal(sitting: Sitting) -> ResponseReturnValue | None:
    """The letter's page with what is wrong, everything typed still there; nothing when all is well."""
    unseen = sitting.fill() if _has_letters(sitting.form) else []
    valid = sitting.validate()
    if not sitting.campaign.accepts_letters:
        return _letter_page(sitting, _not_open()), UNPROCESSABLE
    if unseen:
        return _letter_page(sitting, _other_letters()), UNPROCESSABLE
    if valid:
        return None
    # A stale token is not the supporter's mistake and has no field; the page that is shown carries a fresh one.
    stale = sitting.form.csrf_token.errors
    sitting.form.csrf_token.errors = ()
    return _letter_page(sitting, press_again() if stale else None), UNPROCESSABLE


def _has_letters(form: LetterForm) -> bool:
    """Whether what was sent has a letter in it, be it to others than those who are written to now."""
    return any(name in request.form for name in form.letter_fields)


def _letter_page(sitting: Sitting, problem: str | None = None) -> str:
    """The page on which the letter is written; `problem` stands above the form."""
    form = sitting.form
    if problem:
        form.form_errors.append(problem)
    return render_template(
        "public/write.html",
        campaign=sitting.view,
        form=form,
        readers=[mailbox_view(mailbox) for mailbox in sitting.mailboxes],
        note=note_of(sitting.recipients),
        excluded=excluded_view(sitting.campaign, sitting.recipients.excluded),
        letters=sitting.letters(),
        reasons=sitting.offered,
        left_over=sitting.left_over,
        letter_language=LETTER_LANGUAGE,
    )


def _submission(sitting: Sitting) -> Submission:
    text, *further = sitting.texts()
    return Submission(
        text=text,
        further=further,
        email=parse_email(sitting.form.email.data or ""),
        language=g.language,
        consent=bool(sitting.form.consent.data),
        consent_wording=_consent_wording(),
        network=request.remote_addr or "",
        source=source_of(sitting.form.via.data),
    )


def _consent_wording() -> str:
    """What the box says that a supporter may tick; kept with their answer."""
    return _(
        "Yes, %(organisation)s may write to me about this and other campaigns. I can stop this at any time.",
        organisation=platform().config.organisation,
    )


def _not_open() -> str:
    return _(
        "This campaign takes no letters at the moment, so yours was not sent. What you wrote is still here: "
        "you may copy it and keep it."
    )


def _other_letters() -> str:
    return _(
        "Those you write to do not read the same letters any more. Please read them once more below. "
        "What you wrote is still here."
    )

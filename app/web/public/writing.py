"""From the campaign's page to the letter handed in: write it, read it as they will, hand it in.

The steps carry what was typed in the form itself. Nothing is kept on the server before the letter is handed in, nothing
personal stands in an address, and no step forgets what an earlier one was told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time
from flask_babel import gettext as _

from app.actions.addresses import parse_email
from app.actions.recipients import Recipients, RecipientsUnclearError, Wish, find_recipients
from app.actions.submit import CampaignNotOpenError, Desk, Submission
from app.actions.text import LETTER_LANGUAGE, parts_of, recipient_of, template_in_force, variables_for
from app.actions.throttle import ThrottledError
from app.campaigns.models import Campaign, LetterTemplate
from app.letters.compose import (
    ActionText,
    Draft,
    TemplateParts,
    draft,
    edited_or_none,
    ends,
    normalise_subject,
    normalise_text,
)
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint, campaign_or_404, campaign_page
from app.web.public.forms import LONGEST_NAME, LetterForm
from app.web.public.letters import letters_view, postcode_shown
from app.web.public.pages import CampaignView, recipient_view, view_of
from app.web.routing import localized

UNPROCESSABLE = 422
TOO_MANY = 429
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Sitting:
    """A supporter at the desk: the form, the campaign, its letter in force, and who it goes to."""

    form: LetterForm
    campaign: Campaign
    view: CampaignView
    template: LetterTemplate
    recipients: Recipients

    @property
    def parts(self) -> TemplateParts:
        """The letter in force."""
        return parts_of(self.template)

    def unwritten(self, name: str) -> ActionText:
        """The letter before its writer has said anything but a name."""
        return ActionText(
            name=name,
            postcode=self.recipients.postcode,
            own_words="",
            subject=None,
            body=None,
            # The campaign's English name: it stands in a letter to people who read English.
            variables=variables_for(self.campaign.page_in(LETTER_LANGUAGE).title, self.recipients.area),
        )

    def draft(self) -> Draft:
        """The letter as the template gives it."""
        return draft(self.parts, self.unwritten(""))

    def text(self) -> ActionText:
        """The letter as the supporter has made it; a subject or middle that is still the template's own is not kept.

        Only for a form that has passed its checks: what normalising costs grows with the square of a text's length.
        """
        form = self.form
        subject, body = None, None
        if not self.view.pledge:
            subject, body = edited_or_none(self.draft(), form.subject.data or "", form.body.data or "")
        return replace(
            self.unwritten(normalise_subject(form.name.data or "")),
            own_words=normalise_text(form.own_words.data or ""),
            subject=subject,
            body=body,
        )


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
    # Flask-WTF would also take files and JSON for fields; only a form's text is what a supporter typed.
    form = LetterForm(request.form)
    platform().atlas_desk.learn(form.postcode.data or "")  # before a session is open: it may wait for the network
    with platform().sessions.read() as session:
        campaign = campaign_or_404(session, slug)
        view = view_of(campaign)
        if view.pledge:
            del form.subject, form.body
        try:
            recipients = find_recipients(session, campaign, _wish(form))
        except RecipientsUnclearError as unclear:
            return campaign_page(session, campaign, form, unclear), UNPROCESSABLE
        template = template_in_force(session, campaign)
    # A postcode that nobody could read was put aside for the area that was chosen; it must not come up again.
    form.postcode.data = recipients.postcode or None
    return step(Sitting(form, campaign, view, template, recipients))


def _wish(form: LetterForm) -> Wish:
    return Wish(form.postcode.data or "", _row_id(form.area.data), _row_id(form.target.data))


def _row_id(number: int | None) -> int | None:
    """A number that can be the id of a row; anything else names no row."""
    return number if number is not None and 0 < number <= LARGEST_ID else None


def _show_letter(sitting: Sitting) -> ResponseReturnValue:
    form = sitting.form
    if not sitting.campaign.accepts_letters:
        return _letter_page(sitting, _not_open()), UNPROCESSABLE
    if not sitting.view.pledge and "body" not in request.form:
        drafted = sitting.draft()
        form.subject.data, form.body.data = drafted.subject, drafted.body
    return _letter_page(sitting)


def _show_preview(sitting: Sitting) -> ResponseReturnValue:
    if refusal := _refusal(sitting):
        return refusal
    text, email = sitting.text(), parse_email(sitting.form.email.data or "")
    letters = letters_view(sitting.parts, text, [recipient_of(t) for t in sitting.recipients.targets], email)
    return render_template(
        "public/preview.html",
        campaign=sitting.view,
        form=sitting.form,
        letters=letters,
        seen={"name": text.name, "email": email, "postcode": postcode_shown(letters, text.postcode)},
        consent_wording=_consent_wording(),
    )


def _hand_in(sitting: Sitting) -> ResponseReturnValue:
    if refusal := _refusal(sitting):
        return refusal
    site = platform()
    desk = Desk(site.gate, site.config.confirm_within)
    try:
        with site.sessions.write() as session:
            delivery_id = desk.submit(session, sitting.template, sitting.recipients, _submission(sitting), site.clock())
    except CampaignNotOpenError:
        return _letter_page(sitting, _not_open()), UNPROCESSABLE
    except ThrottledError as throttled:
        return _letter_page(sitting, _try_again(throttled)), TOO_MANY
    if delivery_id is not None:
        site.doorbell.ring(delivery_id)
    return redirect(url_for("public.check_mail", slug=sitting.view.slug), 303)


def _refusal(sitting: Sitting) -> ResponseReturnValue | None:
    """The letter's page with what is wrong, everything typed still there; nothing when all is well."""
    valid = sitting.form.validate()
    if not sitting.campaign.accepts_letters:
        return _letter_page(sitting, _not_open()), UNPROCESSABLE
    if valid:
        return None
    # A stale token is not the supporter's mistake and has no field; the page that is shown carries a fresh one.
    stale = sitting.form.csrf_token.errors
    sitting.form.csrf_token.errors = ()
    return _letter_page(sitting, _press_again() if stale else None), UNPROCESSABLE


def _letter_page(sitting: Sitting, problem: str | None = None) -> str:
    """The page on which the letter is written; `problem` stands above the form."""
    form = sitting.form
    if problem:
        form.form_errors.append(problem)
    name = (form.name.data or "").strip()[:LONGEST_NAME] or _("[your name]")
    opening, closing = ends(sitting.parts, sitting.unwritten(name), recipient_of(sitting.recipients.targets[0]))
    return render_template(
        "public/write.html",
        campaign=sitting.view,
        form=form,
        recipients=[recipient_view(target) for target in sitting.recipients.targets],
        opening=opening,
        closing=closing,
        letter_language=LETTER_LANGUAGE,
    )


def _submission(sitting: Sitting) -> Submission:
    return Submission(
        text=sitting.text(),
        email=parse_email(sitting.form.email.data or ""),
        language=g.language,
        consent=bool(sitting.form.consent.data),
        consent_wording=_consent_wording(),
        network=request.remote_addr or "",
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


def _press_again() -> str:
    return _("Please press the button once more. If you see this again, allow cookies for this site.")


def _try_again(throttled: ThrottledError) -> str:
    return _(
        "A lot was sent from here in a short time. Please try again after %(time)s. What you wrote is still here.",
        time=format_time(throttled.again_at, "short"),
    )

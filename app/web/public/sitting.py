"""A supporter at the desk: what they write, to whom, and what they have typed so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel.lists import format_list
from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _

from app.actions.audiences import Audience
from app.actions.mailboxes import Mailbox
from app.actions.recipients import Recipients
from app.actions.text import LETTER_LANGUAGE, parts_of, variables_for
from app.campaigns.models import Campaign, CampaignPage
from app.letters.compose import ActionText, Draft, draft, edited_or_none, ends
from app.letters.tidy import normalise_subject, normalise_text
from app.web.public.forms import LONGEST_NAME, LetterForm, body_field, subject_field
from app.web.public.pages import CampaignView
from app.web.public.reasons import Offered, chosen_among, offered_by

NAMED = 3
"""Recipients whom the heading of a letter names; more are counted."""
DRAWS = 60
"""From how many numbers a supporter's is drawn: one to five subjects are each as likely as the others."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """The form, the campaign, who is written to, and the letter in force for each audience among them.

    A pledge has no field for its letters, for nobody edits them.
    """

    form: LetterForm
    campaign: Campaign
    view: CampaignView
    recipients: Recipients
    audiences: Sequence[Audience]

    @property
    def page(self) -> CampaignPage:
        """The campaign's page in the language of this request."""
        return self.campaign.page_in(self.view.language)

    @property
    def mailboxes(self) -> list[Mailbox]:
        """Where the letters go."""
        return [mailbox for audience in self.audiences for mailbox in audience.mailboxes]

    @property
    def unread_fields(self) -> list[str]:
        """The fields of letters to audiences that none of the recipients belongs to."""
        read = {field(audience.name) for audience in self.audiences for field in (subject_field, body_field)}
        return [name for name in self.form.letter_fields if name not in read]

    @property
    def left_over(self) -> list[str]:
        """Those of them that something was typed into, before the campaign or its targets changed."""
        return [name for name in self.unread_fields if self.form[name].data]

    def fill(self) -> list[Audience]:
        """Put its draft into the form for each audience whose letter the supporter has not seen; those are returned."""
        unseen = [] if self.view.pledge else [one for one in self.audiences if body_field(one.name) not in request.form]
        for audience in unseen:
            drafted = self.draft(audience)
            self.form[subject_field(audience.name)].data = drafted.subject
            self.form[body_field(audience.name)].data = drafted.body
        return unseen

    def validate(self) -> bool:
        """Check the form; what is wrong with one of several letters says with which."""
        valid = bool(self.form.validate())
        if len(self.audiences) > 1 and not self.view.pledge:
            for audience in self.audiences:
                self._say_which(audience)
        return valid

    def _say_which(self, audience: Audience) -> None:
        names = _names(audience)
        for field in (self.form[subject_field(audience.name)], self.form[body_field(audience.name)]):
            field.errors = [_("To %(names)s: %(error)s", names=names, error=error) for error in field.errors]

    @property
    def offered(self) -> Offered:
        """The reasons that the letters offer."""
        return offered_by((audience.template for audience in self.audiences), self.page)

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

    def draft(self, audience: Audience) -> Draft:
        """The letter to an audience as the template gives it."""
        return draft(parts_of(audience.template), self._begun(audience, self.unwritten("")))

    def texts(self) -> list[ActionText]:
        """What the supporter says to each audience; a subject or middle that is still the template's own is not kept.

        Only for a form that has passed its checks: what normalising costs grows with the square of a text's length.
        """
        said = replace(
            self.unwritten(normalise_subject(self.form.name.data or "")),
            own_words=normalise_text(self.form.own_words.data or ""),
            reasons=chosen_among(self.offered, self.form.reason.data),
        )
        return [self._to(audience, said) for audience in self.audiences]

    def letters(self) -> list[dict[str, Any]]:
        """What the page shows of each letter; see `public/write.html`."""
        if self.view.pledge:
            return []
        name = (self.form.name.data or "").strip()[:LONGEST_NAME] or _("[your name]")
        return [self._letter(audience, self.unwritten(name)) for audience in self.audiences]

    def _to(self, audience: Audience, said: ActionText) -> ActionText:
        if self.view.pledge:
            return said
        typed = (self.form[field(audience.name)].data or "" for field in (subject_field, body_field))
        subject, body = edited_or_none(self.draft(audience), *typed)
        return replace(self._begun(audience, said), subject=subject, body=body)

    def _begun(self, audience: Audience, said: ActionText) -> ActionText:
        """The letter to an audience with the subject that the supporter's draw gives it."""
        variant = (self.form.draw.data or 0) % len(audience.template.parts.subjects)
        return replace(said, subject_variant=variant)

    def _letter(self, audience: Audience, said: ActionText) -> dict[str, Any]:
        opening, closing = ends(parts_of(audience.template), said, audience.mailboxes[0].recipient)
        return {
            "audience": audience.name,
            "to": _names(audience),
            "subject": self.form[subject_field(audience.name)],
            "body": self.form[body_field(audience.name)],
            "opening": opening,
            "closing": closing,
        }


def _names(audience: Audience) -> str:
    """The readers of a letter as one phrase; of many the first."""
    names = [target.name for target in audience.targets]
    if len(names) > NAMED:
        more = len(names) - NAMED + 1
        names = [*names[: NAMED - 1], _("%(num)s others", num=more)]
    return str(format_list(names, locale=get_locale()))

"""Letters as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.actions.text import LETTER_LANGUAGE
from app.letters.compose import ActionText, Recipient, TemplateParts, compose
from app.letters.sanitise import plain_html


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter on its sheet of paper."""

    to_name: str
    to_organisation: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    language: str = LETTER_LANGUAGE

    @property
    def text_html(self) -> Markup:
        """The text with its paragraphs and links, escaped."""
        return Markup(plain_html(self.text))  # noqa: S704 - plain_html escapes


def letters_view(
    parts: TemplateParts, text: ActionText, recipients: Sequence[Recipient], email: str
) -> list[LetterView]:
    """What each recipient will read, word for word, and who it says it is from."""
    return [_view(parts, text, recipient, email) for recipient in recipients]


def postcode_shown(letters: Sequence[LetterView], postcode: str) -> str:
    """The postcode if the letters show it, else nothing."""
    return postcode if postcode and any(postcode in letter.text for letter in letters) else ""


def _view(parts: TemplateParts, text: ActionText, recipient: Recipient, email: str) -> LetterView:
    composed = compose(parts, text, recipient)
    return LetterView(
        to_name=recipient.name,
        to_organisation=recipient.organisation,
        from_name=text.name,
        reply_to=email,
        subject=composed.subject,
        text=composed.text,
    )

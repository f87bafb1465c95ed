"""Letters as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.actions.mailboxes import Mailbox
from app.actions.text import LETTER_LANGUAGE
from app.letters.compose import ActionText, TemplateParts, compose
from app.letters.sanitise import plain_html


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter on its sheet of paper."""

    to_name: str
    to_organisation: str
    from_name: str
    reply_to: str
    """Where answers go: the writer's address; empty where they come to us and are passed on."""
    subject: str
    text: str
    readers: int
    """How many it names; they share a mailbox if that is more than one."""
    folded: bool
    """Whether the page shows it only to who asks: it says what the one before it says."""
    language: str = LETTER_LANGUAGE

    @property
    def text_html(self) -> Markup:
        """The text with its paragraphs and links, escaped."""
        return Markup(plain_html(self.text))  # noqa: S704 - plain_html escapes


def letter_view(
    parts: TemplateParts, text: ActionText, mailbox: Mailbox, email: str, *, folded: bool = False
) -> LetterView:
    """What those behind a mailbox will read, word for word, and who it says it is from."""
    recipient = mailbox.recipient
    composed = compose(parts, text, recipient)
    return LetterView(
        to_name=recipient.name,
        to_organisation=recipient.organisation,
        from_name=text.name,
        reply_to=email,
        subject=composed.subject,
        text=composed.text,
        readers=len(mailbox.targets),
        folded=folded,
    )


def postcode_shown(letters: Sequence[LetterView], postcode: str) -> str:
    """The postcode if the letters show it, else nothing."""
    return postcode if postcode and any(postcode in letter.text for letter in letters) else ""

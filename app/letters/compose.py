"""What a letter says: from a template, one action's own text, and one recipient. Pure text.

The letter as read is its opening, the supporter's own words (if any), the middle with the reasons that they chose, and
the closing, with a blank line between them. Subject and middle are drafted once per action and are the supporter's to
edit; opening and closing are filled for each recipient. The same frozen parts always make the same letter, so its
digest can be proved later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.letters.placeholders import render, speaks_of_writer
from app.letters.reasons import PLACE, Reason, chosen_text, transplanted
from app.letters.tidy import line_kept, normalise_subject, normalise_text, one_line, tidy, tidy_kept

PER_ACTION = frozenset({"campaign.title"})
PER_WRITER = frozenset({"supporter.name"})
"""Known only when the form is filled: never in a part that the supporter is shown to edit before they give a name."""
PER_AREA = frozenset({"supporter.postcode", "area.name"})
PER_COUNCIL = frozenset({"council.name"})
PER_TARGET = frozenset({"salutation", "target.name", "target.organisation"})
MAY_BE_EMPTY = frozenset({"supporter.postcode", "target.organisation", PLACE})
"""An area may be chosen from the list instead of giving a postcode; not every target has an organisation; nobody has to
choose a reason."""


def placeholders_for(*, rule: str, area: str | None, per_target: bool, pledge: bool = False) -> frozenset[str]:
    """The placeholders that have a value in one part of a campaign's letter.

    Args:
        rule: the campaign's rule: "area", or one that takes targets from lists.
        area: with the rule "area", the kind of area: "ward", "council" or "constituency".
        per_target: true for opening and closing, false for subject and middle.
        pledge: whether nobody edits the text, so that subject and middle may name the supporter too.
    """
    allowed = PER_ACTION
    if rule == "area":
        allowed |= PER_AREA
        if area in ("ward", "council"):
            allowed |= PER_COUNCIL
    if per_target or pledge:
        allowed |= PER_WRITER
    return allowed | PER_TARGET if per_target else allowed


@dataclass(frozen=True, slots=True)
class TemplateParts:
    """The sources of one version of a letter template."""

    subject: str
    opening: str
    body: str
    closing: str
    more_subjects: tuple[str, ...] = ()
    """Further subjects: each supporter begins with one of all of them."""
    reasons: tuple[Reason, ...] = ()
    """Paragraphs that a supporter may choose."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """All of them; there is one at least."""
        return self.subject, *self.more_subjects


@dataclass(frozen=True, slots=True)
class ActionText:
    """What one action brings to each of its letters. Its texts went through `normalise_text` when they came in."""

    name: str
    postcode: str
    own_words: str
    subject: str | None
    """The supporter's subject; none while it is the template's own."""
    body: str | None
    """The supporter's version of the middle; none while it is the template's own."""
    variables: Mapping[str, Any]
    """The public values that the campaign has: {"area": {"name"}, "council": {"name"}, "campaign": {"title"}}."""
    reasons: tuple[str, ...] = ()
    """The keys of the reasons that the supporter chose; of those that a letter does not have it says nothing."""
    subject_variant: int = 0
    """Which of the template's subjects the supporter began with, from 0."""

    @property
    def bare(self) -> bool:
        """Whether there is not a word of the supporter's own in it; a reason that was ticked is none."""
        return not self.own_words and self.subject is None and self.body is None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a letter is to. `salutation` is the whole greeting without a comma."""

    name: str
    organisation: str
    salutation: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of a letter that the supporter may edit."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class ComposedLetter:
    """A letter as its recipient reads it; the subject is one line, the text has LF line ends."""

    subject: str
    text: str
    common: slice = field(default_factory=lambda: slice(0, 0), compare=False)
    """Where in the text its middle stands, own words included, which all letters of one action have alike."""
    blocks: tuple[str, ...] = field(default=(), compare=False)
    """What the text is made of, with a blank line between: opening, own words, the rest of the middle, closing, but for
    those that are empty. Letters of one campaign have most of them alike."""

    @property
    def digest(self) -> bytes:
        """SHA-256 over subject, NUL, text, in UTF-8 (32 bytes)."""
        return hashlib.sha256(f"{self.subject}\0{self.text}".encode()).digest()


def draft(parts: TemplateParts, action: ActionText) -> Draft:
    """The letter's subject and middle as the template gives them for this action; its reasons are not in it.

    Raises:
        TemplateFault: a template asks for something that the action does not have.
    """
    values = _values(action)
    return Draft(subject=_subject(parts, action, values), body=_rendered(parts.body, values))


def compose(parts: TemplateParts, action: ActionText, recipient: Recipient) -> ComposedLetter:
    """The letter of this action to this recipient.

    Raises:
        TemplateFault: a template asks for something that neither the action nor the recipient has.
    """
    values = _values(action)
    subject = _subject(parts, action, values) if action.subject is None else one_line(action.subject)
    body = _body(parts, action, values)
    opening, closing = _ends(parts, values, recipient)
    blocks = tuple(filter(None, (opening, action.own_words, body, closing)))
    text = "\n\n".join(blocks)
    start, stop = (len(f"{opening}\n\n") if opening else 0), len(text) - (len(f"\n\n{closing}") if closing else 0)
    common = slice(start, stop) if action.own_words or body else slice(0, 0)
    return ComposedLetter(subject, text, common, blocks)


def middle(parts: TemplateParts, action: ActionText) -> str:
    """What all letters of this action say between opening and closing: the supporter's own words, then the rest.

    Raises:
        TemplateFault: the template asks for something that the action does not have.
    """
    return _joined(action.own_words, _body(parts, action, _values(action)))


def reason_text(parts: TemplateParts, action: ActionText, key: str) -> str:
    """What the letter says for one of the reasons that were chosen; empty where it has none of that key.

    Raises:
        TemplateFault: the reason asks for something that the action does not have.
    """
    return chosen_text(parts.reasons, (key,), _values(action))


def _subject(parts: TemplateParts, action: ActionText, values: Mapping[str, Any]) -> str:
    source = parts.subjects[action.subject_variant]
    return (one_line if speaks_of_writer(source) else line_kept)(render(source, values))


def _rendered(source: str, values: Mapping[str, Any]) -> str:
    """The template filled, and tidy."""
    return (tidy if speaks_of_writer(source) else tidy_kept)(render(source, values))


def _body(parts: TemplateParts, action: ActionText, values: Mapping[str, Any]) -> str:
    """The middle as it is read: as drafted or as edited, with the reasons in their place."""
    chosen = chosen_text(parts.reasons, action.reasons, values) if action.reasons else ""
    if not chosen:
        return _rendered(parts.body, values) if action.body is None else action.body
    without = _rendered(parts.body, values)
    drafted = _rendered(parts.body, {**values, PLACE: chosen})
    if drafted == without:  # the template has no place for them
        drafted = _joined(tidy(chosen), without)
    return drafted if action.body is None else transplanted(action.body, without, drafted)


def _joined(*blocks: str) -> str:
    return "\n\n".join(filter(None, blocks))


def ends(parts: TemplateParts, action: ActionText, recipient: Recipient) -> tuple[str, str]:
    """The opening and the closing of the letter of this action to this recipient.

    Raises:
        TemplateFault: a template asks for something that neither the action nor the recipient has.
    """
    return _ends(parts, _values(action), recipient)


def _ends(parts: TemplateParts, values: Mapping[str, Any], recipient: Recipient) -> tuple[str, str]:
    known = {
        **values,
        "salutation": recipient.salutation,
        "target": {"name": recipient.name, "organisation": recipient.organisation},
    }
    return _rendered(parts.opening, known), _rendered(parts.closing, known)


def edited_or_none(drafted: Draft, subject: str, body: str) -> tuple[str | None, str | None]:
    """The subject and middle that a supporter handed in, normalised; none for each that is still the draft's own."""
    return (
        _unless_same(normalise_subject(subject), normalise_subject(drafted.subject)),
        _unless_same(normalise_text(body), normalise_text(drafted.body)),
    )


def _values(action: ActionText) -> dict[str, Any]:
    return {**action.variables, "supporter": {"name": action.name, "postcode": action.postcode}, PLACE: ""}


def _unless_same(submitted: str, drafted: str) -> str | None:
    return None if submitted == drafted else submitted

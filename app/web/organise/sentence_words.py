"""Sentences that other rooms made, in the language of who reads the page."""

from __future__ import annotations

from flask_babel import format_decimal, gettext

from app.sentences import Sentence, Value, filled
from app.web.organise.door import blueprint


@blueprint.app_template_filter()
def said(text: str) -> str:
    """The sentence in the reader's language; a text that is no sentence of ours, such as a quotation, as it is."""
    if not isinstance(text, Sentence):
        return text
    return filled(gettext(text.template), {name: _words(value) for name, value in text.values.items()})


def _words(value: Value) -> str:
    if isinstance(value, tuple):
        return gettext("; ").join(said(one) for one in value)
    return format_decimal(value) if isinstance(value, int) else said(value)

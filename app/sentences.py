"""Sentences that are made where nobody knows who will read them, and are said in the reader's language at the edge.

A sentence is English text, and remembers the template and the values that it was made of. Logs, the command line and
tests read the text; pages look the template up in the catalogue (`app.web.organise.sentence_words`). Kept in the
database it is its parts, so that what a worker found yesterday is read today in Arabic. Rooms import it as `_l`, by
which name the catalogue's templates are collected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Sentence(str):
    """English words, with what they were made of. Two that read the same are equal."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, /, **values: Value) -> Self:
        """Make a sentence of a template with `%(name)s` placeholders; without values its text is the template itself.

        Args:
            template: what the catalogue translates.
            values: numbers, names and other words; sentences, and several of them, are translated in their turn.
        """
        made = super().__new__(cls, filled(template, {name: _in_english(value) for name, value in values.items()}))
        made.template, made.values = template, values
        return made


say = Sentence
"""What rooms import as `_l`."""
Value = str | int | tuple[str, ...]


def filled(template: str, words: Mapping[str, str]) -> str:
    """The template with its values in words."""
    return template % words if words else template


def kept(text: str) -> Any:
    """The text as JSON keeps it: a sentence by its parts, any other text as it is."""
    if not isinstance(text, Sentence):
        return text
    return [text.template, {name: _kept_value(value) for name, value in text.values.items()}]


def read(stored: Any) -> str:
    """What `kept` made; texts that were kept before there were sentences are what they are."""
    if isinstance(stored, str):
        return stored
    template, values = stored
    return Sentence(template, **{name: _read_value(value) for name, value in values.items()})


def _in_english(value: Value) -> str:
    if isinstance(value, tuple):
        return "; ".join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _kept_value(value: Value) -> Any:
    if isinstance(value, tuple):
        return {"each": [kept(one) for one in value]}
    return kept(value) if isinstance(value, str) else value


def _read_value(stored: Any) -> Value:
    if isinstance(stored, dict):
        return tuple(read(one) for one in stored["each"])
    return stored if isinstance(stored, int) else read(stored)

"""Reasons that a letter offers: a supporter ticks those that are theirs, and each brings its paragraph along. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.letters.placeholders import render

PLACE = "reasons"
"""The placeholder that says where in the letter's middle they stand; without it they come before the middle."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One of them."""

    key: str
    label: str
    """What is ticked, in the language of the letter."""
    text: str
    """What is said; a template like the letter's middle."""

    @classmethod
    def of(cls, stored: Mapping[str, str]) -> Reason:
        """What `as_json` wrote."""
        return cls(stored["key"], stored["label"], stored["text"])

    def as_json(self) -> dict[str, str]:
        """The same in JSON's own kinds of value."""
        return {"key": self.key, "label": self.label, "text": self.text}


def chosen_text(reasons: Sequence[Reason], keys: Collection[str], values: Mapping[str, Any]) -> str:
    """The paragraphs of the reasons with these keys, in the letter's order; empty when it has none of them.

    Raises:
        TemplateFault: a reason asks for something that the action does not have.
    """
    return "\n\n".join(render(reason.text, values) for reason in reasons if reason.key in keys)


def transplanted(edited: str, before: str, after: str) -> str:
    """A letter's middle that its writer has edited, with the paragraphs that `after` has more than `before`.

    They stand behind the paragraph that they follow in `after`, or in front of the one that they precede. If the writer
    has changed both, they come first.
    """
    old, new, here = (text.split("\n\n") if text else [] for text in (before, after, edited))
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    added = new[start : len(new) - end]
    place = 0
    if start and old[start - 1] in here:
        place = here.index(old[start - 1]) + 1
    elif end and old[-end] in here:
        place = here.index(old[-end])
    return "\n\n".join([*here[:place], *added, *here[place:]])


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many paragraphs both begin with."""
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number

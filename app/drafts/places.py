"""The steps of building a campaign, and which part of its files each of them edits."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.campaigns.document import LETTER, PAGE, SETTINGS, Document
from app.campaigns.models import FALLBACK_LANGUAGE
from app.drafts.following import without_page
from app.problems import FileProblem

EXCLUDED = "excluded"
"""The table of a page that says why some are not written to."""


MAIL_KEYS = ("confirmation", "thanks")
"""What a page says in our mails."""
DELIVERY = "delivery"


class Step(enum.StrEnum):
    """One page of the builder."""

    ASK = "ask"
    WHO = "who"
    LETTER = "letter"
    MAILS = "mails"
    DELIVERY = "delivery"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Place:
    """A step and, where it edits one of several files, which: a language or `<language>.<audience>`."""

    step: Step
    part: str = FALLBACK_LANGUAGE

    def values(self, document: Document) -> Any:
        """What the step edits, as the document has it."""
        match self.step:
            case Step.ASK:
                page = document.pages.get(self.part, {})
                return {key: value for key, value in page.items() if key not in MAIL_KEYS} or None
            case Step.LETTER:
                return document.letters.get(self.part)
            case Step.WHO:
                english = document.pages.get(FALLBACK_LANGUAGE, {})
                return [document.settings.get("targets"), english.get(EXCLUDED)]
            case Step.MAILS:
                return [document.pages.get(self.part, {}).get(key) for key in MAIL_KEYS]
            case Step.DELIVERY:
                return document.settings.get(DELIVERY)
            case Step.LOOK:
                return {key: value for key, value in document.settings.items() if key not in ("targets", DELIVERY)}

    def mark(self, document: Document) -> str:
        """A mark of what the step edits; another one when somebody has changed it."""
        values = without_page(document, self.part) if self.step is Step.LETTER else self.values(document)
        text = json.dumps(values, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def place_of(problem: FileProblem) -> Place:
    """Where a problem can be put right."""
    kind, _, part = problem.path.name.removesuffix(".md").partition(".")
    table = problem.key.partition(".")[0]
    if kind == PAGE and table in MAIL_KEYS:
        return Place(Step.MAILS, part)
    if kind == "image" or (kind == PAGE and (table != EXCLUDED or part != FALLBACK_LANGUAGE)):
        return Place(Step.ASK, part if kind == PAGE else FALLBACK_LANGUAGE)
    if kind == LETTER:
        return Place(Step.LETTER, part)
    steps = {"targets": Step.WHO, EXCLUDED: Step.WHO, DELIVERY: Step.DELIVERY}
    return Place(steps.get(table, Step.LOOK))


def changed_places(before: Document, after: Document) -> Iterator[Place]:
    """The places at which they differ, step by step."""
    languages, letters = sorted({FALLBACK_LANGUAGE, *before.pages, *after.pages}), {*before.letters, *after.letters}
    parts = {Step.ASK: languages, Step.MAILS: languages, Step.LETTER: sorted(letters)}
    places = (Place(step, part) for step in Step for part in parts.get(step, [FALLBACK_LANGUAGE]))
    yield from (place for place in places if place.values(before) != place.values(after))


def changes(before: Document, after: Document) -> Iterator[str]:
    """What differs, in the words of the files and without what they say: `campaign.toml: colour, targets`."""
    old, new = dict(before.files()), dict(after.files())
    for name in sorted({*old, *new}, key=lambda name: (name != SETTINGS, name)):
        was, is_ = old.get(name), new.get(name)
        if was is None or is_ is None:
            yield f"{name}: {'removed' if is_ is None else 'added'}"
        elif was != is_:
            keys = sorted(key for key in {*was, *is_} if was.get(key) != is_.get(key))
            yield f"{name}: {', '.join(keys)}"

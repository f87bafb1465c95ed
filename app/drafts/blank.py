"""What a new draft begins with: a page and a letter as most are, with marked blanks for what only its writer knows."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from app.campaigns.document import Document
from app.campaigns.fields import LONGEST_SLUG
from app.campaigns.models import FALLBACK_LANGUAGE, CampaignKind, CampaignState, TargetRule

COLOUR = "#a3172b"
POSITION = 100
OPENING = "{{ salutation }},"
CLOSING = "Yours sincerely,\n\n{{ supporter.name }}"
CLOSING_BY_PLACE = f"{CLOSING}\n{{{{ supporter.postcode }}}}"
FIRST = "I am writing to ask for your help."
FIRST_BY_PLACE = "I live in {{ area.name }}, and I am writing to ask for your help."
"""How the middle begins: where a postcode is asked for, it is known where the supporter lives."""
SUBJECT = "{{ campaign.title }}"
WRONG = "[[What is wrong, and whom does it hurt? Two or three sentences.]]"
"""The blank of the story and of the letter: what is written in the story follows into the letter."""
ASK_OF_LETTER = "I ask you to [[do what? One thing, said as exactly as you can]]."
_THANKS = (
    "I would be glad of an answer in your own words: what will you do about it, and by when?"
    " Thank you for reading this."
)
_MIDDLE = f"\n\n{WRONG}\n\n{ASK_OF_LETTER}\n\n{_THANKS}"
_ASK = "Ask your councillors to [[do what? Finish the sentence]]."
_INVITATION = "What does this mean to you, or to somebody you know? Two or three sentences are enough."
_BEFORE_IT_GOES = (
    "You can change the letter before it goes. Nothing is sent until you open the link that we mail you,"
    " and press the button."
)
_WHAT_THEY_SEE = (
    "The people you write to see your name, an address for their answer, and your letter."
    " They see nothing else about you."
)
STORY_PROMISES = (_BEFORE_IT_GOES, _WHAT_THEY_SEE)
"""What is true of every campaign: the paragraphs of the story that need nobody's words."""
_AT_THE_END = "\n\n".join(STORY_PROMISES)
_STORY = f"{WRONG}\n\n{_AT_THE_END}"

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def blank(title: str) -> Document:
    """A campaign that writes to the supporter's councillors, for most do; everything can be changed."""
    return Document(
        settings={
            "kind": CampaignKind.LETTER.value,
            "state": CampaignState.DRAFT.value,
            "colour": COLOUR,
            "position": POSITION,
            "targets": {"rule": TargetRule.AREA.value, "role": "councillor", "area": "ward"},
        },
        pages={
            FALLBACK_LANGUAGE: {"title": title, "ask": _ASK, "invitation": _INVITATION, "body": _STORY},
        },
        letters={FALLBACK_LANGUAGE: blank_letter()},
    )


def split_promises(story: str) -> tuple[str, bool]:
    """A story without our promises, and whether they end it word for word; where nothing is written, they shall."""
    own = story.rstrip().removesuffix(_AT_THE_END)
    promised = not own or (len(own) < len(story.rstrip()) and own.endswith("\n\n"))
    return (own.rstrip("\n"), True) if promised else (story, False)


def with_promises(story: str) -> str:
    """A story with our promises at its end; nothing where nothing is written."""
    return f"{story}\n\n{_AT_THE_END}" if story else ""


def blank_letter() -> dict[str, Any]:
    """A plain letter by place: who writes, the ask, thanks."""
    return {"subject": SUBJECT, "opening": OPENING, "closing": CLOSING_BY_PLACE, "body": FIRST_BY_PLACE + _MIDDLE}


def fit_rule(letter: dict[str, Any], *, by_place: bool) -> None:
    """Let our own words name the supporter's place where a postcode is asked for, and nowhere else; others' stay."""
    here, elsewhere = (CLOSING_BY_PLACE, CLOSING) if by_place else (CLOSING, CLOSING_BY_PLACE)
    if str(letter.get("closing", "")).strip() == elsewhere:
        letter["closing"] = here
    here, elsewhere = (FIRST_BY_PLACE, FIRST) if by_place else (FIRST, FIRST_BY_PLACE)
    body = str(letter.get("body", ""))
    if body.startswith(elsewhere):
        letter["body"] = here + body.removeprefix(elsewhere)


def copied(document: Document, title: str) -> Document:
    """A copy that is a draft again; `title` is its English title unless that is empty."""
    document.settings["state"] = CampaignState.DRAFT.value
    document.settings.pop("dates", None)
    for page in document.pages.values():
        page.pop("won", None)
    if title:
        document.pages.setdefault(FALLBACK_LANGUAGE, {})["title"] = title
    return document


def slug_for(title: str) -> str:
    """An address for a title: its letters without accents, its digits, and hyphens; empty when it has neither."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return _NOT_IN_A_SLUG.sub("-", plain).strip("-")[: LONGEST_SLUG - 3].strip("-")

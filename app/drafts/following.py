"""The starting letter says what the page says, so that nobody writes it twice, until somebody words it otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE
from app.drafts.blank import ASK_OF_LETTER, STORY_PROMISES, WRONG
from app.letters.blanks import first_blank

LONGEST_TAKEN = 1500
"""Characters of a story that go into a letter; paragraphs are left out whole."""
_ASKED_TO = re.compile(
    r"(?:ask|tell|urge)\s+(?:your|our|the)\s+(?P<whom>[^.!?]{1,60}?)\s+to\s+(?P<deed>.+)", re.IGNORECASE | re.DOTALL
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_LINE_SIGNS = re.compile(r"^[ \t]*(?:>[ \t]*|[-*+][ \t]+)+", re.MULTILINE)
_SIGNS = re.compile(r"\*{1,3}|`+|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|[{}]|\\(?=\W)")
_HEADING = re.compile(r"#{1,6}\s")


def follow_page(document: Document, before: Document) -> None:
    """Where an English letter says what the English page said, or has the blank for it, let it say what it says now."""
    old, new = (dict(_taken(each.pages.get(FALLBACK_LANGUAGE, {}))) for each in (before, document))
    for part, letter in document.letters.items():
        if part.partition(".")[0] == FALLBACK_LANGUAGE:
            for blank in old:
                letter["body"] = _replaced(str(letter.get("body", "")), (old[blank], blank), new[blank])


def follows_page(document: Document, part: str) -> bool:
    """Whether a letter has words of the page in it."""
    taken = dict(_taken(document.pages.get(FALLBACK_LANGUAGE, {})))
    body = str(document.letters.get(part, {}).get("body", ""))
    return any(words != blank and _between(words) in _between(body) for blank, words in taken.items())


def without_page(document: Document, part: str) -> Mapping[str, Any] | None:
    """A letter with blanks for what it says because the page does: that changes without anybody's having changed it."""
    letter = document.letters.get(part)
    if letter is None or part.partition(".")[0] != FALLBACK_LANGUAGE:
        return letter
    body = str(letter.get("body", ""))
    for blank, words in _taken(document.pages.get(FALLBACK_LANGUAGE, {})):
        body = _replaced(body, (words,), blank)
    return {**letter, "body": body}


def _taken(page: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a letter takes from a page, each with the paragraph that has the blank for it, which it is at first."""
    yield WRONG, _wrong(str(page.get("body", ""))) or WRONG
    yield ASK_OF_LETTER, _asked(str(page.get("ask", ""))) or ASK_OF_LETTER


def _replaced(body: str, olds: tuple[str, ...], new: str) -> str:
    """The body with the first of the paragraphs that it has in the place of another one."""
    old = next((each for each in olds if _between(each) in _between(body)), None)
    return body if old is None else _between(body).replace(_between(old), _between(new), 1).strip("\n")


def _between(text: str) -> str:
    return f"\n\n{text}\n\n"


def _asked(ask: str) -> str:
    """What supporters ask for, as they say it to those whom they ask; empty while it has a blank."""
    ask = _plain(ask)
    if not ask or first_blank(ask):
        return ""
    stop = "" if ask[-1] in ".!?…" else "."
    found = _ASKED_TO.fullmatch(ask)
    if not found:
        return f"This is what I ask of you: {ask}{stop}"
    if found["whom"].lower().endswith("council"):  # who reads it is not the council: no one person houses families
        return f"Please do what you can so that our {found['whom']} will {found['deed']}{stop}"
    return f"I ask you to {found['deed']}{stop}"


def _wrong(story: str) -> str:
    """How a story begins, before our own promises, as plain text; empty while it has a blank."""
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", story) if each.strip()]
    ours = next((place for place, each in enumerate(paragraphs) if each in STORY_PROMISES), None)
    told = [_plain(each) for each in paragraphs[:ours] if not _HEADING.match(each)]
    # In a story of somebody's own nothing says where the reasons end: its first paragraph is the safest guess.
    told = [each for each in told if each][: 1 if ours is None else None]
    text = ""
    for each in told:
        if len(text) + len(each) > LONGEST_TAKEN:
            break
        text = f"{text}\n\n{each}".strip()
    return "" if first_blank(text) else text


def _plain(text: str) -> str:
    """A paragraph of Markdown without its signs, and without the braces that a letter would take for a placeholder."""
    if first_blank(text):
        return text.strip()
    return _SIGNS.sub("", _LINE_SIGNS.sub("", _LINK.sub(r"\1", text))).strip()

"""Whether a letter greets its recipient as one greets a person: names go wrong in every registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from app.letters.compose import Recipient
from app.letters.findings import Finding, Level, Remedy
from app.sentences import say as _l

WHERE = "greeting"

_TITLES = {
    "cllr": "cllr",
    "councillor": "cllr",
    "dr": "dr",
    "doctor": "dr",
    "lady": "lady",
    "lord": "lord",
    "miss": "miss",
    "mr": "mr",
    "mrs": "mrs",
    "ms": "ms",
    "mx": "mx",
    "prof": "prof",
    "professor": "prof",
    "rev": "rev",
    "revd": "rev",
    "sir": "sir",
    "dame": "dame",
}
"""Titles that stand before a name, and which of them are the same one."""
_PERSONAL = frozenset({"cllr", "dr", "miss", "mr", "mrs", "ms", "mx", "prof"})
"""Those that a surname follows."""
_OPENS_A_PHRASE = frozenset({"sir", "madam", "lord", "lady"})
"""Titles that are a whole greeting by themselves: "Dear Sir or Madam"."""
_BRACKETS = (("(", ")"), ("[", "]"), ("<", ">"), ("{", "}"))
_VACANT = re.compile(r"\bvacan(?:t|cy)\b", re.IGNORECASE)
_LOUD = 4
"""From this length on a word in capitals is no abbreviation: MP, NHS and BBC are."""


def greeting_findings(recipient: Recipient) -> Iterator[Finding]:
    """What is odd about the greeting of one recipient; each with the greeting itself."""
    greeting = recipient.salutation
    for level, sentence in _faults(greeting, recipient.name):
        yield Finding(level, sentence, WHERE, greeting, Remedy.GREETING)


def _faults(greeting: str, name: str) -> Iterator[tuple[Level, str]]:
    words = [word.strip(",.;:") for word in greeting.split()]
    titles = [_TITLES.get(word.casefold(), "") for word in words]
    if not any(map(str.isalpha, greeting)):
        yield Level.STOP, _l("The letter greets nobody.")
        return
    if _greets_no_name(words, titles):
        yield Level.STOP, _l("The greeting ends before a name comes.")
    elif _another_name(words, titles, name):
        yield Level.WARN, _l("The greeting has another surname than the recipient's name.")
    if "@" in greeting:
        yield Level.STOP, _l("An e-mail address stands in the greeting.")
    if _VACANT.search(greeting):
        yield Level.STOP, _l("The greeting is to a vacant seat.")
    yield from _oddities(greeting, words, titles, name)


def _oddities(greeting: str, words: list[str], titles: list[str], name: str) -> Iterator[tuple[Level, str]]:
    if any(map(str.isdigit, greeting)):
        yield Level.WARN, _l("There are figures in the greeting.")
    if any(word.isupper() and len(word) >= _LOUD for word in words):
        yield Level.WARN, _l("A name in the greeting is in capitals.")
    if words[-1].islower() and words[-1] not in name.split() and words[-1] in name.casefold().split():
        yield Level.WARN, _l("The name in the greeting is in small letters.")
    if any(title and title == after for title, after in pairwise(titles)):
        yield Level.WARN, _l("A title stands twice in the greeting.")
    if any(greeting.count(opens) != greeting.count(closes) for opens, closes in _BRACKETS):
        yield Level.WARN, _l("A bracket in the greeting is open.")
    if greeting.rstrip().endswith((",", ";", ":")):
        yield Level.WARN, _l("The greeting ends in a comma, and the letter adds its own.")


def _greets_no_name(words: list[str], titles: list[str]) -> bool:
    """Whether nothing but "Dear" and titles is there; "Dear Sir" and "Dear Lord Mayor" are greetings."""
    rest = words[1:] if words[0].casefold() == "dear" else words
    if rest and rest[-1].casefold() in _OPENS_A_PHRASE:
        return False
    return not any(rest) or all(titles[-len(rest) :])


def _another_name(words: list[str], titles: list[str], name: str) -> bool:
    """Whether a personal title is followed by a last word that the recipient's name does not have."""
    known = {word.strip(",.;:()").casefold() for word in name.split()}
    return bool(known) and any(title in _PERSONAL for title in titles[1:2]) and words[-1].casefold() not in known

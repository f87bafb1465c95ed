"""Words that somebody should see before a letter leaves: insults, slurs and threats, whole words only.

Who hides a word behind look-alike letters, dots or stars is found too; a place whose name contains one is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("abuse_words.txt")

_LOOK_ALIKE = str.maketrans(
    "авезікмнорсухѕјһԁαβεηικνορτυχ01345789@$!|ıøłđ",
    "abeeikmhopcyxsjhdabenikvoptuxoieastbgasiiiold",
)
"""Letters of other alphabets, figures and signs that are read as Latin letters."""

_TOKEN = re.compile(r"\w[\w@$!|*']*")
_SPACED_OUT = re.compile(r"(?<!\w)(?:\w[ .\-_*·]{1,2}){2,}\w(?!\w)")
_BETWEEN = re.compile(r"[ .\-_*·]")
_LONG_RUN = re.compile(r"(\w)\1{2,}")
_STARS = re.compile(r"\*+")
_SHORTEST_STARRED = 4
_APOSTROPHE_S = re.compile(r"'s?$")


@dataclass(frozen=True, slots=True)
class _List:
    words: frozenset[str]
    phrases: tuple[str, ...]
    names: tuple[str, ...]


def abuse_in(text: str) -> list[str]:
    """The words of the text that are on the list, as they are written there; each once."""
    listed = _list()
    plain = _plain(text)
    for name in listed.names:
        plain = plain.replace(name, " ")
    found = [*_words_found(plain, listed.words), *_phrases_found(plain, listed.phrases)]
    return list(dict.fromkeys(found))


def _words_found(plain: str, words: frozenset[str]) -> Iterator[str]:
    together = (_BETWEEN.sub("", match[0]) for match in _SPACED_OUT.finditer(plain))
    for token in (*_TOKEN.findall(plain), *together):
        if token.isdecimal():
            continue
        if any(form in words for form in _forms(token)) or _starred(token, words):
            yield token


def _phrases_found(plain: str, phrases: Iterable[str]) -> Iterator[str]:
    spoken = f" {' '.join(form.translate(_LOOK_ALIKE) for form in _TOKEN.findall(plain))} "
    for phrase in phrases:
        if f" {phrase} " in spoken:
            yield phrase


def _plain(text: str) -> str:
    """Small letters without marks above or below, and without what cannot be seen."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Cf"))


def _forms(token: str) -> Iterator[str]:
    """How a token may be meant: as written, with look-alike letters, with drawn-out letters drawn in."""
    bare = _APOSTROPHE_S.sub("", token.rstrip("!|@$*"))
    alike = bare.translate(_LOOK_ALIKE)
    for form in (bare, alike, token.translate(_LOOK_ALIKE)):
        yield form
        yield _LONG_RUN.sub(r"\1", form)
        yield _LONG_RUN.sub(r"\1\1", form)


def _starred(token: str, words: frozenset[str]) -> bool:
    """Whether letters of a listed word are behind stars. One star at the end is a footnote's."""
    word = token.translate(_LOOK_ALIKE)
    hidden = "*" in word.rstrip("*") or word.endswith("**")
    if not hidden or len(word) < _SHORTEST_STARRED:
        return False
    pattern = re.compile(_STARS.sub(lambda stars: rf"\w{{{len(stars[0])}}}", word))
    return any(pattern.fullmatch(listed) for listed in words if len(listed) == len(word))


@cache
def _list() -> _List:
    words: set[str] = set()
    phrases: list[str] = []
    names: list[str] = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        match line[:1]:
            case "" | "#":
                continue
            case "=":
                phrases.append(line[1:].strip())
            case "+":
                names.append(line[1:].strip())
            case _:
                words.update(line.split())
    return _List(frozenset(words), tuple(phrases), tuple(names))

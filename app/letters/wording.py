"""What is odd about a paragraph: places that nobody filled, gaps where a value was, links, shouting. By patterns only.

Most paragraphs of a campaign's letters are the same in all of them, so what was found in one is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

from app.letters.blanks import first_blank
from app.letters.findings import Finding, Level, Remedy
from app.letters.readability import WORD
from app.sentences import say as _l

PARAGRAPHS_KEPT = 2048
LONGEST_QUOTE = 60

_TAG = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_BRACKETED = re.compile(r"\[[^\[\]\n]{0,80}\]|<[^<>\n]{1,80}>|\{[^{}\n]{1,80}\}")
_FILL_IN = re.compile(
    r"\b(?:your|insert|enter|fill in|add|recipient|salutation)\b"
    r"|^\W(?:\w+ ){0,3}(?:name|surname|title|address|e-?mail|postcode|date|town|here)\W$",
    re.IGNORECASE,
)
"""Brackets that stand for something to be filled in, not for an editor's "[the council]"."""
_HTML = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_QUOTED_SOURCE = re.compile(r"\[(?:\d{1,3}|sic|…|\.\.\.)\]|<(?:https?://|mailto:|www\.)[^>]*>|<[^\s<>@]+@[^\s<>@]+>")
"""Brackets that belong into a text: a note's number, sic, an omission, an address."""
_BLANK_LINE = re.compile(r"_{3,}|\.{5,}|…{2,}")
_DUMMY = re.compile(r"\blorem ipsum\b|\bx{3,}\b|\btb[acd]\b", re.IGNORECASE)
_GAP = re.compile(
    r"(?<=\w) [,;:.!?](?=\s|$)"  # a word, a gap, a comma
    r"|\(\s*\)|“\s*”|‘\s*’"  # nothing between brackets or quotation marks
    r"|,\s*[,.]"
    r"|(?<=[\w,]) {2,}(?=\S)"
)

_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"“”]+", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?'’”»)]}"
SHORTENERS = frozenset(
    {
        *("bit.ly", "buff.ly", "cutt.ly", "fb.me", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly"),
        *("s.id", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "trib.al", "v.gd", "wp.me"),
    }
)
"""Hosts that lead on to another page without saying where."""
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_[ce]id|_hsenc|_hsmi|mkt_tok|s_cid", re.IGNORECASE)
_NUMERIC = re.compile(r"[\d.]+|[0-9a-f.]*:[0-9a-f:.]*", re.IGNORECASE)

_CAPITALS = re.compile(r"(?:\b[^\W\d_a-z]+\b[^\w\n]*){3,}")
"""Three or more words in a row without a small letter; `_is_loud` looks closer."""
_MARKS = re.compile(r"!{2,}|[!?]*(?:!\?|\?!)[!?]*|\?{3,}")
_LOUD_WORD = 4
SHARE_IN_CAPITALS = 0.4
"""Of the words of a paragraph: texts with a few abbreviations stay well below."""
_FEWEST_FOR_A_SHARE = 8


@lru_cache(PARAGRAPHS_KEPT)
def paragraph_findings(text: str) -> tuple[Finding, ...]:
    """What is odd about a paragraph or a subject; where it stands is for the caller to say."""
    return (*_left_over(text), *_gaps(text), *_link_findings(text), *_shouting(text))


def links_of(text: str) -> list[str]:
    """The addresses of web pages that a text names."""
    return [match[0].rstrip(_AFTER_A_LINK) for match in _LINK.finditer(text)]


def quoted(text: str) -> str:
    """A text as a finding quotes it: on one line, and cut short."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _left_over(text: str) -> Iterator[Finding]:
    if match := _TAG.search(text):
        yield Finding(
            Level.STOP,
            _l("A placeholder of the template is left."),
            quote=_around(text, match),
            remedy=Remedy.PLACEHOLDER,
        )
    if blank := first_blank(text):
        yield Finding(Level.STOP, _l("A place that is to be filled in is left."), quote=quoted(blank))
    for match in _BRACKETED.finditer("" if blank else text):
        if _QUOTED_SOURCE.fullmatch(match[0]):
            continue
        if _FILL_IN.search(match[0]):
            yield Finding(Level.STOP, _l("A place that is to be filled in is left."), quote=quoted(match[0]))
        elif _HTML.fullmatch(match[0]):
            yield Finding(Level.WARN, _l("HTML is shown as it is typed."), quote=quoted(match[0]))
        elif match[0][0] == "[":
            yield Finding(Level.WARN, _l("Square brackets: is something to be filled in here?"), quote=quoted(match[0]))
    if match := _BLANK_LINE.search(text):
        yield Finding(Level.WARN, _l("A blank to be filled in is left."), quote=_around(text, match))
    if match := _DUMMY.search(text):
        yield Finding(Level.WARN, _l("Words that stand in for others are left."), quote=_around(text, match))


def _gaps(text: str) -> Iterator[Finding]:
    if match := _GAP.search(text):
        yield Finding(Level.WARN, _l("A gap: is a word missing?"), quote=_around(text, match))


def _link_findings(text: str) -> Iterator[Finding]:
    for link in links_of(text):
        try:
            parts = urlsplit(link if "://" in link else f"http://{link}")
            host = (parts.hostname or "").lower()
        except ValueError:
            yield Finding(Level.STOP, _l("A link is broken."), quote=quoted(link))
            continue
        for sentence in _faults_of_link(parts, host.removeprefix("www.")):
            yield Finding(Level.WARN, sentence, quote=quoted(link))


def _faults_of_link(parts: SplitResult, host: str) -> Iterator[str]:
    if parts.scheme.lower() != "https":
        yield _l("A link does not begin with https://.")
    if host in SHORTENERS:
        yield _l("A shortened link hides where it leads; mail servers distrust those.")
    if any(_TRACKING.fullmatch(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        yield _l("A link carries a mark by which its reader is followed.")
    if parts.username or _NUMERIC.fullmatch(host):
        yield _l("A link leads to a bare number or carries a name, as those of swindlers do.")


def _shouting(text: str) -> Iterator[Finding]:
    words = WORD.findall(text)
    loud = [word for word in words if len(word) > 1 and word.isupper()]
    run = next((match for match in _CAPITALS.finditer(text) if _is_loud(match[0])), None)
    if run is not None:
        yield Finding(Level.WARN, _l("Words in capitals shout."), quote=quoted(run[0]))
    elif len(words) >= _FEWEST_FOR_A_SHARE and len(loud) > SHARE_IN_CAPITALS * len(words):
        yield Finding(Level.WARN, _l("Words in capitals shout."), quote=quoted(" ".join(loud)))
    if match := _MARKS.search(text):
        yield Finding(
            Level.WARN, _l("More than one exclamation or question mark in a row."), quote=_around(text, match)
        )


def _is_loud(run: str) -> bool:
    """Whether one word at least is longer than an abbreviation, and has capitals: other scripts have none."""
    return any(len(word) >= _LOUD_WORD and word.isupper() for word in WORD.findall(run))


def _around(text: str, match: re.Match[str]) -> str:
    """The words around a place."""
    return quoted(text[max(0, match.start() - 25) : match.end() + 25])

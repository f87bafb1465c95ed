"""The one form in which text is kept, compared and sent. Pure text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TIDIED_KEPT = 2048
"""Texts whose tidy form is kept: the middle of a campaign's unedited letters is the same one thousands of times, and
how they begin is the same for each recipient."""

_MANY_BLANK_LINES = re.compile(r"\n{3,}")


def normalise_text(text: str) -> str:
    """A supporter's text in the one form that is kept, compared and sent.

    Unicode NFC; every kind of line end is LF; no space at the end of a line; at most one blank line in a row; nothing
    blank before or after. Half surrogates, which no encoding can carry, become U+FFFD. Applying it twice changes
    nothing. Control characters are refused where the text comes in, not here.
    """
    return tidy(unicodedata.normalize("NFC", _without_surrogates(text)))


def normalise_subject(text: str) -> str:
    """A supporter's subject in the one form that is kept: like `normalise_text`, and on one line."""
    return one_line(normalise_text(text))


def tidy(text: str) -> str:
    """Line ends and blanks as of `normalise_text`."""
    text = "\n".join(map(str.rstrip, text.splitlines()))
    # Looking first spares every tidy text, which is nearly every letter, the slower search of the pattern.
    return (_MANY_BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text).strip()


def one_line(text: str) -> str:
    """Without line ends, whatever a value brought along: a subject is a mail header."""
    return " ".join(filter(None, (line.strip() for line in text.splitlines())))


# What somebody has typed goes through neither: it would stay in the memory of a web process.
tidy_kept, line_kept = (lru_cache(TIDIED_KEPT)(made) for made in (tidy, one_line))


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

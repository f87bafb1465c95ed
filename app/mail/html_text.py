"""The words of an HTML mail: nothing that loads, hides or runs, and where its links lead.

The standard library's parser takes the square of a hostile text's length; this one goes through it once. It need not
be exact: what it makes is read by a person, and is escaped wherever it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

LONGEST = 400_000
"""Characters that are read of it."""
LONGEST_TAG = 4_000
"""Characters of a tag that are looked at."""

_RAW = frozenset({"script", "style", "title", "textarea", "template", "noscript", "svg", "math", "select", "xml"})
"""What is not read, up to its end tag."""
_LINES = frozenset({"address", "br", "dd", "div", "dt", "hr", "li", "tr"})
_PARAGRAPHS = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"})
_NAME = re.compile(r"/?([a-z][a-z0-9]*)", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_LINKS = ("https://", "http://", "mailto:")


def html_text(html: str) -> str:
    """What a person reads of it, with line breaks where blocks end. Never raises."""
    reader = _Reader(html[:LONGEST])
    reader.read()
    return "".join(reader.pieces)


@dataclass(slots=True)
class _Reader:
    html: str
    pieces: list[str] = field(default_factory=list)
    at: int = 0
    _link: str = ""
    _link_begins: int = 0
    """How many pieces there were when the link began."""

    def read(self) -> None:
        while self.at < len(self.html):
            opened = self.html.find("<", self.at)
            self._words(self.html[self.at : opened if opened >= 0 else None])
            if opened < 0:
                return
            self.at = opened
            self._markup()

    def _markup(self) -> None:
        """Take in what begins with "<": a comment, a tag, or a sign that stands for itself."""
        if self.html.startswith("<!--", self.at):
            self._go_behind("-->")
        elif match := _NAME.match(self.html, self.at + 1):
            start = self.at
            self._go_behind(">")
            self._tag(match[1].lower(), self.html[start : min(self.at, start + LONGEST_TAG)])
        elif self.html.startswith(("<!", "<?", "</"), self.at):
            self._go_behind(">")
        else:
            self.pieces.append("<")
            self.at += 1

    def _go_behind(self, end: str) -> None:
        found = self.html.find(end, self.at)
        self.at = len(self.html) if found < 0 else found + len(end)

    def _tag(self, name: str, tag: str) -> None:
        closing = tag.startswith("</")
        if name in _RAW and not closing and not tag.endswith("/>"):
            self._skip(name)
        elif name == "a":
            self._name_link() if closing else self._begin_link(tag)
        elif name in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif name in _LINES and not (closing and name == "br"):
            self.pieces.append("\n- " if name == "li" and not closing else "\n")

    def _skip(self, name: str) -> None:
        found = re.compile(f"</{name}", re.IGNORECASE).search(self.html, self.at)
        self.at = found.start() if found else len(self.html)

    def _words(self, text: str) -> None:
        if text:
            words = " ".join(unescape(text).split())
            self.pieces.append(f"{' ' * text[0].isspace()}{words}{' ' * (bool(words) and text[-1].isspace())}")

    def _begin_link(self, tag: str) -> None:
        match = _HREF.search(tag)
        self._link = unescape(match[1] or match[2] or match[3] or "").strip() if match else ""
        self._link_begins = len(self.pieces)

    def _name_link(self) -> None:
        """Say where a link leads, where its words do not."""
        link, self._link = self._link, ""
        if link.lower().startswith(_LINKS):
            said = "".join(self.pieces[self._link_begins :])
            if link.partition(":")[2].strip("/") not in said:
                self.pieces.append(f" <{link}>")

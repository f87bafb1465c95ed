"""Text into HTML that is safe to show: pages that organisers write in Markdown, and plain letters.

This is the only module that knows bleach. It belongs where text is saved: cleaning a page takes a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

import bleach
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.letters.problem import Problem

PAGE_TAGS = frozenset({"p", "h2", "h3", "ul", "ol", "li", "a", "em", "strong", "blockquote", "br"})
LINK_SCHEMES = frozenset({"https", "mailto"})
LINK_RELATION = "noopener noreferrer"

_NOT_FOR_PAGES = {
    "html_block": "HTML tags such as <b> do not work on a page; write **bold** or *slanted* instead",
    "html_inline": "HTML tags such as <b> do not work on a page; write **bold** or *slanted* instead",
    "image": "images are not allowed on a page",
    "code_block": "a line that starts with four spaces would be shown as program code",
    "fence": "program code is not allowed on a page",
    "code_inline": "program code is not allowed on a page",
    "hr": "a dividing line is not allowed on a page",
}
_BARE_LINK = re.compile(r"https?://\w[^\s<>\"]*")
_AFTER_A_LINK = ".,;:!?'’”»]}"


def page_html(markdown: str) -> str:
    """A page's Markdown (CommonMark) as HTML with paragraphs, headings of level 2 and 3, lists, links and emphasis.

    What else Markdown knows, raw HTML above all, stays the text that was typed; `page_problems` names it.
    """
    parser = MarkdownIt("commonmark", {"html": False}).disable(
        ["image", "code", "fence", "backticks", "hr", "html_block", "html_inline"]
    )
    tokens = parser.parse(markdown)
    for token in _with_children(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2" if token.tag in ("h1", "h2") else "h3"
        elif token.type == "link_open":
            token.attrSet("rel", LINK_RELATION)
    html = parser.renderer.render(tokens, parser.options, {})
    return bleach.clean(html, tags=PAGE_TAGS, attributes=_keeps_attribute, protocols=LINK_SCHEMES, strip=True)


def page_problems(markdown: str) -> list[Problem]:
    """What a page's Markdown may not hold, with its line."""
    found = (
        Problem(line, message)
        for line, token in _lines_of(_AnyLink("commonmark").parse(markdown))
        if (message := _NOT_FOR_PAGES.get(token.type) or _link_problem(token))
    )
    return list(dict.fromkeys(found))


def plain_html(text: str) -> str:
    """A plain letter as HTML: its paragraphs, its line breaks, and its web links made clickable.

    Each paragraph takes the direction of its own first letters: an Arabic paragraph in an English letter reads right.
    """
    return "\n".join(_paragraph(stripped) for part in text.split("\n\n") if (stripped := part.strip("\n")))


def _paragraph(text: str) -> str:
    return f'<p dir="auto">{_linked(text)}</p>'


class _AnyLink(MarkdownIt):
    """Takes an unsafe link for a link, so that it can be named instead of being left as text."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the parser's own name
        """Every link will do."""
        return True


def _keeps_attribute(tag: str, name: str, value: str) -> bool:
    if tag == "a":
        return (name == "href" and _link_allowed(value)) or (name == "rel" and value == LINK_RELATION)
    return tag == "ol" and name == "start" and value.isdecimal()


def _link_allowed(href: str) -> bool:
    """Whether it leads to an https address, a mailbox, or a path of this site (`/…`)."""
    if href.startswith("/"):
        return not href.startswith(("//", "/\\"))
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme == "mailto" or (parts.scheme == "https" and bool(parts.hostname))


def _link_problem(token: Token) -> str | None:
    if token.type != "link_open" or _link_allowed(str(token.attrGet("href"))):
        return None
    return "a link must start with https://, with mailto: or with / (a path of this site)"


def _with_children(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _lines_of(tokens: list[Token]) -> Iterator[tuple[int, Token]]:
    """Every token with its line. Those inside a paragraph carry none of their own; they are counted by line breaks."""
    for token in tokens:
        line = (token.map or [0])[0] + 1
        yield line, token
        for child in token.children or ():
            yield line, child
            line += child.type in ("softbreak", "hardbreak")


def _linked(text: str) -> str:
    pieces, end = [], 0
    for match in _BARE_LINK.finditer(text) if "://" in text else ():
        address = _trimmed(match[0])
        shown = escape(address)
        pieces.append(escape(text[end : match.start()]))
        pieces.append(f'<a href="{shown}" rel="{LINK_RELATION}">{shown}</a>')
        end = match.start() + len(address)
    pieces.append(escape(text[end:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays when one was opened inside."""
    return address.rstrip(_AFTER_A_LINK if "(" in address else _AFTER_A_LINK + ")")

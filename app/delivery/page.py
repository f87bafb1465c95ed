"""The HTML part of a mail: the same words, readable on a phone and in either direction. It loads nothing."""

from __future__ import annotations

from functools import cache
from html import escape

from app.i18n import direction
from app.letters.sanitise import plain_html

_STYLE = "font: 17px/1.5 Georgia, serif; max-width: 36em; margin: 1em auto; padding: 0 1em"
_FOOT = "\n</body></html>\n"


def mail_page(text: str, language: str, common: slice = slice(0, 0)) -> tuple[str, slice]:
    """The page, and where in it that part of the text stands that `common` cuts out (whole paragraphs)."""
    head = _head(language)
    before, within, after = (plain_html(part) for part in (text[: common.start], text[common], text[common.stop :]))
    start = f"{head}{before}\n" if before else head
    end = f"\n{after}{_FOOT}" if after else _FOOT
    return f"{start}{within}{end}", slice(len(start), len(start) + len(within))


@cache
def _head(language: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction(language)}">'
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>\n'
        f'<body style="{_STYLE}">\n'
    )

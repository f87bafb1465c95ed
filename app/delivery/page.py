"""The HTML part of a mail: the same words, readable on a phone and in either direction. It loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from html import escape

from app.i18n import direction
from app.letters.sanitise import plain_html

BLOCKS_KEPT, LONGEST_BLOCK_KEPT = 256, 20_000
"""Blocks whose HTML is kept, and the characters of each at the most: the letters of a campaign have most alike."""

_STYLE = "font: 17px/1.5 Georgia, serif; max-width: 36em; margin: 1em auto; padding: 0 1em"
_FOOT = "</body></html>"


def mail_page(text: str, language: str) -> str:
    """The page of a mail of our own."""
    return whole_page((_head(language), plain_html(text), _FOOT))


def page_blocks(blocks: Sequence[str], language: str) -> tuple[str, ...]:
    """The page of a text that is made of `blocks`, in a block for each, between its head and its foot."""
    kept = max(map(len, blocks), default=0) <= LONGEST_BLOCK_KEPT
    return _head(language), *map(_kept_html if kept else plain_html, blocks), _FOOT


def whole_page(blocks: Sequence[str]) -> str:
    """What `page_blocks` gave, put together."""
    return "\n".join(blocks) + "\n"


_kept_html = lru_cache(BLOCKS_KEPT)(plain_html)


@cache
def _head(language: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction(language)}">'
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>\n'
        f'<body style="{_STYLE}">'
    )

"""Whether a campaign's colour can be read: the contrast of two colours as WCAG 2.2 defines it."""

from __future__ import annotations

import re

WHITE = "#ffffff"
PAPER = "#fbfaf7"
"""The ground of the pages."""
READABLE = 4.5
"""The least contrast of text and its ground (WCAG 2.2, success criterion 1.4.3, level AA)."""

_LINEAR_UP_TO = 0.04045
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether the text is a colour as campaigns write it: # and six hexadecimal digits."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (`#rrggbb`), from 1 to 21; their order makes no difference.

    Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_contrast(colour: str) -> float:
    """The contrast of a campaign's colour where it is least: under white text, or as text on paper."""
    return min(contrast(colour, WHITE), contrast(colour, PAPER))


def _luminance(colour: str) -> float:
    """Relative luminance, from 0 for black to 1 for white (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_UP_TO else ((channel + 0.055) / 1.055) ** 2.4

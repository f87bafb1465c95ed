"""Marked blanks: what a starting text leaves to be said, as `[[what should happen]]`. Pure text."""

from __future__ import annotations

import re

_BLANK = re.compile(r"\[\[[^\[\]]{1,300}\]\](?!\()")
"""Followed by a round bracket it is a link of Markdown whose words stand in square ones."""


def first_blank(text: str) -> str:
    """The first place that is still to be filled in, brackets and all; empty when there is none."""
    found = _BLANK.search(text)
    return found[0] if found else ""

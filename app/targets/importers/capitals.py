"""Names and addresses in capitals, as registers keep them, put into the letters that people write."""

from __future__ import annotations

import re

_SMALL = frozenset(
    {"and", "at", "by", "for", "in", "le", "next", "of", "on", "super", "the", "to", "under", "upon", "with"}
)
"""Inside a name; the first word begins with a capital."""
_CAPITALS = frozenset({"BBC", "CIC", "FT", "GP", "HQ", "ITV", "LLP", "NE", "NHS", "NW", "SE", "SW", "UK"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def proper_case(text: str) -> str:
    """Return a text that is all capitals in ordinary letters; any other as it is.

    "ST GEORGE'S NHS TRUST" becomes "St George's NHS Trust", "STOKE-ON-TRENT" "Stoke-on-Trent".
    """
    if text.upper() != text:
        return text
    first = next((found.start() for found in _WORD.finditer(text)), 0)
    return _WORD.sub(lambda found: _word(found[0], begins=found.start() == first), text)


def _word(word: str, *, begins: bool) -> str:
    if word in _CAPITALS or len(word) == 1:
        return word
    if word[0].isdigit() or any(character.isdigit() for character in word):
        return word.lower() if re.fullmatch(r"[0-9]+(ST|ND|RD|TH)", word) else word
    if word.lower() in _SMALL and not begins:
        return word.lower()
    return re.sub(r"(['’])([^\W_])(?=[^\W_])", lambda found: found[1] + found[2].upper(), word.capitalize())

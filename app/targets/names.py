"""People's names as registries publish them, and the greeting that a letter opens with.

The rule for councillors is "Dear Cllr Surname". Where the surname begins is known when the name has one or two words,
initials apart; when the mailbox spells it ("Alice Sample Verde" at alice.sampleverde@… is Cllr Sample Verde, and at
alice.verde@… Cllr Verde); or when a particle in small letters opens it, such as "van" or "de". Where none of these
holds, the greeting carries the whole name, which is stiff but never wrong.
"""

from __future__ import annotations

import re
import unicodedata

_TITLE = re.compile(
    "alderman|bailie|baroness|cllr|councillor|councilor|dame|dr|lady|lord|miss|mr|mrs|ms|mx|prof|professor|provost|"
    "rev|revd|reverend|sir|the"
)
_HONOUR = re.compile("bem|cbe|dl|esq|frsa|jp|kbe|kc|mbe|mp|ms|msp|obe|phd|qc")
_PARTICLE = re.compile("ab|al|ap|bin|bint|da|das|de|del|della|den|der|di|dos|du|el|ibn|la|le|ten|ter|van|von|zu")
"""In small letters only: "Van" and "Le" are given names too."""
_VACANT = re.compile(r"(seat )?vacan(t|cy)( seat)?", re.IGNORECASE)


def clean_name(text: str) -> str:
    """Return a person's name without titles, honours, brackets and stray space.

    "Surname, First" is turned round. The result is empty when nothing is left, or when the text says that the seat is
    vacant.
    """
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", unicodedata.normalize("NFC", text))
    bare = re.sub(r"\b(the|rt\.?|right) hon(ourable)?\b\.?", "", bare, flags=re.IGNORECASE)
    head, _, rest = bare.partition(",")
    words = [*_without_titles(_without_honours(rest)), *_without_titles(_without_honours(head))]
    name = " ".join(words).strip(" .;")
    return "" if _VACANT.fullmatch(name) or _TITLE.fullmatch(_letters(name)) else name


def surname(name: str, email: str = "") -> str:
    """Return the surname in a clean name, by the rule at the top of this module; empty when it cannot be known."""
    words = [word for word in name.split() if len(_letters(word)) > 1]
    if len(words) <= 2:  # noqa: PLR2004 - the first name and the last
        return words[-1] if words else ""
    mailbox = _letters(re.split(r"[._]", email.partition("@")[0])[-1])
    for first in range(1, len(words)):
        tail = words[first:]
        if _letters("".join(tail)) == mailbox or _PARTICLE.fullmatch(tail[0]):
            return " ".join(tail)
    return ""


def councillor_salutation(name: str, email: str = "") -> str:
    """Return the whole greeting of a councillor, without a comma: "Dear Cllr Sample"."""
    return f"Dear Cllr {surname(name, email) or name}"


def _without_honours(text: str) -> list[str]:
    """Return the words of a text up to the honours at its end."""
    words = text.replace(",", " ").split()
    while words and _HONOUR.fullmatch(_letters(words[-1])):
        words.pop()
    return words


def _without_titles(words: list[str]) -> list[str]:
    """Return the words after the titles at their beginning. The last word stays: Lord and Bailie are surnames too."""
    while len(words) > 1 and _TITLE.fullmatch(_letters(words[0])):
        words = words[1:]
    return words


def _letters(text: str) -> str:
    """Return the letters of a text alone, small and without accents, by which spellings are compared."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalpha())

"""People's names as registries publish them, and the greeting that a letter opens with.

The rule for councillors is "Dear Cllr Surname", with such titles between as a letter keeps: "Dear Cllr Dr Surname".
Where the surname begins is known when the name has one or two words, initials apart; when the mailbox spells it ("Alice
Sample Verde" at alice.sampleverde@… is Cllr Sample Verde, and at alice.verde@… Cllr Verde); or when a particle in small
letters opens it, such as "van" or "de". Where none of these holds, the greeting carries the whole name, which is stiff
but never wrong. Nor is a knight or a dame ever greeted by surname alone, for "Sir" and "Dame" go with the given name:
"Dear Cllr Sir Bob Verde".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_KEPT = {
    "baron": "Baron",
    "baroness": "Baroness",
    "canon": "Canon",
    "dame": "Dame",
    "doctor": "Dr",
    "dr": "Dr",
    "lady": "Lady",
    "lord": "Lord",
    "prof": "Prof",
    "professor": "Prof",
    "rev": "Rev",
    "revd": "Rev",
    "reverend": "Rev",
    "sir": "Sir",
}
"""Titles that a greeting keeps beside "Cllr", and how it writes them."""
_COURTESY = {"miss": "Miss", "mr": "Mr", "mrs": "Mrs", "ms": "Ms", "mx": "Mx"}
"""Titles that a greeting keeps only where no other stands before the name."""
_OFFICE = re.compile("alderman|alderwoman|bailie|cllrs?|councill?or|deputy|mayor|mayoress|provost|the|worshipful")
_GIVEN_NAME_GOES_WITH = frozenset({"Dame", "Sir"})
_OF_OFFICE = frozenset({"mayor", "mayoress", "provost"})
"""Before these "Lord" and "Lady" are no title of the person's own."""
_HONOUR = re.compile("bem|cbe|dbe|dl|esq|frsa|gbe|jp|kbe|kc|mbe|mp|ms|msp|obe|phd|qc")
_DEGREE = re.compile("BA|BSc|LLB|MA|MBA|MSc")
"""Only as printed here and behind two names: Ma and Ba are surnames."""
_PARTICLE = re.compile("ab|al|ap|bin|bint|da|das|de|del|della|den|der|di|dos|du|el|ibn|la|le|ten|ter|van|von|zu")
"""In small letters only: "Van" and "Le" are given names too."""
_VACANT = re.compile(
    r"(casual )?((seat|position|post|place) )?(is )?(currently )?vacan(t|cy)( vacan(t|cy))?"
    r"( (seat|position|post|place|councillor))?( \d+)?",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_HONOURABLE = re.compile(r"\b(the|rt\.?|right) hon(ourable)?\b\.?", re.IGNORECASE)


_MAYOR = re.compile(r"\b((?:deputy|lady|lord|the|worshipful) (?:mayor|mayoress|provost))\s*[,–—-]\s", re.IGNORECASE)
"""An office set off from the name behind it."""


@dataclass(frozen=True, slots=True)
class SplitName:
    """A published name in its parts. `titles` and `honours` are as they are printed, without stops."""

    titles: tuple[str, ...]
    name: str
    """Empty where nothing is left, or the seat is vacant."""
    honours: tuple[str, ...] = ()
    left_out: str = ""
    """What stood in brackets."""


def split_name(text: str) -> SplitName:
    """Split a person's name from the titles before it, the honours behind it, and brackets; stray space goes.

    "Surname, First" is turned round.
    """
    text = unicodedata.normalize("NFC", text)
    left_out = " ".join(" ".join(found.strip("()[]") for found in _BRACKETS.findall(text)).split())
    bare = _HONOURABLE.sub("", _BRACKETS.sub(" ", text))
    head, _, rest = _MAYOR.sub(r"\1 ", bare).partition(",")
    titles: list[str] = []
    words: list[str] = []
    honours: list[str] = []
    for part in (rest, head):
        remaining = part.replace(",", " ").split()
        honours[:0] = _taken_honours(remaining)
        titles[:0] = _taken_titles(remaining)
        words += remaining
    name = " ".join(words).strip(" .;")
    if _VACANT.fullmatch(name) or _is_title(name):
        name = ""
    return SplitName(tuple(titles), name, tuple(honours), left_out)


def clean_name(text: str) -> str:
    """Return a person's name without titles, honours, brackets and stray space; empty where `split_name` says so."""
    return split_name(text).name


def is_vacant(text: str) -> bool:
    """Whether a text that stands for a name says that the seat is vacant."""
    words = _BRACKETS.sub(" ", text).replace(",", " ").split()
    _taken_titles(words)
    return _VACANT.fullmatch(" ".join(words).strip(" .;-–*")) is not None


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


def formal_salutation(prefix: str, full_name: str, email: str = "") -> str:
    """Return the whole greeting of a person, without a comma: "Dear Cllr Dr Sample-Okoro".

    Args:
        prefix: what the office is called before a name, such as "Cllr"; it takes the place of Mr, Mrs, Ms, Miss and
            Mx. Empty for who has no such office: "Dear Dr Sample", "Dear Mx Sample", and without any title "Dear Alice
            Sample".
        full_name: the name as it is published, titles and honours with it.
        email: the person's address, which may tell where the surname begins.
    """
    split = split_name(full_name)
    titles = _greeted(split.titles, prefix)
    by_surname = (prefix or titles) and not _GIVEN_NAME_GOES_WITH.intersection(titles)
    name = (surname(split.name, email) if by_surname else "") or split.name
    return " ".join(filter(None, ["Dear", prefix, *titles, name]))


def councillor_salutation(name: str, email: str = "") -> str:
    """Return the whole greeting of a councillor, without a comma: "Dear Cllr Sample"."""
    return formal_salutation("Cllr", name, email)


def _greeted(titles: tuple[str, ...], prefix: str) -> list[str]:
    """Return the titles that a greeting keeps, each once, as it writes them."""
    words = [_letters(title) for title in titles]
    own = [word for word, behind in zip(words, [*words[1:], ""], strict=False) if behind not in _OF_OFFICE]
    kept = [_KEPT[word] for word in own if word in _KEPT]
    if not kept and not prefix:
        kept = [_COURTESY[word] for word in own if word in _COURTESY]
    return list(dict.fromkeys(kept))


def _taken_honours(words: list[str]) -> list[str]:
    """Take the honours from the end of the words and return them; the words may become none."""
    taken: list[str] = []
    while words and (
        _HONOUR.fullmatch(_letters(words[-1])) or (len(words) > 2 and _DEGREE.fullmatch(words[-1].strip(".;")))  # noqa: PLR2004
    ):
        taken.insert(0, words.pop().strip(".;"))
    return taken


def _taken_titles(words: list[str]) -> list[str]:
    """Take the titles from the beginning of the words and return them. The last word stays: Lord is a surname too."""
    taken: list[str] = []
    while len(words) > 1 and _is_title(words[0]):
        taken.append(words.pop(0).strip(".;"))
    return taken


def _is_title(word: str) -> bool:
    return (letters := _letters(word)) in _KEPT or letters in _COURTESY or bool(_OFFICE.fullmatch(letters))


def _letters(text: str) -> str:
    """Return the letters of a text alone, small and without accents, by which spellings are compared."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalpha())

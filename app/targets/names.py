"""People's names as registries publish them, and the greeting that a letter opens with.

The rule for councillors is "Dear Cllr Surname", with such titles between as a letter keeps: "Dear Cllr Dr Surname".
Where the surname begins is known when the name has one or two words, initials apart; when the mailbox spells it ("Alice
Sample Verde" at alice.sampleverde@… is Cllr Sample Verde, and at alice.verde@… Cllr Verde); or when a particle opens
its one word, such as "van" or "de" in small letters, or "Ó". Where none of these holds, or the name seems to begin with
the surname ("Wong Siu-ming"), the greeting carries the whole name, which is stiff but never wrong. Nor is a knight or a
dame ever greeted by surname alone, for "Sir" and "Dame" go with the given name: "Dear Cllr Sir Bob Verde"; and of a
lord or a lady it is not known whether theirs does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from app.targets.fields import clean_text

_KEPT = {
    "baron": "Baron",
    "baroness": "Baroness",
    "canon": "Canon",
    "dame": "Dame",
    "doctor": "Dr",
    "dr": "Dr",
    "lady": "Lady",
    "lord": "Lord",
    "parch": "Rev",
    "parchedig": "Rev",
    "prof": "Prof",
    "professor": "Prof",
    "rev": "Rev",
    "revd": "Rev",
    "reverend": "Rev",
    "sir": "Sir",
    "viscount": "Viscount",
    "viscountess": "Viscountess",
}
"""Titles that a greeting keeps beside "Cllr", and how it writes them."""
_COURTESY = {"miss": "Miss", "mr": "Mr", "mrs": "Mrs", "ms": "Ms", "mx": "Mx"}
"""Titles that a greeting keeps only where no other stands before the name."""
_OFFICE = re.compile(
    "ald|alderman|alderwoman|baill?ie|cllrs?|councill?or|cyng|cynghorydd|deputy|depute|mayor|mayoress|provost|the|"
    "worshipful"
)
_BEFORE_OFFICE = frozenset({"city", "civic", "county", "elected", "hon", "honorary", "right", "rt", "y"})
"""Titles where another title follows: "County Councillor", "Right Worshipful"; "Hon Wai" is a name."""
_GIVEN_NAME_GOES_WITH = frozenset({"Dame", "Lady", "Lord", "Sir"})
_OF_OFFICE = frozenset({"mayor", "mayoress", "provost"})
"""Before these "Lord" and "Lady" are no title of the person's own."""
_HONOUR = re.compile("bem|cbe|dbe|dl|esq|frsa|gbe|jp|kbe|kc|mbe|mp|ms|msp|obe|phd|qc")
_DEGREE = re.compile(
    "AM|BA|BEd|BSc|Bt|CB|CEng|CH|CMG|CVO|DCB|DCMG|DCVO|DFC|DPhil|DSC|DSO|FBA|FCA|FRICS|FRS|GCB|GCMG|GM|Hons|KCB|KCMG|"
    "KCVO|KPM|LLB|LVO|MA|MBA|MC|MEP|MEd|MLA|MSc|MVO|OM|QPM|RAF|RD|RM|RN|TD|VR"
)
"""Only as printed here, and behind two names that are not in capitals too: Ma, Ba and Om are surnames."""
_BEHIND = re.compile("jnr|jr|junior|senior|snr|sr|i{2,3}|iv")
"""Part of a name, not of its surname."""
_PARTICLE = re.compile("ab|al|ap|da|das|de|del|della|den|der|di|dos|du|el|la|le|ten|ter|van|von|zu")
"""In small letters only: "Van" and "Le" are given names too."""
_IRISH = re.compile("Ó|[OÓ]['’`´]")
_GIVEN_BEHIND = re.compile(r"\w+-[a-z]+")
"""A given name of two syllables, such as Siu-ming, which stands behind the surname."""
_UNCLEAR = frozenset({"&", "and", "/", "O"})
"""Two people, or an O that is an initial or half a surname."""
_AND = frozenset({"&", "and"})
_ODD = re.compile(r"[^\w.'’‘`´‑–-]|\d")
"""What no word of a name has."""
_LONGEST = 200
"""Characters of a text that are looked at for words of a vacant seat."""
_SEAT = "seat|position|post|place|ward"
_LEFT = "deceased|disqualified|resigned"
_VACANT = re.compile(
    rf"vacant\b.*|.*\bvacanc(y|ies)\b.*|(currently|now|(the |this )?({_SEAT})\b.*) vacant"
    rf"|.*[-–—:,(\[]\s*(currently )?(vacant|{_LEFT})[)\]]?|{_LEFT}|(the )?late\b.*"
    r"|no (current )?councill?or|(awaiting |pending )?(by-?|by )?election( pending)?|to be elected"
    r"|(sedd |swydd )wag|gwag",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"n\s*[/.]?\s*a|nil|none|not known|null|to be (advised|announced|confirmed)|t\.?b\.?[ac]|unknown|[\W\d_]*|.*@.*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|(?<=\w )[\"“‘'][^\"“”‘’']+[\"”’'](?= \w)")
"""Brackets, and a nickname in quotation marks."""
_POST = re.compile(
    r"\b(cabinet|chair(man|woman|person)?|convener|convenor|director|editor|executive|head of|leader|manager|mayor|"
    r"mayoress|officer|president|provost|secretary|speaker|spokes\w+|treasurer|whip)\b",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s[-–—]\s+(.*)")
_BESIDE = re.compile(
    rf"{_POST.pattern}|\b(con|conservative|group|green party|independent|lab|labour|lib dem|liberal|plaid|reform|snp)\b"
    r"|\w (ward|division)\b",
    re.IGNORECASE,
)
"""What tells that words behind a dash are no second half of a surname."""
_STUCK = re.compile(r"\b(ald|cllr|cyng|dr|miss|mr|mrs|ms|mx|prof|rev|revd|sir)\.(?=\w)", re.IGNORECASE)
_HONOURABLE = re.compile(r"\b(the|rt\.?|right) hon(ourable)?\b\.?", re.IGNORECASE)
_OFFICE_SET_OFF = re.compile(
    r"\b((?:deputy|depute|lady|lord|the|worshipful) (?:mayor|mayoress|provost)|councill?or|cllr\.?)\s*[,:–—-]\s",
    re.IGNORECASE,
)
"""An office set off from the name behind it."""


@dataclass(frozen=True, slots=True)
class SplitName:
    """A published name in its parts. `titles` and `honours` are as they are printed, without stops."""

    titles: tuple[str, ...]
    name: str
    """Empty where nothing is left, or the seat is vacant."""
    honours: tuple[str, ...] = ()
    left_out: str = ""
    """What stood in brackets, or was a post beside the name."""


def split_name(text: str) -> SplitName:
    """Split a person's name from the titles before it, the honours behind it, brackets and posts; stray space goes.

    "Surname, First" is turned round.
    """
    bare, left_out = _without_words_beside(clean_text(text))
    head, _, rest = bare.partition(",")
    if rest and _POST.search(rest):
        left_out, rest = [*left_out, rest], ""
    elif _POST.search(head) and _is_titled(rest.split()):
        left_out, head, rest = [*left_out, head], rest, ""
    trailing = _trails(rest)
    titles: list[str] = []
    words: list[str] = []
    honours: list[str] = []
    for part in (head, rest) if trailing else (rest, head):
        remaining = part.replace(",", " ").split()
        titles[:0] = _taken_titles(remaining, keep=0 if trailing and part is rest else 1)
        honours[:0] = _taken_honours(remaining)
        words += remaining
    name = " ".join(words).strip(" .;:*†‡-–—")
    if _NOBODY.fullmatch(name) or _is_title(name) or is_vacant(text):
        name = ""
    return SplitName(tuple(titles), name, tuple(honours), " ".join(" ".join(left_out).split()))


def clean_name(text: str) -> str:
    """Return a person's name without titles, honours, brackets and stray space; empty where `split_name` says so."""
    return split_name(text).name


def is_vacant(text: str) -> bool:
    """Whether a text that stands for a name says that the seat is vacant, or that its holder has gone."""
    for form in (text, _BRACKETS.sub(" ", text)):
        words = form[:_LONGEST].replace("*", " ").split()
        _taken_titles(words)
        if _VACANT.fullmatch(" ".join(words).strip(" .;!-–—\"'<>")):
            return True
    return False


def surname(name: str, email: str = "") -> str:
    """Return the surname in a clean name, by the rule at the top of this module; empty when it cannot be known."""
    words = name.split()
    while len(words) > 1 and _BEHIND.fullmatch(_letters(words[-1])):
        words.pop()
    if _UNCLEAR.intersection(words) or any(map(_ODD.search, words)):
        return ""
    if known := _from_particle(words):
        return known
    full = [word for word in words if len(_letters(word)) > 1]
    mailbox = email.partition("@")[0]
    if len(full) <= 2:  # noqa: PLR2004 - the first name and the last
        return full[-1] if full and not _begins_with_surname(full, _letters(mailbox)) else ""
    spelt = _letters(re.split(r"[._]", mailbox)[-1])
    tails = (full[first:] for first in range(1, len(full)))
    return next((" ".join(tail) for tail in tails if _letters("".join(tail)) == spelt), "")


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


def _without_words_beside(text: str) -> tuple[str, list[str]]:
    """Return a name without brackets, nicknames and what stands behind a dash and is no name; and these."""
    text = _STUCK.sub(r"\1. ", text)
    left_out = [found.strip("()[]\"“”‘’'") for found in _BRACKETS.findall(text)]
    bare = _OFFICE_SET_OFF.sub(r"\1 ", _HONOURABLE.sub("", _BRACKETS.sub(" ", text)))
    behind = _DASH.search(bare)
    if behind and _BESIDE.search(behind[1]) and len(bare[: behind.start()].split()) > 1:
        return bare[: behind.start()], [*left_out, behind[1]]
    return bare, left_out


def _trails(words: str) -> bool:
    """Whether words behind a comma are none of a name, but such as "Jr", "Cllr" or "Mrs"."""
    letters = [_letters(word) for word in words.replace(",", " ").split()]
    return bool(letters) and all(
        _BEHIND.fullmatch(one) or _OFFICE.fullmatch(one) or one in _COURTESY for one in letters
    )


def _is_titled(words: Sequence[str]) -> bool:
    """Whether words are a title and a name of two words or more."""
    return len(words) > 2 and _is_title(words[0])  # noqa: PLR2004


def _from_particle(words: Sequence[str]) -> str:
    """Return a surname of particles and one word; empty where there is none, or more than one word follows."""
    first = next((place for place, word in enumerate(words) if _PARTICLE.fullmatch(word) or _IRISH.fullmatch(word)), -1)
    last = first
    while 0 <= last < len(words) and (_PARTICLE.fullmatch(words[last]) or _IRISH.fullmatch(words[last])):
        last += 1
    while first > 0 and _PARTICLE.fullmatch(words[first - 1].lower()):
        first -= 1
    return " ".join(words[first:]) if last == len(words) - 1 else ""


def _begins_with_surname(words: Sequence[str], mailbox: str) -> bool:
    """Whether a name of two words may have the surname first: by its form, or because the mailbox turns it.

    "Siu-ming MA" may, or have a degree behind it.
    """
    return len(words) > 1 and (
        _GIVEN_BEHIND.fullmatch(words[1]) is not None
        or (_DEGREE.fullmatch(words[1]) is not None and not words[0].isupper())
        or mailbox.endswith(_letters(words[1] + words[0]))
    )


def _taken_honours(words: list[str]) -> list[str]:
    """Take the honours from the end of the words, which are without titles, and return them."""
    taken: list[str] = []
    while words and _is_honour(words[-1].strip(".;"), words[:-1]):
        taken.insert(0, words.pop().strip(".;"))
    return taken


def _is_honour(word: str, before: list[str]) -> bool:
    """Whether a word is an honour or a degree behind the words before it: Kc, Ma and Om are surnames too."""
    letters, printed = _letters(word), word.replace(".", "")
    if _HONOUR.fullmatch(letters):
        return len(before) != 1 or printed.isupper() or letters in {"esq", "phd"}
    return len(before) > 1 and not " ".join(before).isupper() and _DEGREE.fullmatch(printed) is not None


def _taken_titles(words: list[str], *, keep: int = 1) -> list[str]:
    """Take the titles from the beginning of the words and return them.

    So many of the last words stay: Lord is a surname too. "Mr & Mrs Sample" stays whole.
    """
    taken: list[str] = []
    while len(words) > keep and not _AND.intersection(words[1:2]) and (_is_title(words[0]) or _opens_title(words)):
        taken.append(words.pop(0).strip(".;:"))
    return taken


def _opens_title(words: Sequence[str]) -> bool:
    """Whether the first word is part of a title whose next part follows."""
    return _letters(words[0]) in _BEFORE_OFFICE and len(words) > 1 and (_is_title(words[1]) or _opens_title(words[1:]))


def _is_title(word: str) -> bool:
    return (letters := _letters(word)) in _KEPT or letters in _COURTESY or bool(_OFFICE.fullmatch(letters))


def _letters(text: str) -> str:
    """Return the letters of a text alone, small and without accents, by which spellings are compared."""
    plain = (text if text.isascii() else unicodedata.normalize("NFKD", text)).casefold()
    return plain if plain.isalpha() else "".join(filter(str.isalpha, plain))

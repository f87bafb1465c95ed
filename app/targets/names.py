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

from app.targets import name_words as known
from app.targets.fields import clean_text


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
    if rest and known.POST.search(rest):
        left_out, rest = [*left_out, rest], ""
    elif known.POST.search(head) and _is_titled(rest.split()):
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
    if known.NOBODY.fullmatch(name) or _is_title(name) or is_vacant(text):
        name = ""
    return SplitName(tuple(titles), name, tuple(honours), " ".join(" ".join(left_out).split()))


def clean_name(text: str) -> str:
    """Return a person's name without titles, honours, brackets and stray space; empty where `split_name` says so."""
    return split_name(text).name


def is_vacant(text: str) -> bool:
    """Whether a text that stands for a name says that the seat is vacant, or that its holder has gone."""
    for form in (text, known.BRACKETS.sub(" ", text)):
        words = form[: known.LONGEST].replace("*", " ").split()
        _taken_titles(words)
        if known.VACANT.fullmatch(" ".join(words).strip(" .;!-–—\"'<>")):
            return True
    return False


def surname(name: str, email: str = "") -> str:
    """Return the surname in a clean name, by the rule at the top of this module; empty when it cannot be known."""
    words = name.split()
    while len(words) > 1 and known.BEHIND.fullmatch(_letters(words[-1])):
        words.pop()
    if known.UNCLEAR.intersection(words) or any(map(known.ODD.search, words)):
        return ""
    if found := _from_particle(words):
        return found
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
    by_surname = (prefix or titles) and not known.GIVEN_NAME_GOES_WITH.intersection(titles)
    name = (surname(split.name, email) if by_surname else "") or split.name
    return " ".join(filter(None, ["Dear", prefix, *titles, name]))


def councillor_salutation(name: str, email: str = "") -> str:
    """Return the whole greeting of a councillor, without a comma: "Dear Cllr Sample"."""
    return formal_salutation("Cllr", name, email)


def _greeted(titles: tuple[str, ...], prefix: str) -> list[str]:
    """Return the titles that a greeting keeps, each once, as it writes them."""
    words = [_letters(title) for title in titles]
    own = [word for word, behind in zip(words, [*words[1:], ""], strict=False) if behind not in known.OF_OFFICE]
    kept = [known.KEPT[word] for word in own if word in known.KEPT]
    if not kept and not prefix:
        kept = [known.COURTESY[word] for word in own if word in known.COURTESY]
    return list(dict.fromkeys(kept))


def _without_words_beside(text: str) -> tuple[str, list[str]]:
    """Return a name without brackets, nicknames and what stands behind a dash and is no name; and these."""
    text = known.STUCK.sub(r"\1. ", text)
    left_out = [found.strip("()[]\"“”‘’'") for found in known.BRACKETS.findall(text)]
    bare = known.OFFICE_SET_OFF.sub(r"\1 ", known.HONOURABLE.sub("", known.BRACKETS.sub(" ", text)))
    behind = known.DASH.search(bare)
    if behind and known.BESIDE.search(behind[1]) and len(bare[: behind.start()].split()) > 1:
        return bare[: behind.start()], [*left_out, behind[1]]
    return bare, left_out


def _trails(words: str) -> bool:
    """Whether words behind a comma are none of a name, but such as "Jr", "Cllr" or "Mrs"."""
    letters = [_letters(word) for word in words.replace(",", " ").split()]
    return bool(letters) and all(
        known.BEHIND.fullmatch(one) or known.OFFICE.fullmatch(one) or one in known.COURTESY for one in letters
    )


def _is_titled(words: Sequence[str]) -> bool:
    """Whether words are a title and a name of two words or more."""
    return len(words) > 2 and _is_title(words[0])  # noqa: PLR2004


def _from_particle(words: Sequence[str]) -> str:
    """Return a surname of particles and one word; empty where there is none, or more than one word follows."""
    first = next(
        (place for place, word in enumerate(words) if known.PARTICLE.fullmatch(word) or known.IRISH.fullmatch(word)), -1
    )
    last = first
    while 0 <= last < len(words) and (known.PARTICLE.fullmatch(words[last]) or known.IRISH.fullmatch(words[last])):
        last += 1
    while first > 0 and known.PARTICLE.fullmatch(words[first - 1].lower()):
        first -= 1
    return " ".join(words[first:]) if last == len(words) - 1 else ""


def _begins_with_surname(words: Sequence[str], mailbox: str) -> bool:
    """Whether a name of two words may have the surname first: by its form, or because the mailbox turns it.

    "Siu-ming MA" may, or have a degree behind it.
    """
    return len(words) > 1 and (
        known.GIVEN_BEHIND.fullmatch(words[1]) is not None
        or (known.DEGREE.fullmatch(words[1]) is not None and not words[0].isupper())
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
    if known.HONOUR.fullmatch(letters):
        return len(before) != 1 or printed.isupper() or letters in {"esq", "phd"}
    return len(before) > 1 and not " ".join(before).isupper() and known.DEGREE.fullmatch(printed) is not None


def _taken_titles(words: list[str], *, keep: int = 1) -> list[str]:
    """Take the titles from the beginning of the words and return them.

    So many of the last words stay: Lord is a surname too. "Mr & Mrs Sample" stays whole.
    """
    taken: list[str] = []
    while len(words) > keep and not known.AND.intersection(words[1:2]) and (_is_title(words[0]) or _opens_title(words)):
        taken.append(words.pop(0).strip(".;:"))
    return taken


def _opens_title(words: Sequence[str]) -> bool:
    """Whether the first word is part of a title whose next part follows."""
    return (
        _letters(words[0]) in known.BEFORE_OFFICE
        and len(words) > 1
        and (_is_title(words[1]) or _opens_title(words[1:]))
    )


def _is_title(word: str) -> bool:
    return (
        (letters := _letters(word)) in known.KEPT or letters in known.COURTESY or bool(known.OFFICE.fullmatch(letters))
    )


def _letters(text: str) -> str:
    """Return the letters of a text alone, small and without accents, by which spellings are compared."""
    plain = (text if text.isascii() else unicodedata.normalize("NFKD", text)).casefold()
    return plain if plain.isalpha() else "".join(filter(str.isalpha, plain))

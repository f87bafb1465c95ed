"""The e-mail field of published files: one address, several, words beside it, or words that mean none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.targets.fields import FieldError, clean_text, mail_address

_BETWEEN = re.compile(r"[\s;,/|<>()\[\]\"“”]+")
_MAILTO = re.compile(r"(e-?mail|mailto)\s*:\s*", re.IGNORECASE)
_SUBJECT = re.compile(r"(mailto\s*:[^\s?]*)\?\S*", re.IGNORECASE)
"""What a `mailto:` link says after the address."""
_LINK = re.compile(r"<a\s[^>]*?mailto:([^\"'?>]+)[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>@]*>", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({]\s*at\s*[\])}]\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({]\s*dot\s*[\])}]\s*", re.IGNORECASE)
_APOSTROPHE = re.compile(r"(?<=\w)[‘’ʼ´`](?=\w)")
"""One that a word processor has made of the plain one: dolores.o’sample@zedmere.example."""
_COMMA_FOR_DOT = re.compile(r"(?<![^\s;,/|<>(\[])[\w.'+-]+,[\w.'+-]+@")
"""Alice,sample@zedmere.example: what follows the comma would be another person's mailbox, or nobody's."""
_WITHDRAWN = re.compile(
    r"\b(do not (use|e-?mail|send|write)|no longer|not (in use|used|monitored|checked|valid|working)|unmonitored)\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(there is )?no( (public )?(e-?mail|email address|e-mail address|address)( is)?"
    r"( found| available| published| supplied| provided| given| known| listed)?)?"
    r"|none( available| known| given| found| published| supplied| provided)?"
    r"|(e-?mail )?(address )?(is )?(not( yet| currently)?|un)[ -]?"
    r"(available|applicable|known|provided|published|supplied|disclosed|given|found)"
    r"|(e-?mail )?withheld|n\s*[/.\\]?\s*a|null|nil|nan|undefined|unknown|t\.?b\.?[ac]|to be (confirmed|advised)"
    r"|0|[\W_]+|x+"
)
_SHOWN = 80
NO_EMAIL = "no e-mail is published"
NO_PLACE = "the file has no place for e-mail addresses; those that are known stay as they are"
"""What is said of a file that cannot tell of addresses: that it does not is no word against one."""


@dataclass(frozen=True, slots=True)
class MailField:
    """What an e-mail field says: the address to use, empty where there is none; further ones; what to tell of it."""

    email: str
    others: tuple[str, ...] = ()
    remark: str = ""
    """Parts separated by "; "; empty when the field is an address and nothing else."""
    untold: bool = False
    """Whether nothing is told of the address: what stands there is neither an address nor a word for none, or the file
    has no place for addresses. One that was known before may be right still."""


NOTHING_TOLD = MailField("", untold=True)
"""Of a file that has no place for addresses."""


def stated_address(state: Callable[[], str]) -> MailField:
    """Read the e-mail field that `state` returns; one that it cannot return is told, and costs nobody their row."""
    try:
        return read_address(state())
    except FieldError as error:
        return MailField("", remark=str(error), untold=True)


def read_address(text: str) -> MailField:
    """Read an e-mail field.

    Addresses may be separated by space, semicolons, commas, slashes and brackets, may begin with `mailto:`, may have
    "[at]" for the sign, and words may stand beside them. The first that can be mailed is used, unless the words say
    that none is to be. An address all in capitals is put into small letters: systems that shout do so for every name.
    Nobody is rejected for an address: who has none is a councillor still.
    """
    text = clean_text(text)
    words = text.casefold().strip(" .!()[]<>")
    if not words or _NONE.fullmatch(words):
        return MailField("", remark=NO_EMAIL)
    bare = _plain(text)
    candidates = [word for word in map(_trimmed, _BETWEEN.split(bare)) if "@" in word]
    if not candidates or _COMMA_FOR_DOT.search(bare):
        return MailField("", remark=f"{quoted(text)} is no e-mail address", untold=True)
    if _WITHDRAWN.search(bare):
        return MailField("", remark=f"the field says that an address is not to be used: {quoted(text)}")
    usable: list[str] = []
    parts: list[str] = []
    for candidate in candidates:
        address = _mailable(candidate)
        if address is None:
            parts.append(f"{quoted(candidate)} is no e-mail address")
        elif address.casefold() not in {known.casefold() for known in usable}:
            usable.append(address)
    email, *others = usable or [""]
    if others:
        parts.append(f"further addresses are left out: {', '.join(others)}")
    if candidates[0].isupper() and email == candidates[0].lower():
        parts.append("the address was in capitals")
    if words := _words(bare, candidates):
        parts.append(f"words beside the address are left out: {quoted(words)}")
    return MailField(email, tuple(others), "; ".join(parts), untold=not email)


def quoted(text: str) -> str:
    """Return a published text as a remark shows it: in quotes, on one line, cut short where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _plain(text: str) -> str:
    """Return the text without HTML's tags and links, signs written in words, and typographic apostrophes."""
    text = _TAG.sub(" ", _LINK.sub(r" \1 ", text))
    text = _MAILTO.sub(" ", _SUBJECT.sub(r"\1", text))
    return _APOSTROPHE.sub("'", _DOT.sub(".", _AT.sub("@", text)))


def _trimmed(word: str) -> str:
    """Return a word without the marks around it."""
    return word.strip(".:'‘’`*")


def _mailable(candidate: str) -> str | None:
    """Return the address as it is to be mailed, or nothing where it is none."""
    try:
        return mail_address(candidate.lower() if candidate.isupper() else candidate)
    except FieldError:
        return None


def _words(text: str, addresses: list[str]) -> str:
    """Return what is left of a text without its addresses and the marks between; empty where that says nothing."""
    for address in sorted(addresses, key=len, reverse=True):
        text = text.replace(address, " ")
    words = " ".join(filter(None, _BETWEEN.split(text))).strip(" .:-–—'&")
    return "" if set(words.casefold().split()) <= {"and", "or"} else words

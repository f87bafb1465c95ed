"""Header fields as bytes on the wire want them: ASCII, folded, and closed to injection.

Written out here because the standard library's folding differs between Python releases and, in some of them, loses the
quotes around a non-ASCII name with a comma in it. The standard library proves every shape in the tests, by reading it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache

import idna

LINE = 76
"""The longest line with an encoded word in it (RFC 2047, section 2); used for every line that can be folded."""

LONGEST_ADDRESS = 254
"""Characters of an address that fits into an SMTP path (RFC 5321, section 4.5.3.1.3)."""

DOMAINS_KEPT = 1024
"""Domains that were looked at and are kept: letters go to few, and supporters share theirs."""

_BROKEN_BY = re.compile(r"[\r\n\0]")
_FIELD_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
_PLAIN_TEXT = re.compile(r"[!-~]{1,900}(?: [!-~]{1,900})*")
_PLAIN_NAME = re.compile(r"(?=.{1,60}\Z)[!-~]+(?: [!-~]+)*")
_LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ENCODED_WORD = "=?utf-8?b?{}?="
_ENCODED_WORD_FRAME = len(_ENCODED_WORD) - len("{}")
_CONTINUATION_BYTES = range(0x80, 0xC0)


class UnsendableMessageError(ValueError):
    """A message that no transport can send as it is. The text says why and holds no personal data."""


class UnsafeHeader(UnsendableMessageError):  # noqa: N818 - the name says what was met
    """A header's text could end the field or cannot be encoded."""


class UnusableAddress(UnsendableMessageError):  # noqa: N818 - the name says what was met
    """An address has no form that every mail server takes."""


def text_field(name: str, text: str) -> str:
    """The field `name` with free text in it, folded, with its line end.

    Raises:
        UnsafeHeader: the name is not a header's; the text holds a CR, LF or NUL, or half a character.
    """
    if not _FIELD_NAME.fullmatch(name):
        raise UnsafeHeader("a header's name may hold letters, digits and hyphens only")
    check_safe(name, text)
    if _PLAIN_TEXT.fullmatch(text) and "=?" not in text:
        return _folded(name, text.split(" "))
    return _folded(name, _encoded_words(name, text))


def address_field(name: str, person: str, address: str) -> str:
    """The field `name` with one mailbox in it: the person's name (may be empty) and the address.

    Raises:
        UnsafeHeader: the person's name holds a CR, LF or NUL, or half a character.
        UnusableAddress: see `ascii_address`.
    """
    check_safe(name, person)
    return _folded(name, [*_phrase(name, person), f"<{ascii_address(name, address)}>"])


def ascii_address(name: str, address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008); `name` is the field that it stands in, for the error's text.

    Raises:
        UnusableAddress: it is too long, its domain is none, or the part before the @ is not ASCII (that would need
            SMTPUTF8, which many servers lack) or not a plain one.
    """
    local, _, domain = address.rpartition("@")
    if len(address) > LONGEST_ADDRESS:
        raise UnusableAddress(f"{name}: the address is longer than {LONGEST_ADDRESS} characters")
    if not local.isascii():
        raise UnusableAddress(f"{name}: the part of the address before the @ is not plain ASCII (it needs SMTPUTF8)")
    if not _LOCAL_PART.fullmatch(local):
        raise UnusableAddress(f"{name}: this is not an e-mail address")
    try:
        return f"{local}@{_ascii_domain(domain)}"
    except UnusableAddress as error:
        raise UnusableAddress(f"{name}: {error}") from None


def check_safe(name: str, text: str) -> None:
    """Refuse text that must not stand in the field `name`.

    Raises:
        UnsafeHeader: the text holds a CR, LF or NUL, or half a character (a lone surrogate).
    """
    if _BROKEN_BY.search(text):
        raise UnsafeHeader(f"{name}: a line break or a NUL must not stand in a header")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnsafeHeader(f"{name}: half a character (a lone surrogate) cannot be sent") from None


@lru_cache(DOMAINS_KEPT)
def _ascii_domain(domain: str) -> str:
    try:
        written = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise UnusableAddress("the domain of the address is not a domain name") from None
    if not all(map(_LABEL.fullmatch, written.split("."))):
        raise UnusableAddress("this is not an e-mail address")
    return written


def _phrase(name: str, person: str) -> list[str]:
    if not person.strip():
        return []
    if _PLAIN_NAME.fullmatch(person) and "=?" not in person:
        escaped = person.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']  # never folded: some readers end a quoted string at a line's end
    return _encoded_words(name, person)


def _encoded_words(name: str, text: str) -> list[str]:
    """RFC 2047 words of whole characters; the first one leaves room for the field's name on its line."""
    data, words, start = text.encode(), [], 0
    room = LINE - len(name) - len(": ")
    while start < len(data):
        end = start + (room - _ENCODED_WORD_FRAME) // 4 * 3
        while end < len(data) and data[end] in _CONTINUATION_BYTES:
            end -= 1
        words.append(_ENCODED_WORD.format(b64encode(data[start:end]).decode()))
        start, room = end, LINE - len(" ")
    return words


def _folded(name: str, words: list[str]) -> str:
    lines = [f"{name}: {words[0]}" if words else f"{name}:"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"

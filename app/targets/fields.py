"""What the text of one cell must be before it may stand in a column."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import String
from sqlalchemy.orm import InstrumentedAttribute

_WEB_ADDRESS = re.compile(r"https?://\S{1,1990}", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
"""Characters without a shape, such as a zero-width space, that come along when text is copied from a page."""


class FieldError(ValueError):
    """A cell's text cannot be used; the message says why and completes a sentence that begins with the row's place."""


def clean_text(text: str) -> str:
    """Return the text in Unicode's composed form without invisible characters, each run of white space one space."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(text.split())


def fitting(column: InstrumentedAttribute[str], text: str) -> str:
    """Return the text if the column can hold it and it can be printed on one line.

    Raises:
        FieldError: it is longer than the column, or has a line break or another control character.
    """
    longest = _room(column)
    if longest is not None and len(text) > longest:
        raise FieldError(f"{column.key} is longer than {longest} characters")
    if not text.isprintable():
        raise FieldError(f"{column.key} holds a line break or another character that cannot be printed")
    return text


def mail_address(text: str) -> str:
    """Return an e-mail address as it is to be mailed; an empty text stays empty.

    The form and the length are those of RFC 5321 and 5322 in ASCII, its domain a public name or one reserved for
    examples. Nothing is asked of the network.

    Raises:
        FieldError: it is no such address.
    """
    if not text:
        return ""
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise FieldError(f"the e-mail address is not one: {error}") from None
    return checked.ascii_email or checked.normalized


def web_address(text: str) -> str:
    """Return the address of a web page; an empty text stays empty.

    Raises:
        FieldError: it is no address that begins with https:// or http://, or is longer than one may be.
    """
    if text and not (_WEB_ADDRESS.fullmatch(text) and text.isprintable()):
        raise FieldError(f"{text[:60]!r} is not a web address such as https://www.example.org/page")
    return text


@cache
def _room(column: InstrumentedAttribute[str]) -> int | None:
    """Return how many characters a column holds; nothing where it has no limit."""
    return column.type.length if isinstance(column.type, String) else None

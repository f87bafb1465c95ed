"""One e-mail, the same for every transport, and its form on the wire."""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from app.mail.headers import UnsafeHeader, UnsendableMessageError, address_field, text_field

BOUNDARY = "=_alternative"
"""Stands between the parts. Neither quoted-printable nor base64 can hold "=_", so no text can end a part early."""

OWN_FIELDS = frozenset(
    {"date", "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "message-id", "mime-version", "return-path"}
)
"""Header fields that `to_mime` writes or that are not for us to write; `Message.headers` may not name them."""

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,200}@[A-Za-z0-9.-]{1,200}>")
_LANGUAGE = re.compile(r"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8})*")

FIELDS_KEPT = 1024
"""Header fields whose written form is kept: many letters have the same recipient, or the same subject."""

BLOCKS_KEPT, LONGEST_BLOCK_KEPT = 512, 20_000
"""Blocks whose encoded form is kept, and the characters of each at the most: a campaign's letters have most alike."""


@dataclass(frozen=True, slots=True)
class Common:
    """The part of a message's text and of its HTML that all messages of its group have alike."""

    text: slice
    html: slice


class Blocks(NamedTuple):
    """A message's text and its HTML in blocks, for those that many messages have alike. None of them is empty or ends
    with a line end.
    """

    text: tuple[str, ...]
    """With a blank line between, and a line end behind the last, they are the text."""
    html: tuple[str, ...]
    """With a line end behind each they are the HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Everything that one e-mail needs. Names are given as they are meant; encoding them is `to_mime`'s task."""

    id: int
    """The delivery's own id; outcomes are told by it."""
    message_id: str
    """The Message-ID with its angle brackets: the same at every attempt, and without personal data."""
    from_address: str = field(repr=False)
    """An address of our own aligned domain."""
    from_name: str = field(repr=False)
    to_address: str = field(repr=False)
    to_name: str = field(repr=False)
    reply_to: str | None = field(default=None, repr=False)
    reply_to_name: str = field(default="", repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    language: str = "en"
    """A language tag (RFC 5646), such as `en` or `ar`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further header fields, such as Auto-Submitted."""
    bounce_address: str | None = field(default=None, repr=False)
    """The envelope's sender: an address of ours that names the delivery (VERP). Without one, `from_address` is used."""
    group: int | None = None
    """Messages of one group differ in id, Message-ID, bounce address, recipient, and in text and HTML outside of
    `common`, and in nothing else: they are one supporter's letters, and a provider may take them in one request."""
    common: Callable[[], Common] | None = field(default=None, repr=False, compare=False)
    """Where all messages of the group say the same, for transports that ask; without it they are alike throughout."""
    blocks: Blocks | None = field(default=None, repr=False)
    """What text and HTML are made of, where parts of them are written again and again."""


def to_mime(message: Message, date: datetime) -> bytes:
    """The message as it is handed over: 7-bit, CRLF line ends, no line over 998 characters, text before HTML.

    Args:
        message: What to send.
        date: When it is sent; an aware time.

    Raises:
        UnsafeHeader: a header field holds what could break out of it.
        UnusableAddress: an address cannot be written in ASCII, or is none.
        UnsendableMessageError: the text or the HTML holds half a character (a lone surrogate).
    """
    return _head(message, date).encode("ascii") + _body(message)


def _head(message: Message, date: datetime) -> str:
    fields = [
        f"Date: {_date(int(date.timestamp()))}\r\n",
        address_field("From", message.from_name, message.from_address),
        _kept_address_field("To", message.to_name, message.to_address),
    ]
    if message.reply_to is not None:
        fields.append(address_field("Reply-To", message.reply_to_name, message.reply_to))
    fields += [
        _kept_text_field("Subject", message.subject),
        f"Message-ID: {_matching(_MESSAGE_ID, message.message_id, 'Message-ID')}\r\n",
        *(_further_field(name, value) for name, value in message.headers.items()),
        f"Content-Language: {_matching(_LANGUAGE, message.language, 'Content-Language')}\r\n",
        "MIME-Version: 1.0\r\n",
    ]
    return "".join(fields)


_kept_address_field = lru_cache(FIELDS_KEPT)(address_field)
_kept_text_field = lru_cache(FIELDS_KEPT)(text_field)


@lru_cache(1)
def _date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def _further_field(name: str, value: str) -> str:
    if name.lower() in OWN_FIELDS or name.lower().startswith(("content-", "resent-")):
        raise UnsafeHeader("a further header must not name a field that is written from the message itself")
    return text_field(name, value)


def _matching(form: re.Pattern[str], value: str, name: str) -> str:
    if not form.fullmatch(value):
        raise UnsafeHeader(f"{name}: this value does not have the form of one")
    return value


def _body(message: Message) -> bytes:
    blocks = message.blocks or Blocks((message.text,), (message.html or "",))
    try:
        text = _part("plain", message.text, b"\r\n".join(map(_quoting(blocks.text), blocks.text)))
        if message.html is None:
            return text
        html = _part("html", message.html, b"".join(map(_quoting(blocks.html), blocks.html)))
    except UnicodeEncodeError:
        raise UnsendableMessageError("the body holds half a character (a lone surrogate)") from None
    frame = f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n'.encode()
    between, end = f"\r\n--{BOUNDARY}\r\n".encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
    return b"".join((frame, between, text, between, html, end))


def _part(subtype: str, text: str, quoted: bytes) -> bytes:
    """One part with its own header fields, in whichever encoding is shorter; `quoted` is it as quoted-printable."""
    body, encoding = quoted, "quoted-printable"
    if len(body) * 3 > len(text) * 4:  # looking at its characters first spares nearly every text the encoding
        data = _with_line_ends(text)
        if len(body) * 3 > len(data) * 4:
            body, encoding = encodebytes(data).replace(b"\n", b"\r\n"), "base64"
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + body


def _with_line_ends(text: str) -> bytes:
    """The text with the line ends of a mail, and one behind its last line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    return text.replace("\n", "\r\n").encode()


def _quoting(blocks: Sequence[str]) -> Callable[[str], bytes]:
    """What gives each of these blocks as quoted-printable; it does not depend on those around it."""
    return _kept_quoted if max(map(len, blocks), default=0) <= LONGEST_BLOCK_KEPT else _quoted


def _quoted(block: str) -> bytes:
    return b2a_qp(_with_line_ends(block))  # in C; it takes its line ends from the data


_kept_quoted = lru_cache(BLOCKS_KEPT)(_quoted)

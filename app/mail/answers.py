"""Answers to letters as they come in by mail: who writes, what they say, and what came with it.

Whatever the bytes are, what comes out is plain text of limited length. Anybody can write to the address that answers
come to; only a mark that we have made says which letter a mail answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr

from app.mail.automatic import is_automatic
from app.mail.headers import UnusableAddress, ascii_address
from app.mail.html_text import html_text
from app.mail.parts import COME_TO, Part, children, content, every, text
from app.mail.verp import Mark, find_marked_address

LARGEST = 12 * 1024 * 1024
"""Bytes that are read of one mail; its text stands before what is attached."""
LONGEST_TEXT = 40_000
"""Characters of an answer that are passed on."""
LONGEST_LINE = 200
"""Characters of a name or a subject."""
MOST_ATTACHMENTS = 20
MOST_PARTS = 500

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """What came with an answer and is not passed on."""

    name: str = field(repr=False)
    size: int
    """In bytes, as far as it was read."""


@dataclass(frozen=True, slots=True)
class IncomingAnswer:
    """One mail that came to the address of answers."""

    delivery_id: int | None
    """The letter's delivery; none where no address of it carries our mark."""
    message_id: str = field(repr=False)
    from_name: str = field(repr=False)
    from_address: str = field(repr=False)
    """Empty where it is none that can be written to."""
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...]
    cut: bool
    """Whether there was more than is passed on."""
    automatic: bool
    """Whether a machine wrote it."""


def read_answer(raw: bytes, mark: Mark, *, recipient: str = "") -> IncomingAnswer | None:
    """The answer in a mail; none where it is made of parts in parts in parts. Never raises, whatever the bytes are.

    Args:
        raw: the mail.
        mark: makes the mark of a delivery's number; see `app.mail.verp`.
        recipient: the envelope's recipient, where the mail system tells it.
    """
    try:
        mail = message_from_bytes(raw[:LARGEST], Part)
        return _answer(mail, mark, recipient, cut=len(raw) > LARGEST)
    except RecursionError:
        return None


def _answer(mail: Part, mark: Mark, recipient: str, *, cut: bool) -> IncomingAnswer:
    subject, (name, address) = _line(_decoded(text(mail, "Subject"))), _sender(mail)
    leaves = [leaf for _, leaf in zip(range(MOST_PARTS), _leaves(mail), strict=False)]
    said = _plain("\n\n".join(_words(leaf) for leaf in leaves if _is_text(leaf)))
    attachments = [_attachment(leaf) for leaf in leaves if not _is_text(leaf)]
    return IncomingAnswer(
        delivery_id=find_marked_address(_addresses(mail, recipient), mark),
        message_id=_line(text(mail, "Message-ID")),
        from_name=_line(_decoded(name)),
        from_address=_usable(address),
        subject=subject,
        text=said[:LONGEST_TEXT].rstrip(),
        attachments=tuple(attachments[:MOST_ATTACHMENTS]),
        cut=cut or len(said) > LONGEST_TEXT or len(attachments) > MOST_ATTACHMENTS,
        automatic=is_automatic(mail, subject),
    )


def _sender(mail: Part) -> tuple[str, str]:
    """The name and the address in From; nothing of one that nests its comments without an end."""
    try:
        return parseaddr(text(mail, "From"))
    except RecursionError:
        return "", ""


def _addresses(mail: Part, recipient: str) -> list[str]:
    values = [recipient, *(value for name in (*COME_TO, "Cc") for value in every(mail, name))]
    return [value.lower() for value in values]  # some programs write all of an address in capitals


def _leaves(part: Part) -> Iterator[Part]:
    """The parts to read or to name. Of alternatives the first plain text that says something, or else the last HTML."""
    kind = part.kind
    if kind == "multipart/alternative":
        leaves = [leaf for child in children(part) for leaf in _leaves(child)]
        texts = [leaf for leaf in leaves if _is_text(leaf)]
        plain = [leaf for leaf in texts if leaf.kind != "text/html" and _words(leaf).strip()]
        yield from (plain[:1] or texts[-1:])
        yield from (leaf for leaf in leaves if not _is_text(leaf))
    elif part.get_content_maintype() == "multipart":
        for child in children(part):
            yield from _leaves(child)
    else:
        yield part


def _is_text(part: Part) -> bool:
    return part.kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment"


def _words(part: Part) -> str:
    said = _in_charset(content(part), str(part.get_content_charset() or "utf-8"))
    return html_text(said) if part.kind == "text/html" else said


def _in_charset(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):  # a charset that nobody knows, or whose name is none
        return data.decode("utf-8", "replace")


def _attachment(part: Part) -> Attachment:
    inside = children(part)  # a mail that was forwarded as it is
    size = sum(len(bytes(child)) for child in inside) if inside else len(content(part))
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, TypeError, AttributeError):  # what the library makes of broken parameters
        name = ""
    return Attachment(_line(_decoded(name)) or part.kind[:LONGEST_LINE], size)


def _usable(address: str) -> str:
    try:
        return ascii_address("From", address)
    except UnusableAddress:
        return ""


def _decoded(value: str) -> str:
    """A header's value with its encoded words read; as it stands where they cannot be."""
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        return value


def _line(value: str) -> str:
    """One line of limited length, of characters that can be seen."""
    printable = "".join(char if char.isprintable() else " " for char in value[: 10 * LONGEST_LINE])
    line = " ".join(printable.split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _plain(value: str) -> str:
    """Lines of text: no control characters, no blanks at their ends, no more than two line breaks together."""
    lines = _CONTROL.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip()

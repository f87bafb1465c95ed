"""What an SMTP server says, and what it means for the mail that it was said of."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from app.mail.headers import ascii_address
from app.mail.message import Message, to_mime
from app.mail.transport import Deferred, Outcome, Refused, note_of

CLOSING = 421
"""The server's "I am closing this connection", at any step (RFC 5321, section 3.8)."""

WRONG_LOGIN = frozenset({530, 534, 535, 538})
"""Refusals of our login, not of the mail (RFC 4954, section 6): the operator can mend them, so the mail waits."""

TOO_LARGE = 552
"""The answer to a size that was declared (RFC 1870): about the mail, not about us."""

YES, GO_ON, NOT_NOW, NO = 2, 3, 4, 5
"""What a reply's first digit says (RFC 5321, section 4.2.1). Any other is no reply of SMTP's."""

LONGEST_LINE = 8192

REPLIES_KEPT = 64
"""Replies of one line that are kept: to most steps a server says the same each time."""


class LostError(Exception):
    """The connection cannot be used any more, and the end of the data was not sent. The text is a note."""


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """A message as SMTP needs it: the envelope, and the content with its dots doubled."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
    size: int
    """Bytes of the content before its dots were doubled, as SIZE counts them (RFC 1870)."""

    @classmethod
    def of(cls, message: Message, date: datetime, sign: Callable[[bytes], bytes] = lambda mime: mime) -> SmtpMail:
        """Write the message out; raises what `to_mime` raises. `sign` gives it back with its signature."""
        mime = sign(to_mime(message, date))
        return cls(
            sender=ascii_address("From", message.bounce_address or message.from_address),
            recipient=ascii_address("To", message.to_address),
            content=mime.replace(b"\r\n.", b"\r\n.."),  # RFC 5321, section 4.5.2
            size=len(mime),
        )


class Reply(NamedTuple):
    """What the server said: its code, 0 for what is no reply of SMTP's, and its words."""

    code: int
    words: str

    @property
    def kind(self) -> int:
        """The first digit."""
        return self.code // 100


class Replies:
    """Cuts what comes over a connection into replies (RFC 5321, section 4.2)."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []

    @property
    def begun(self) -> bool:
        """Whether a part of a further reply has come."""
        return bool(self._rest or self._lines)

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are whole now.

        Raises:
            LostError: a line has no end in sight.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if max(map(len, (self._rest, *lines))) > LONGEST_LINE:
            raise LostError("a line of the server's reply is too long")
        return [reply for line in lines if (reply := self._take(line.rstrip(b"\r"))) is not None]

    def _take(self, line: bytes) -> Reply | None:
        if not self._lines and line[3:4] != b"-":
            return _whole_reply(line)
        code = _code(line)
        self._lines.append(line[4:] if code else line)
        if code and line[3:4] == b"-":
            return None
        words, self._lines = b"\n".join(self._lines), []
        return Reply(code, words.decode(errors="replace"))


def _code(line: bytes) -> int:
    return int(line[:3]) if line[:3].isdigit() else 0


@lru_cache(REPLIES_KEPT)
def _whole_reply(line: bytes) -> Reply:
    code = _code(line)
    return Reply(code, (line[4:] if code else line).decode(errors="replace"))


def reason_of(error: Exception) -> str:
    """What went wrong, for a note (which still has to mask it)."""
    match error:
        case smtplib.SMTPResponseException():
            words = error.smtp_error
            return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted: {error.verify_message}"
        case UnicodeError():
            return "the server's name, the user name or the password cannot be written in ASCII"
        case OSError() if error.strerror:
            return error.strerror
        case _:
            return str(error) or type(error).__name__


def turned_away(mail: SmtpMail, reply: Reply, step: str) -> Outcome:
    """What a reply before the data means that is not the one wanted.

    Raises:
        LostError: the server is closing, or said what is no answer to this step.
    """
    if reply.code == CLOSING:
        raise LostError(note_on(mail, reply))
    if reply.kind not in (NOT_NOW, NO):
        raise LostError(note_of(f"unexpected reply to {step}:", note_on(mail, reply)))
    if step == "MAIL" and reply.code != TOO_LARGE:
        # Our own address is what it does not like: one setting or one blocked sender must not fail every letter.
        return Deferred(note_on(mail, reply), ours=True)
    return refusal(mail, reply)


def refusal(mail: SmtpMail, reply: Reply) -> Outcome:
    """A reply of kind 4 or 5: for now or for good."""
    if reply.code in WRONG_LOGIN:
        return Deferred(note_on(mail, reply), ours=True)
    return (Deferred if reply.kind == NOT_NOW else Refused)(note_on(mail, reply))


def note_on(mail: SmtpMail, reply: Reply) -> str:
    """The reply for a note, without the recipient's name in it."""
    return note_of(reply.code, reply.words, recipient=mail.recipient)

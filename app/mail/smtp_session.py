"""A conversation with an SMTP server, and an exact answer to "could this message have arrived?".

`smtplib.SMTP.sendmail` raises the same exception wherever the connection breaks, so the steps are taken one by one
here. A server takes a message over when it has read the end of the data (RFC 5321, section 4.1.1.4). Until that end is
sent, a break means "never handed over"; from then on, until the answer is read, it means "uncertain".
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from app.mail.headers import ascii_address
from app.mail.message import Message, to_mime
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain, note_of

CLOSING = 421
"""The server's "I am closing this connection", at any step (RFC 5321, section 3.8)."""

WRONG_LOGIN = frozenset({530, 534, 535, 538})
TOO_LARGE = 552
"""The answer to a size that was declared (RFC 1870): about the mail, not about us."""
"""Refusals of our login, not of the mail (RFC 4954, section 6): the operator can mend them, so the mail waits."""

YES, GO_ON, NOT_NOW, NO = 2, 3, 4, 5
"""What a reply's first digit says (RFC 5321, section 4.2.1). Any other is no reply of SMTP's."""

END_OF_DATA = b".\r\n"
QUIT_SECONDS = 5


class CannotOpenError(Exception):
    """There is no connection to be had. The text is a note."""


class _LostError(Exception):
    """The connection cannot be used any more, and the end of the data was not sent. The text is a note."""


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """A message as SMTP needs it: the envelope, and the content before its dots are doubled."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, message: Message, date: datetime) -> SmtpMail:
        """Write the message out; raises what `to_mime` raises."""
        return cls(
            sender=ascii_address("From", message.from_address),
            recipient=ascii_address("To", message.to_address),
            content=to_mime(message, date),
        )


class _Reply(NamedTuple):
    code: int
    words: str

    @property
    def kind(self) -> int:
        """The first digit."""
        return self.code // 100


class SmtpSession:
    """One batch's conversation. `connect` gives a connection that is ready for mail, or raises `CannotOpenError`."""

    def __init__(self, connect: Callable[[], smtplib.SMTP]) -> None:
        self._connect = connect
        self._smtp: smtplib.SMTP | None = None
        self._trouble: Deferred | None = None
        self._half_done = False
        """Whether the server may still hold an earlier mail's envelope, which a RSET clears."""

    def send(self, mail: SmtpMail) -> Outcome:
        """Hand one mail over. A warm connection that turns out lost before the data's end is opened again once."""
        while self._trouble is None:
            warm = self._smtp is not None
            try:
                return self._exchange(mail)
            except CannotOpenError as error:
                self._trouble = Deferred(str(error))
            except _LostError as lost:
                self._drop()
                if not warm:
                    return Deferred(str(lost))
            except BaseException:
                self._drop()  # in the middle of the data a QUIT would be read as a part of it
                raise
        return self._trouble

    def close(self) -> None:
        """Say good-bye, without waiting long for the answer, and close the connection."""
        if self._smtp is None:
            return
        with suppress(OSError):
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(QUIT_SECONDS)
            self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp, self._half_done = None, False

    def _exchange(self, mail: SmtpMail) -> Outcome:
        """Take one mail through its steps as far as the server goes along."""
        if self._smtp is None:
            self._smtp = self._connect()
        smtp = self._smtp
        if self._half_done:
            _reset(smtp)
        self._half_done = True
        size = f" SIZE={len(mail.content)}" if smtp.has_extn("size") else ""
        steps = (
            ("MAIL", f"FROM:<{mail.sender}>{size}", YES),
            ("RCPT", f"TO:<{mail.recipient}>", YES),
            ("DATA", "", GO_ON),
        )
        for command, arguments, wanted in steps:
            reply = _ask(smtp, command, arguments)
            if reply.kind != wanted:
                return _turned_away(mail, reply, command)
        _send_content(smtp, mail)
        return self._end(smtp, mail)

    def _end(self, smtp: smtplib.SMTP, mail: SmtpMail) -> Outcome:
        """Send the end of the data. From here on only an answer tells whether the server has the mail."""
        try:
            smtp.send(END_OF_DATA)
            reply = _read(*smtp.getreply())
        except OSError as error:
            self._drop()
            return Uncertain(note_of("connection lost before the answer to the data:", reason_of(error)))
        self._half_done = False
        if reply.code == CLOSING or reply.kind not in (YES, NOT_NOW, NO):
            self._drop()
        if reply.kind in (NOT_NOW, NO):
            return _refusal(mail, reply)
        return (Accepted if reply.kind == YES else Uncertain)(_note(mail, reply))


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


def _read(code: int, words: bytes) -> _Reply:
    return _Reply(code, words.decode(errors="replace"))


def _ask(smtp: smtplib.SMTP, command: str, arguments: str = "") -> _Reply:
    try:
        return _read(*smtp.docmd(command, arguments))
    except OSError as error:
        raise _LostError(note_of(f"connection lost at {command}:", reason_of(error))) from None


def _reset(smtp: smtplib.SMTP) -> None:
    reply = _ask(smtp, "RSET")
    if reply.kind != YES:
        raise _LostError(note_of("no RSET:", reply.code, reply.words))


def _send_content(smtp: smtplib.SMTP, mail: SmtpMail) -> None:
    """Send all but the end, each line's leading dot doubled (RFC 5321, section 4.5.2)."""
    try:
        smtp.send(mail.content.replace(b"\r\n.", b"\r\n.."))
    except OSError as error:
        raise _LostError(note_of("connection lost in the data:", reason_of(error))) from None


def _turned_away(mail: SmtpMail, reply: _Reply, command: str) -> Outcome:
    """What a reply before the data means that is not the one wanted."""
    if reply.code == CLOSING:
        raise _LostError(_note(mail, reply))
    if reply.kind not in (NOT_NOW, NO):
        raise _LostError(note_of(f"unexpected reply to {command}:", _note(mail, reply)))
    if command == "MAIL" and reply.code != TOO_LARGE:
        # Our own address is what it does not like: one setting or one blocked sender must not fail every letter.
        return Deferred(_note(mail, reply))
    return _refusal(mail, reply)


def _refusal(mail: SmtpMail, reply: _Reply) -> Outcome:
    """A reply of kind 4 or 5: for now or for good."""
    deferred = reply.kind == NOT_NOW or reply.code in WRONG_LOGIN
    return (Deferred if deferred else Refused)(_note(mail, reply))


def _note(mail: SmtpMail, reply: _Reply) -> str:
    return note_of(reply.code, reply.words, recipient=mail.recipient)

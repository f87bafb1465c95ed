"""A conversation with an SMTP server, and an exact answer to "could this message have arrived?".

A server takes a message over when it has read the end of the data (RFC 5321, section 4.1.1.4). Until that end is sent,
a break means "never handed over"; from then on, until the answer is read, it means "uncertain". So whoever watches is
told just before the end may leave: before all of the mail, which the system mostly takes in one go; and where it takes
a part, because the server is slow, once more when nothing but the end is left.

The envelope is sent in one go where the server offers PIPELINING (RFC 2920, section 3.1), together with the end of the
mail before, else step by step. A conversation never waits: it says what it expects, and is told when there is something
to read, so that one thread can hold several.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from app.mail.smtp_replies import (
    CLOSING,
    GO_ON,
    NO,
    NOT_NOW,
    YES,
    LostError,
    Replies,
    Reply,
    SmtpMail,
    note_on,
    reason_of,
    refusal,
    turned_away,
)
from app.mail.transport import Accepted, Outcome, Uncertain, note_of

WANTED = {"RSET": YES, "MAIL": YES, "RCPT": YES, "DATA": GO_ON}
END, EMPTY_END = "end", "empty end"
END_OF_DATA = b".\r\n"
QUIT_SECONDS = 5
READ_AT_ONCE = 65536


class CannotOpenError(Exception):
    """There is no connection to be had. The text is a note."""


class Load(NamedTuple):
    """A mail to be carried; `leaving` is called before the end of its data may be sent, and may raise; `returned` when
    that end has not been sent after all.
    """

    mail: SmtpMail
    leaving: Callable[[], None]
    returned: Callable[[], None]


class Conversation:
    """One open connection. It carries one mail, and the envelope of the next one while it waits for its outcome.

    Args:
        smtp: A connection that has been greeted and logged in.
        seconds: How long an answer is waited for.
        end_seconds: How long the answer to the end of the data is waited for (RFC 5321, section 4.5.3.2.6).
    """

    def __init__(self, smtp: smtplib.SMTP, seconds: float, end_seconds: float) -> None:
        assert smtp.sock is not None  # noqa: S101 - smtplib has connected it
        self._smtp, self.sock = smtp, smtp.sock
        self._seconds, self._end_seconds = seconds, end_seconds
        self._pipelining, self._sizes = smtp.has_extn("pipelining"), smtp.has_extn("size")
        self._replies = Replies()
        self._heard: deque[Reply] = deque()
        self._follow: Callable[[], Load | None] = lambda: None
        self._load: Load | None = None
        """Whose envelope or content is under way."""
        self._ending: SmtpMail | None = None
        """Whose end was sent and not answered yet."""
        self._unsent: deque[tuple[str, str]] = deque()
        self._expected: deque[str] = deque()
        self._outcome: Outcome | None = None
        self._half_done = False
        """Whether the server may still hold an earlier mail's envelope, which a RSET clears."""
        self.deadline = 0.0
        """Until when something must have come (of `time.monotonic`)."""
        self.warm = False
        """Whether it has carried a mail before."""
        self.usable = True

    def fileno(self) -> int:
        """For `selectors`."""
        return self.sock.fileno()

    @property
    def buffered(self) -> bool:
        """Whether there is something to read that the system does not know of: it has come with something else."""
        return bool(self._heard) or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    def start(self, load: Load, follow: Callable[[], Load | None] = lambda: None) -> None:
        """Begin to hand a mail over. Where its end can carry the next one's envelope, `follow` is asked for that.

        Raises:
            LostError: the connection is gone. Nothing of the mail was handed over.
        """
        self._follow = follow
        self._unsent.extend([("RSET", "RSET")] if self._half_done else [])
        self._take_up(load)
        self._send(self._commands(), self._expected[0])

    def _take_up(self, load: Load) -> None:
        self._load, self._outcome, self._half_done = load, None, True
        size = f" SIZE={load.mail.size}" if self._sizes else ""
        self._unsent.append(("MAIL", f"MAIL FROM:<{load.mail.sender}>{size}"))
        self._unsent.extend([("RCPT", f"RCPT TO:<{load.mail.recipient}>"), ("DATA", "DATA")])

    def read(self) -> Outcome | None:
        """Take in what has come, up to the outcome of the mail that was begun first, once it is known.

        Raises:
            LostError: the connection is gone. Nothing of the mail was handed over.
        """
        try:
            if not self._heard:
                data = self.sock.recv(READ_AT_ONCE)
                if not data:
                    raise ConnectionError("Connection unexpectedly closed")
                self._heard.extend(self._replies.feed(data))
            while self._heard:
                outcome = self._take(self._heard.popleft())
                if outcome is not None:
                    return outcome
        except (OSError, LostError) as error:
            return self.broken(error)
        return None

    def broken(self, error: Exception) -> Outcome:
        """The outcome of the mail that was begun first, whose connection has broken or was silent for too long.

        Raises:
            LostError: the end of its data was not sent.
        """
        self.drop()
        if self._ending is not None:
            self._ending = None
            return Uncertain(note_of("connection lost before the answer to the data:", reason_of(error)))
        if self._outcome is not None:
            return self._outcome  # what followed the outcome was an empty end
        if isinstance(error, LostError):
            raise error
        step = self._expected[0] if self._expected else "MAIL"
        raise LostError(note_of(f"connection lost at {step}:", reason_of(error)))

    def fall_silent(self) -> Outcome:
        """The outcome of a mail whose answer did not come in time.

        Raises:
            LostError: the end of the data was not sent.
        """
        return self.broken(TimeoutError("timed out"))

    def quit(self) -> None:
        """Say good-bye, without waiting long for the answer, and close the connection."""
        if self.usable and not self._expected:
            with suppress(OSError):
                self.sock.settimeout(QUIT_SECONDS)
                self.sock.sendall(b"QUIT\r\n")
                self.sock.recv(READ_AT_ONCE)
        self.drop()

    def drop(self) -> None:
        """Close the connection at once: in the middle of the data a QUIT would be read as a part of it."""
        self.usable = False
        self._smtp.close()

    def _commands(self) -> bytes:
        """The commands that may be sent now: all of an envelope, or one."""
        lines = []
        while self._unsent:
            step, line = self._unsent.popleft()
            self._expected.append(step)
            lines.append(line)
            if not self._pipelining:
                break
        return "\r\n".join([*lines, ""]).encode("ascii")

    def _send(self, data: bytes, where: str) -> None:
        self.deadline = time.monotonic() + self._seconds
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise self._lost(error, where) from None

    def _lost(self, error: OSError, where: str) -> LostError:
        self.drop()
        return LostError(note_of(f"connection lost {where}:", reason_of(error)))

    def _take(self, reply: Reply) -> Outcome | None:
        """One reply, to the step that is expected next; the outcome, if that is all there is to know of a mail."""
        step = self._expected.popleft() if self._expected else ""
        if step == END:
            return self._end(reply)
        if step == EMPTY_END:
            self._half_done = reply.kind != YES
        elif step and self._outcome is None:
            self._answer(step, reply)
        elif step == "DATA" and reply.kind == GO_ON:
            # The envelope was turned away, and still the server waits for data: it gets none (RFC 2920, section 3.1).
            self._expected.append(EMPTY_END)
            self._send(END_OF_DATA, EMPTY_END)
        elif not step:
            raise LostError(note_of("unexpected reply:", reply.code, reply.words))
        return None if self._outcome is None or self._expected or self._unsent else self._turned_away()

    def _answer(self, step: str, reply: Reply) -> None:
        assert self._load is not None  # noqa: S101 - steps belong to a mail
        if reply.kind == WANTED[step]:
            if step == "DATA" and (self._heard or self._replies.begun):
                raise LostError("an answer to the data came before the data")  # whatever it says, it would be a lie
            if step == "DATA":
                self._send_content(self._load)
            elif self._unsent:
                self._send(self._commands(), self._expected[0])
            return
        if step == "RSET":
            raise LostError(note_of("no RSET:", reply.code, reply.words))
        self._outcome = turned_away(self._load.mail, reply, step)
        self._unsent.clear()

    def _send_content(self, load: Load) -> None:
        following = self._follow() if self._pipelining else None
        self._load = None
        self._expected.append(END)
        end = END_OF_DATA
        if following is not None:
            self._take_up(following)
            end += self._commands()
        left = self._send_all_but_end(load, end)
        self._ending = load.mail
        self.deadline = time.monotonic() + self._end_seconds
        if left:
            self.sock.sendall(left)

    def _send_all_but_end(self, load: Load, end: bytes) -> bytes:
        """Send the content and, of its end, what the system takes along; returns what is left of that."""
        content = load.mail.content
        if isinstance(self.sock, ssl.SSLSocket):
            self._send(content, "in the data")
            load.leaving()
            return end
        load.leaving()
        try:
            sent = self.sock.sendmsg((content, end))
        except OSError as error:
            load.returned()  # Linux raises only where nothing was taken
            raise self._lost(error, "in the data") from None
        if sent >= len(content):
            return end[sent - len(content) :]
        load.returned()
        self._send(content[sent:], "in the data")
        load.leaving()
        return end

    def _end(self, reply: Reply) -> Outcome:
        assert self._ending is not None  # noqa: S101 - its end was sent
        mail, self._ending = self._ending, None
        self.warm, self._half_done = True, self._load is not None
        self.deadline = time.monotonic() + self._seconds
        if reply.code == CLOSING or reply.kind not in (YES, NOT_NOW, NO):
            self.drop()
        if reply.kind in (NOT_NOW, NO):
            return refusal(mail, reply)
        return (Accepted if reply.kind == YES else Uncertain)(note_on(mail, reply))

    def _turned_away(self) -> Outcome | None:
        outcome, self._outcome, self._load, self.warm = self._outcome, None, None, True
        return outcome

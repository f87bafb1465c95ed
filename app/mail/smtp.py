"""The SMTP adapter: a few warm connections to one server, all driven by the thread that hands over."""

from __future__ import annotations

import selectors
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.config import SmtpSecurity, SmtpSettings
from app.mail.message import Message
from app.mail.smtp_replies import SmtpMail, reason_of
from app.mail.smtp_session import CannotOpenError, Conversation
from app.mail.smtp_shift import Shift
from app.mail.transport import Watcher, note_of

KEPT = timedelta(seconds=30)
"""How long an idle connection is kept: servers close theirs after minutes, and a stale one costs a second try."""


@dataclass(slots=True)
class SmtpTransport:
    """Hands messages to one SMTP server.

    Args:
        settings: Where it is, how to log in, how many connections at once.
        clock: Tells the time for the Date field.
        ehlo_name: The host name that we give ourselves; receivers see it.
        sign: Gives a message back with its DKIM signature; by default the server signs, or nobody.
        context: Whom to trust; by default the system's authorities, with the server's name checked.
    """

    settings: SmtpSettings
    clock: Callable[[], datetime]
    ehlo_name: str
    sign: Callable[[bytes], bytes] = lambda mime: mime
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _idle: list[Conversation] = field(default_factory=list)
    _idle_since: float = 0.0

    @property
    def reaches_people(self) -> bool:
        """Yes: only verified targets may be given to it."""
        return True

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        """See `Transport.hand_over`.

        A mail whose connection turns out lost before the data's end is handed to a new one, once. When no connection
        can be opened, this message and all that follow are deferred without another try.
        """
        shift = Shift(self, self.settings.sessions, watcher, self._kept())
        try:
            shift.work(messages)
        except BaseException:
            shift.break_off()
            raise
        self._idle, self._idle_since = shift.idle, time.monotonic()

    def close(self) -> None:
        """See `Transport.close`."""
        for conversation in self._idle:
            conversation.quit()
        self._idle = []

    def _kept(self) -> list[Conversation]:
        """The connections of the last call that can still be used; the others are closed."""
        kept, self._idle = self._idle, []
        fresh = time.monotonic() - self._idle_since < KEPT.total_seconds()
        usable = [conversation for conversation in kept if fresh and not _has_something_to_say(conversation)]
        for conversation in kept:
            if conversation not in usable:
                conversation.drop()
        return usable

    def write_out(self, message: Message) -> SmtpMail:
        """The message as SMTP needs it; raises what `to_mime` raises."""
        return SmtpMail.of(message, self.clock(), self.sign)

    def open(self) -> Conversation:
        """A new connection that is ready for mail.

        Raises:
            CannotOpenError: there is none to be had.
        """
        seconds = self.settings.timeout.total_seconds()
        try:
            return Conversation(self._logged_in(), seconds, self.settings.data_timeout.total_seconds())
        except (OSError, ValueError) as error:  # SMTPException is an OSError; a ValueError: a password is not ASCII
            raise CannotOpenError(note_of("not connected:", reason_of(error))) from None

    def _logged_in(self) -> smtplib.SMTP:
        smtp = self._connected()
        try:
            if smtp.sock is not None:  # what follows a mail's first part must not wait for that one's packet
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.settings.security is SmtpSecurity.STARTTLS:
                smtp.starttls(context=self.context)
            smtp.ehlo_or_helo_if_needed()
            if self.settings.username:
                smtp.login(self.settings.username, self.settings.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _connected(self) -> smtplib.SMTP:
        at, seconds = self.settings, self.settings.timeout.total_seconds()
        if at.security is SmtpSecurity.TLS:
            return smtplib.SMTP_SSL(at.host, at.port, self.ehlo_name, timeout=seconds, context=self.context)
        return smtplib.SMTP(at.host, at.port, self.ehlo_name, timeout=seconds)


def _has_something_to_say(conversation: Conversation) -> bool:
    """Whether an idle connection has something to read: a good-bye, or its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(conversation, selectors.EVENT_READ)
        return conversation.buffered or bool(selector.select(0))

"""The SMTP adapter: one warm connection for each batch."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from app.config import SmtpSecurity, SmtpSettings
from app.mail.headers import UnsendableMessageError
from app.mail.message import Message
from app.mail.smtp_session import CannotOpenError, SmtpMail, SmtpSession, reason_of
from app.mail.transport import Outcome, Refused, note_of


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """Hands messages to one SMTP server.

    Args:
        settings: Where it is and how to log in.
        clock: Tells the time for the Date field.
        ehlo_name: The host name that we give ourselves; receivers see it.
        context: Whom to trust; by default the system's authorities, with the server's name checked.
    """

    settings: SmtpSettings
    clock: Callable[[], datetime]
    ehlo_name: str
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def reaches_people(self) -> bool:
        """Yes: only verified targets may be given to it."""
        return True

    def hand_over(self, messages: Iterable[Message]) -> Generator[tuple[Message, Outcome], None, None]:
        """See `Transport.hand_over`.

        A connection lost on the way is opened again, once for a message. When it cannot be opened, this message and
        all that follow are deferred without another try.
        """
        with closing(SmtpSession(self._open)) as session:
            for message in messages:
                yield message, self._send(session, message)

    def _send(self, session: SmtpSession, message: Message) -> Outcome:
        try:
            mail = SmtpMail.of(message, self.clock())
        except UnsendableMessageError as error:
            return Refused(note_of(error))
        return session.send(mail)

    def _open(self) -> smtplib.SMTP:
        try:
            return self._logged_in()
        except (OSError, ValueError) as error:  # SMTPException is an OSError; a ValueError: a password is not ASCII
            raise CannotOpenError(note_of("not connected:", reason_of(error))) from None

    def _logged_in(self) -> smtplib.SMTP:
        smtp = self._connected()
        try:
            if smtp.sock is not None:  # the end of the data travels on its own and must not wait for an earlier packet
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

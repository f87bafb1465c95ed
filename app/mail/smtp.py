"""The SMTP adapter: a few warm connections to one server, all driven by the thread that hands over."""

from __future__ import annotations

import selectors
import smtplib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.config import SmtpSecurity, SmtpSettings
from app.mail.headers import UnsendableMessageError
from app.mail.message import Message
from app.mail.smtp_replies import LostError, SmtpMail, reason_of
from app.mail.smtp_session import CannotOpenError, Conversation
from app.mail.transport import Deferred, Outcome, Refused, StoppedError, Watcher, note_of

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
        shift = _Shift(self, watcher, self._kept())
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


def _has_something_to_say(conversation: Conversation) -> bool:
    """Whether an idle connection has something to read: a good-bye, or its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(conversation, selectors.EVENT_READ)
        return conversation.buffered or bool(selector.select(0))


@dataclass(frozen=True, slots=True)
class _Errand:
    """A mail to be handed over, for the first time or, after its connection was lost, for the second."""

    message: Message
    mail: SmtpMail
    again: bool = False


class _Shift:
    """One call of `hand_over`: who is free, who is under way, what waits for a second try."""

    def __init__(self, transport: SmtpTransport, watcher: Watcher, idle: list[Conversation]) -> None:
        self._transport, self._watcher = transport, watcher
        self.idle = idle
        self._under_way: dict[Conversation, _Errand] = {}
        self._again: deque[_Errand] = deque()
        self._closed: CannotOpenError | None = None
        """Why no further connection is to be had."""
        self._selector = selectors.DefaultSelector()
        self._watched: set[Conversation] = set()
        """The connections that the selector watches."""

    def work(self, messages: Iterator[Message]) -> None:
        """Hand over all messages."""
        with self._selector:
            more = True
            while more or self._under_way or self._again:
                more = self._send_out(messages) if more or self._again else False
                if self._under_way:
                    self._listen()

    def break_off(self) -> None:
        """Drop every connection: nobody knows what is half said on them."""
        for conversation in [*self._under_way, *self.idle]:
            conversation.drop()

    def _send_out(self, messages: Iterator[Message]) -> bool:
        """Give errands to whoever is free; returns whether there may be more messages."""
        while len(self._under_way) < self._transport.settings.sessions:
            if self._closed and self._under_way and not self.idle:
                return True  # the server takes no further connection: those there are will do
            errand = self._again.popleft() if self._again else self._next(messages)
            if errand is None:
                return False
            self._run(errand)
        return True

    def _next(self, messages: Iterator[Message]) -> _Errand | None:
        for message in messages:
            try:
                return _Errand(message, self._transport.write_out(message))
            except UnsendableMessageError as error:
                self._watcher.answered(message, Refused(note_of(error)))
        return None

    def _run(self, errand: _Errand) -> None:
        try:
            conversation = self._free(fresh=errand.again)
        except CannotOpenError as error:
            self._closed = error
            if self._under_way:
                self._again.append(errand)
            else:
                self._watcher.answered(errand.message, Deferred(str(error), ours=True))
            return
        self._under_way[conversation] = errand
        if conversation not in self._watched:
            self._watched.add(conversation)
            self._selector.register(conversation, selectors.EVENT_READ)
        try:
            conversation.start(errand.mail, lambda: self._watcher.leaving([errand.message.id]))
        except LostError as error:
            self._lost(conversation, error)

    def _free(self, *, fresh: bool) -> Conversation:
        if self.idle and not (fresh and self._closed is None):
            return self.idle.pop()
        if self._closed:
            raise self._closed
        return self._transport.open()

    def _listen(self) -> None:
        ready = [conversation for conversation in self._under_way if conversation.buffered]
        if not ready:
            left = min(conversation.deadline for conversation in self._under_way) - time.monotonic()
            ready = [key.fileobj for key, _ in self._selector.select(max(0.0, left))]  # type: ignore[misc] # we registered them
        for conversation in ready:
            if conversation in self._under_way:
                self._end(conversation, conversation.read)
            else:
                self._let_go(conversation)
        now = time.monotonic()
        for conversation in [one for one in self._under_way if one.deadline < now]:
            self._end(conversation, conversation.fall_silent)

    def _end(self, conversation: Conversation, ask: Callable[[], Outcome | None]) -> None:
        try:
            outcome = ask()
        except LostError as error:
            self._lost(conversation, error)
            return
        except StoppedError:
            del self._under_way[conversation]
            self._let_go(conversation)
            return
        if outcome is not None:
            errand = self._under_way.pop(conversation)
            if conversation.usable:
                self.idle.append(conversation)
            else:
                self._let_go(conversation)
            self._watcher.answered(errand.message, outcome)

    def _lost(self, conversation: Conversation, error: LostError) -> None:
        """A mail's connection is gone before its end: on an old connection it gets a second try on a new one."""
        errand = self._under_way.pop(conversation)
        self._let_go(conversation)
        if conversation.warm and not errand.again:
            self._again.append(_Errand(errand.message, errand.mail, again=True))
        else:
            self._watcher.answered(errand.message, Deferred(str(error)))

    def _let_go(self, conversation: Conversation) -> None:
        """Drop a connection that cannot be used any more: the server closes those that are idle, too."""
        self._watched.discard(conversation)
        self._selector.unregister(conversation)
        conversation.drop()
        if conversation in self.idle:
            self.idle.remove(conversation)

"""One call of the SMTP adapter's `hand_over`: its connections, all driven by the thread that hands over."""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from app.mail.headers import UnsendableMessageError
from app.mail.message import Message
from app.mail.smtp_replies import LostError, SmtpMail
from app.mail.smtp_session import CannotOpenError, Conversation, Load
from app.mail.transport import Deferred, Outcome, Refused, StoppedError, Watcher, note_of


class Desk(Protocol):
    """What a shift asks of the adapter."""

    def write_out(self, message: Message) -> SmtpMail:
        """The message as SMTP needs it; raises `UnsendableMessageError`."""

    def open(self) -> Conversation:
        """A new connection that is ready for mail; raises `CannotOpenError`."""


class _Errand(NamedTuple):
    """A mail to be handed over, for the first time or, after its connection was lost, for the second."""

    message: Message
    mail: SmtpMail
    again: bool = False


class Shift:
    """One call of `hand_over`: who is free, who is under way, what waits for a second try."""

    def __init__(self, desk: Desk, sessions: int, watcher: Watcher, idle: list[Conversation]) -> None:
        self._desk, self._sessions, self._watcher = desk, sessions, watcher
        self.idle = idle
        self._messages: Iterator[Message] = iter(())
        self._under_way: dict[Conversation, deque[_Errand]] = {}
        """What each connection carries: a mail, and the next one whose envelope goes with that one's end."""
        self._again: deque[_Errand] = deque()
        self._closed: CannotOpenError | None = None
        """Why no further connection is to be had."""
        self._selector = selectors.DefaultSelector()
        self._watched: set[Conversation] = set()
        """The connections that the selector watches."""

    def work(self, messages: Iterator[Message]) -> None:
        """Hand over all messages."""
        with self._selector:
            self._messages, more = messages, True
            while more or self._under_way or self._again:
                more = self._send_out() if more or self._again else False
                if self._under_way:
                    self._listen()

    def break_off(self) -> None:
        """Drop every connection: nobody knows what is half said on them."""
        for conversation in [*self._under_way, *self.idle]:
            conversation.drop()

    def _send_out(self) -> bool:
        """Give errands to whoever is free; returns whether there may be more messages."""
        while len(self._under_way) < self._sessions:
            if self._closed and self._under_way and not self.idle:
                return True  # the server takes no further connection: those there are will do
            errand = self._again.popleft() if self._again else self._next()
            if errand is None:
                return False
            self._run(errand)
        return True

    def _next(self) -> _Errand | None:
        for message in self._messages:
            try:
                return _Errand(message, self._desk.write_out(message))
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
        self._under_way[conversation] = deque([errand])
        if conversation not in self._watched:
            self._watched.add(conversation)
            self._selector.register(conversation, selectors.EVENT_READ)
        try:
            conversation.start(self._load(errand), lambda: self._follow(conversation))
        except LostError as error:
            self._lost(conversation, error)

    def _load(self, errand: _Errand) -> Load:
        ids = [errand.message.id]
        return Load(errand.mail, lambda: self._watcher.leaving(ids), lambda: self._watcher.returned(ids))

    def _follow(self, conversation: Conversation) -> Load | None:
        errand = self._next()
        if errand is None:
            return None
        self._under_way[conversation].append(errand)
        return self._load(errand)

    def _free(self, *, fresh: bool) -> Conversation:
        if self.idle and not (fresh and self._closed is None):
            return self.idle.pop()
        if self._closed:
            raise self._closed
        return self._desk.open()

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
            self._under_way[conversation].popleft()
            self._let_go(conversation)
            return
        if outcome is not None:
            errand = self._under_way[conversation].popleft()
            if not conversation.usable:
                self._let_go(conversation)
            elif not self._under_way[conversation]:
                del self._under_way[conversation]
                self.idle.append(conversation)
            self._watcher.answered(errand.message, outcome)

    def _lost(self, conversation: Conversation, error: LostError) -> None:
        """A mail's connection is gone before its end: on an old connection it gets a second try on a new one."""
        errand = self._under_way[conversation].popleft()
        self._let_go(conversation)
        if conversation.warm and not errand.again:
            self._again.append(_Errand(errand.message, errand.mail, again=True))
        else:
            self._watcher.answered(errand.message, Deferred(str(error)))

    def _let_go(self, conversation: Conversation) -> None:
        """Drop a connection that cannot be used any more: the server closes those that are idle, too.

        A mail of which it has only carried the envelope goes by another one.
        """
        self._again.extend(self._under_way.pop(conversation, ()))
        self._watched.discard(conversation)
        self._selector.unregister(conversation)
        conversation.drop()
        if conversation in self.idle:
            self.idle.remove(conversation)

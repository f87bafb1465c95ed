"""The SendGrid adapter: requests to its mail/send, several at once, and what became of each message in them."""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from app.config import SendGridSettings
from app.mail.message import Message
from app.mail.sendgrid_answers import Verdict, all_alike, closed_until, judge
from app.mail.sendgrid_http import Answer, AnswerLostError, Call, Connections, NotHandedOverError
from app.mail.sendgrid_request import payload, requests
from app.mail.transport import Deferred, Refused, StoppedError, Uncertain, Watcher, note_of

PATH = "/v3/mail/send"


@dataclass(slots=True)
class SendGridTransport:
    """Hands messages to SendGrid.

    Args:
        settings: Which region (or what stands in for it), the key, how many requests at once.
        clock: Tells the time, to know how long a limit lasts.
        context: Whom to trust; by default the system's authorities, with the server's name checked.
    """

    settings: SendGridSettings
    clock: Callable[[], datetime]
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _connections: Connections = field(init=False)
    _threads: ThreadPoolExecutor | None = None
    _closed_until: datetime | None = None
    """Until when SendGrid takes no further request."""

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.settings.key}", "Content-Type": "application/json"}
        seconds = self.settings.timeout.total_seconds()
        self._connections = Connections(self.settings.url, headers, seconds, self.context)

    @property
    def reaches_people(self) -> bool:
        """Yes: only verified targets may be given to it."""
        return True

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        """See `Transport.hand_over`.

        Of the messages of a group one more may have been taken than fits into the requests that are under way: it is
        how the group's end is seen. Requests are made in threads, which tell the watcher what is leaving.
        """
        shift = _Shift(self, watcher, Call(self._connections))
        try:
            shift.work(messages)
        except BaseException:
            shift.break_off()
            self._let_threads_go(wait=False)
            raise

    def close(self) -> None:
        """See `Transport.close`."""
        self._let_threads_go(wait=True)
        self._connections.close()

    def start(self, task: Callable[[], Verdict]) -> Future[Verdict]:
        """Do a task in a thread."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.settings.connections, thread_name_prefix="sendgrid")
        return self._threads.submit(task)

    def closed(self) -> Deferred | None:
        """The answer to everything while SendGrid takes no further request."""
        if self._closed_until is None or (left := self._closed_until - self.clock()).total_seconds() <= 0:
            return None
        return Deferred("not handed over: SendGrid's limit of requests is reached", ours=True, wait=left)

    def heed(self, answer: Answer) -> None:
        """Note whether more requests may follow this answer. May be called from any thread."""
        self._closed_until = closed_until(answer, self.clock()) or self._closed_until

    def _let_threads_go(self, *, wait: bool) -> None:
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=wait, cancel_futures=True)


class _Shift:
    """One call of `hand_over`: what is under way, and what goes out again."""

    def __init__(self, transport: SendGridTransport, watcher: Watcher, call: Call) -> None:
        self._transport, self._watcher, self._call = transport, watcher, call
        self._under_way: set[Future[Verdict]] = set()
        self._again: deque[list[Message]] = deque()

    def work(self, messages: Iterator[Message]) -> None:
        """Hand over all messages."""
        fresh = requests(messages, lambda message, error: self._watcher.answered(message, Refused(note_of(error))))
        more = True
        while more or self._under_way or self._again:
            more = self._send_out(fresh) if more or self._again else False
            if self._under_way:
                self._listen()

    def break_off(self) -> None:
        """Drop every request. None is leaving any more when this returns, and no answer is waited for."""
        self._call.drop()

    def _send_out(self, fresh: Iterator[list[Message]]) -> bool:
        """Start requests while there is room; returns whether there may be more messages."""
        while len(self._under_way) < self._transport.settings.connections:
            messages = self._again.popleft() if self._again else next(fresh, None)
            if messages is None:
                return False
            if closed := self._transport.closed():
                self._take(all_alike(messages, closed))
            else:
                self._start(messages)
        return True

    def _start(self, messages: list[Message]) -> None:
        self._under_way.add(self._transport.start(lambda: self._request(messages)))

    def _listen(self) -> None:
        done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
        for request in done:
            self._take(request.result())

    def _take(self, verdict: Verdict) -> None:
        self._again.extend(verdict.again)
        for message, outcome in verdict.outcomes:
            self._watcher.answered(message, outcome)

    def _request(self, messages: list[Message]) -> Verdict:
        """Make one request. In a thread of its own; what the watcher raises goes on."""
        ids = [message.id for message in messages]
        try:
            answer = self._call.post(PATH, payload(messages), lambda: self._watcher.leaving(ids))
        except NotHandedOverError as error:
            return all_alike(messages, Deferred(str(error), ours=True))
        except AnswerLostError as error:
            return all_alike(messages, Uncertain(str(error)))
        except StoppedError:
            return Verdict()
        self._transport.heed(answer)
        verdict = judge(messages, answer, self._transport.clock())
        if verdict.again:
            self._watcher.returned([message.id for group in verdict.again for message in group])
        return verdict

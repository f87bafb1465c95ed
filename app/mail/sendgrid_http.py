"""HTTP to one server, with an exact answer to "could this request have been taken?".

A server cannot act on a request whose last byte it does not have. So the body's last byte travels on its own, after
everything else, and whoever watches is told just before: until then a break means "never handed over", from then on,
until the answer is read, it means "lost". What may have been taken is never repeated; redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from threading import Lock
from typing import TypeAlias
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from app.mail.transport import note_of

Connection: TypeAlias = HTTPConnection | HTTPSConnection

KEPT_SECONDS = 30
"""How long an idle connection is kept. One that the server closes just as it is used again leaves its mail in doubt,
for everything is sent before the break is seen; so it is given up before servers do (commonly after a minute)."""

CONNECT_SECONDS = 10
"""How long a connection may take at the most, with its TLS handshake."""

LARGEST_ANSWER = 65_536
"""Bytes of an answer that are read. SendGrid's have some hundred."""

_BREAKS = (OSError, HTTPException, HTTPError, ValueError)
"""What urllib3 and the layers under it raise when a connection breaks, or says what is no HTTP."""


class NotHandedOverError(Exception):
    """The server never had the whole request. The text is a note."""


class AnswerLostError(Exception):
    """The server may have taken the request. The text is a note."""


class DroppedError(Exception):
    """The whole call was given up before this request left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Found under any case."""
    body: bytes = b""
    """As much of it as could be read, up to `LARGEST_ANSWER`."""
    early: bool = False
    """Whether it came before the request was whole."""


class Connections:
    """Kept connections to one server. Any thread may use it.

    Args:
        url: The server: scheme, host and port, without a path.
        headers: What every request says.
        seconds: How long an answer is waited for.
        context: Whom to trust; it must check certificates and names.
        monotonic: Tells for how long a connection has been idle, in seconds.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        seconds: float,
        context: ssl.SSLContext,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        self._https, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        self._context, self._monotonic = context, monotonic
        self.headers, self.seconds = headers, seconds
        self._idle: list[tuple[float, Connection]] = []

    def kept(self) -> Connection | None:
        """An open connection that has been used before, if there is one that is still good."""
        with suppress(IndexError):  # another thread may take the last
            while True:
                since, connection = self._idle.pop()
                if self._monotonic() - since < KEPT_SECONDS and connection.is_connected:
                    return connection
                connection.close()
        return None

    def new(self) -> Connection:
        """A connection that is yet to be opened."""
        seconds = min(self.seconds, CONNECT_SECONDS)
        if self._https:
            return HTTPSConnection(self._host, self._port, timeout=seconds, ssl_context=self._context)
        return HTTPConnection(self._host, self._port, timeout=seconds)

    def keep(self, connection: Connection) -> None:
        """Give a connection back whose answer has been read."""
        if not connection.is_closed:
            self._idle.append((self._monotonic(), connection))

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop()[1].close()


class Call:
    """The requests of one call of `hand_over`, which can all be dropped at once."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._under_way: set[Connection] = set()
        self._lock = Lock()
        self._dropped = False

    def post(self, path: str, body: bytes, leaving: Callable[[], None]) -> Answer:
        """Post `body`; `leaving` is called before its last byte is sent, and what it raises goes on.

        A kept connection that breaks before is replaced by a new one, once. To be called from any thread.

        Raises:
            NotHandedOverError: no connection, or it broke before the last byte.
            AnswerLostError: it broke, or fell silent, after that.
            DroppedError: `drop` was called before the last byte.
        """
        kept = self._connections.kept()
        if kept is not None:
            with suppress(NotHandedOverError):
                return self._exchange(kept, path, body, leaving)
        if self._dropped:
            raise DroppedError
        return self._exchange(self._connections.new(), path, body, leaving)

    def drop(self) -> None:
        """Break every connection that is under way. Nothing is leaving any more when this returns."""
        with self._lock:
            self._dropped = True
            for connection in self._under_way:
                _break(connection)

    def _exchange(self, connection: Connection, path: str, body: bytes, leaving: Callable[[], None]) -> Answer:
        with self._lock:
            self._under_way.add(connection)
        try:
            answer = self._ask(connection, path, _Body(body, lambda: self._leave(leaving)))
        except BaseException:
            connection.close()
            raise
        finally:
            with self._lock:
                self._under_way.discard(connection)
        if self._dropped:
            connection.close()
        else:
            self._connections.keep(connection)
        return answer

    def _leave(self, leaving: Callable[[], None]) -> None:
        with self._lock:
            if self._dropped:
                raise DroppedError
            leaving()

    def _ask(self, connection: Connection, path: str, body: _Body) -> Answer:
        headers = {**self._connections.headers, "Content-Length": str(len(body.data))}
        try:
            if connection.is_closed:
                connection.connect()
            connection.timeout = self._connections.seconds
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have said why before it hung up
                connection.request("POST", path, body=body, headers=headers, preload_content=False)
            if body.refused is None:
                return _read(connection, early=not body.left)
        except _BREAKS as error:
            if body.refused is not None:
                raise
            if body.left:
                raise AnswerLostError(note_of("connection lost before the answer:", reason_of(error))) from None
            raise NotHandedOverError(note_of("not handed over:", reason_of(error))) from None
        raise body.refused


class _Body:
    """The body in two parts, with a word between them."""

    def __init__(self, data: bytes, leave: Callable[[], None]) -> None:
        self.data, self._leave = data, leave
        self.left = False
        """Whether the last byte may be on its way."""
        self.refused: Exception | None = None
        """What `leave` raised."""

    def __iter__(self) -> Iterator[bytes]:
        yield self.data[:-1]
        try:
            self._leave()
        except Exception as error:
            self.refused = error
            raise
        self.left = True
        yield self.data[-1:]


def _read(connection: Connection, *, early: bool) -> Answer:
    """The answer. Its status is what counts: a body that breaks off is read as far as it came."""
    response = connection.getresponse()
    body = b""
    try:
        body = response.read(LARGEST_ANSWER)
        whole = not early and response.status >= HTTPStatus.OK and not response.read(1)
    except _BREAKS:
        whole = False
    if not whole:
        response.close()
        connection.close()
    return Answer(response.status, response.headers, body, early)


def _break(connection: Connection) -> None:
    """Make a connection fail at once for the thread that uses it."""
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            # Not the TLS layer's own shutdown: that one lets go of the encryption under the thread that uses it.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def reason_of(error: Exception) -> str:
    """What went wrong, for a note (which still has to mask it)."""
    match error:
        case NameResolutionError():
            return "the server's name was not found"
        case NewConnectionError() if isinstance(error.__cause__, OSError):
            return error.__cause__.strerror or "no connection"
        case TimeoutError() | ConnectTimeoutError():
            return "timed out"
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted: {error.verify_message}"
        case OSError() if error.strerror:
            return error.strerror
        case _:
            return type(error).__name__

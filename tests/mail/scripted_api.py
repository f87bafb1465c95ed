"""SendGrid's mail/send that misbehaves exactly as told: it answers, is silent or hangs up as a test says."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO, Self, TypeAlias


@dataclass(frozen=True)
class Say:
    """Answer when the request is whole; with `close` hang up afterwards."""

    status: int = 202
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False


@dataclass(frozen=True)
class SayAtOnce:
    """Answer when the head of the request is there, read no body, and hang up."""

    status: int


@dataclass(frozen=True)
class Babble:
    """Answer with these bytes, whatever they are, and hang up."""

    words: bytes


@dataclass(frozen=True)
class HangUpInTheBody:
    """Reset the connection when a little of the body is there."""


@dataclass(frozen=True)
class HangUpAfter:
    """Reset the connection when the request is whole."""


@dataclass(frozen=True)
class Silence:
    """Keep the connection open and say nothing."""


Act: TypeAlias = Say | SayAtOnce | Babble | HangUpInTheBody | HangUpAfter | Silence


@dataclass(frozen=True)
class Request:
    """What came whole."""

    connection: int
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)
    """When it was whole."""

    @property
    def mail(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def ids(self) -> list[int]:
        """The deliveries in it, in their order."""
        return [int(one["custom_args"]["delivery_id"]) for one in self.mail["personalizations"]]


class _Over(Exception):  # noqa: N818 - an end, not an error
    """The server is done with this connection."""


@dataclass
class ScriptedApi:
    """Listens on loopback; the first request that comes gets the first act, and so on; the rest are accepted."""

    acts: list[Act] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    """With it the server speaks HTTPS."""
    latency: float = 0.0
    """Seconds before each answer."""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    """How many requests were being answered at the same time, at the most."""

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self.all_but_the_last_byte = threading.Event()
        self._lock = threading.Lock()
        self._at_once = 0
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"{'http' if self.context is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def told(self) -> list[list[int]]:
        """The deliveries of each request that came whole."""
        return [request.ids for request in self.requests]

    def stop(self) -> None:
        """Stop listening and hang up. Stopping twice does no harm."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        self._listener.close()

    def hang_up(self) -> None:
        """Close every connection that is open now."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError, _Over):
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.add(connection)
            with connection, connection.makefile("rb") as lines:
                while head := _read_head(lines):
                    self._answer(connection, lines, number, head)
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def _answer(self, connection: socket.socket, lines: BinaryIO, number: int, head: list[str]) -> None:
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if "content-length" not in headers:  # this is no HTTP
            raise _Over
        with self._lock:
            act = self.acts.pop(0) if self.acts else Say()
        if isinstance(act, SayAtOnce):
            connection.sendall(_response(act.status, b"", {"Connection": "close"}))
            raise _Over
        body = self._read_body(connection, lines, int(headers["content-length"]), act)
        with self._lock:
            self.requests.append(Request(number, head[0], headers, body))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        if self.latency:
            self._stopping.wait(self.latency)
        with self._lock:
            self._at_once -= 1
        self._say(connection, act)

    def _read_body(self, connection: socket.socket, lines: BinaryIO, length: int, act: Act) -> bytes:
        if isinstance(act, HangUpInTheBody):
            lines.read(10)
            _reset(connection)
        body = lines.read(length - 1)
        self.all_but_the_last_byte.set()
        body += lines.read(1)
        if len(body) < length:
            raise _Over
        return body

    def _say(self, connection: socket.socket, act: Act) -> None:
        match act:
            case Say(status, body, headers, close):
                usual = {"X-Message-Id": f"taken-{len(self.requests)}"} if status == HTTPStatus.ACCEPTED else {}
                connection.sendall(_response(status, body, usual | dict(headers)))
                if close:
                    raise _Over
            case Babble(words):
                connection.sendall(words)
                raise _Over
            case HangUpAfter():
                _reset(connection)
            case Silence():
                self._stopping.wait(30)
                raise _Over


def errors(*faults: tuple[str | None, str]) -> bytes:
    """The body of a refusal: a field and a message for each fault."""
    return json.dumps({"errors": [{"field": name, "message": words, "help": None} for name, words in faults]}).encode()


def _read_head(lines: BinaryIO) -> list[str]:
    """The lines of a request's head; none at the connection's end."""
    head = []
    while (line := lines.readline()) not in (b"\r\n", b""):
        head.append(line.decode("latin-1").strip())
    return head


def _response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    fields = {"Content-Length": str(len(body)), **headers}
    head = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(head).encode() + body


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise _Over

"""Loopback listeners, one for each worker, so that a fault knows whom it kills; each connection in a thread."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from tests.faults.script import Act, Fault

PATIENCE_SECONDS = 60
"""How long a connection may be idle: longer than a worker keeps one."""
SILENCE_SECONDS = 4.0
"""How long a silent server is silent: longer than the workers wait for an answer."""
STALL_SECONDS = 0.3
_RESET = struct.pack("ii", 1, 0)

Kill = Callable[[int], None]
"""Kills the worker of this number, who is gone when it returns."""


class Over(Exception):  # noqa: N818 - an end, not an error
    """The conversation has ended."""


class Wire:
    """Bytes to and from a client."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(0.5)
        self._connection, self._stopping = connection, stopping
        self.buffer = b""

    def say(self, data: bytes) -> None:
        self._connection.sendall(data)

    def more(self) -> None:
        """Wait for more bytes; raises `Over` when there will be none."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._stopping.is_set() and time.monotonic() < until:
            with suppress(TimeoutError):
                data = self._connection.recv(65536)
                if not data:
                    break
                self.buffer += data
                return
        raise Over

    def through(self, end: bytes) -> bytes:
        """Everything up to and with `end`."""
        while end not in self.buffer:
            self.more()
        return self.take(self.buffer.index(end) + len(end))

    def take(self, number: int) -> bytes:
        """So many bytes."""
        while len(self.buffer) < number:
            self.more()
        taken, self.buffer = self.buffer[:number], self.buffer[number:]
        return taken

    def drain(self) -> bytes:
        """Hang up politely, and give all that comes until the client hangs up too; it may be gone already."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
        with suppress(Over, OSError):
            while True:
                self.more()
        return self.buffer

    def reset(self) -> None:
        """Let the connection end with a reset, not with a good-bye."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


Serve = Callable[[Wire, int, int], None]
"""Talks on a connection: of which worker, its how many-th."""


class Listeners:
    """Listens once for each worker; `ports` in the workers' order."""

    def __init__(self, workers: int, serve: Serve) -> None:
        self._workers, self._serve = workers, serve
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(self._workers)]
        for worker, listener in enumerate(self._listeners):
            self._begin(self._listen, worker, listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for listener in self._listeners:
            listener.close()

    @property
    def ports(self) -> Sequence[int]:
        return [listener.getsockname()[1] for listener in self._listeners]

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self, worker: int, listener: socket.socket) -> None:
        number = 0
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            number += 1
            self._begin(self._talk, connection, worker, number)

    def _talk(self, connection: socket.socket, worker: int, number: int) -> None:
        with connection, suppress(Over, OSError):
            self._serve(Wire(connection, self._stopping), worker, number)


def suffer(fault: Fault, wire: Wire, kill: Callable[[], None]) -> None:
    """What every fault but an answer does; raises `Over` where the conversation ends by it."""
    if fault.act is Act.STALL:
        time.sleep(STALL_SECONDS)
    if fault.act is Act.SILENCE:
        time.sleep(SILENCE_SECONDS)
    if fault.act is Act.KILL:
        kill()
    if fault.act in (Act.DROP, Act.SILENCE, Act.KILL):
        wire.reset()
        raise Over

"""An SMTP server that misbehaves exactly as told: it answers, is silent or hangs up at the step that a test names."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Self, TypeAlias

GREETING, CONTENT = "GREETING", "CONTENT"
"""Steps that are no command: the server's first word, and its answer to the end of the data."""

_USUAL = {
    GREETING: "220 scripted.example",
    "EHLO": "250-scripted.example\r\n250 SIZE 50000000",
    "DATA": "354 Go on",
    CONTENT: "250 2.0.0 Accepted",
    "QUIT": "221 Bye",
}


@dataclass(frozen=True)
class HangUp:
    """Close the connection, after `last_words` if there are any."""

    last_words: bytes = b""


@dataclass(frozen=True)
class HangUpInTheData:
    """Accept DATA, read a little of what comes, and reset the connection."""


@dataclass(frozen=True)
class Silence:
    """Keep the connection open and say nothing."""


Act: TypeAlias = str | HangUp | HangUpInTheData | Silence
Script: TypeAlias = dict[str, Sequence[Act]]
"""For each step the acts of its first, second, … time in one connection; afterwards all is well."""


class _Over(Exception):  # noqa: N818 - an end, not an error
    """The server is done with this connection."""


@dataclass
class ScriptedServer:
    """Listens on loopback; the first connection follows the first script, and so on; the rest go well."""

    scripts: list[Script] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    """What each connection was told, in order."""
    contents: list[bytes] = field(default_factory=list)
    """Every content whose end was read, as it came over the wire, up to its end."""

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening and wait for the last word of every connection. Stopping twice does no harm."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        self._listener.close()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number = len(self.commands)
            script = self.scripts[number] if number < len(self.scripts) else {}
            told: list[str] = []
            self.commands.append(told)
            thread = threading.Thread(target=self._serve, args=(connection, script, told))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, script: Script, told: list[str]) -> None:
        connection.settimeout(5)
        acts = {step: list(given) for step, given in script.items()}
        with connection, connection.makefile("rb") as lines:
            try:
                self._act(connection, acts, GREETING)
                while line := lines.readline():
                    told.append(line.decode().strip())
                    step = told[-1].split()[0].upper()
                    reply = self._act(connection, acts, step)
                    if step == "DATA" and reply.startswith("354"):
                        self.contents.append(_read_content(lines))
                        self._act(connection, acts, CONTENT)
            except (_Over, OSError):
                return

    def _act(self, connection: socket.socket, acts: dict[str, list[Act]], step: str) -> str:
        act = acts[step].pop(0) if acts.get(step) else _USUAL.get(step, "250 2.1.0 OK")
        match act:
            case HangUp(last_words):
                connection.sendall(last_words)
                raise _Over
            case HangUpInTheData():
                connection.sendall(b"354 Go on\r\n")
                connection.recv(100)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise _Over
            case Silence():
                self._stopping.wait(30)
                raise _Over
            case str(reply):
                connection.sendall(reply.encode() + b"\r\n")
                if reply.startswith("421"):
                    raise _Over
                return reply


def _read_content(lines: BinaryIO) -> bytes:
    content = b""
    while (line := lines.readline()) != b".\r\n":
        if not line:
            raise _Over
        content += line
    return content

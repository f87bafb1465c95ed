"""An SMTP server that misbehaves exactly as told: it answers, is silent or hangs up at the step that a test names.

Where it offers PIPELINING (RFC 2920) it answers nothing before it has read a whole group of commands: a client that
waits for an answer in the middle of one waits in vain.
"""

from __future__ import annotations

import enum
import socket
import ssl
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self, TypeAlias

GREETING, CONTENT = "GREETING", "CONTENT"
"""Steps that are no command: the server's first word, and its answer to the end of the data."""

_USUAL = {
    GREETING: "220 scripted.example",
    "EHLO": "250-scripted.example\r\n250 SIZE 50000000",
    "STARTTLS": "220 Go on",
    "DATA": "354 Go on",
    CONTENT: "250 2.0.0 Accepted",
    "QUIT": "221 Bye",
}
_PIPELINING = "250-scripted.example\r\n250-PIPELINING\r\n250 SIZE 50000000"
_OUT_OF_ORDER = "503 5.5.1 Not now"
_IN_A_GROUP = frozenset({"RSET", "MAIL", "RCPT"})
"""Commands that may be followed by another before they are answered; any other ends a group."""


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


class Packets(enum.Enum):
    """How the answers to a group of commands travel."""

    ONE = "one packet"
    EACH = "a packet for each answer"
    BYTES = "a packet for each byte"


class _Over(Exception):  # noqa: N818 - an end, not an error
    """The server is done with this connection."""


@dataclass
class ScriptedServer:
    """Listens on loopback; the first connection follows the first script, and so on; the rest go well."""

    pipelining: bool = False
    """Whether it offers PIPELINING, unless a script has another answer to EHLO."""
    packets: Packets = Packets.ONE
    tls: ssl.SSLContext | None = None
    """What STARTTLS upgrades with."""
    scripts: list[Script] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    """What each connection was told, in order."""
    groups: list[list[str]] = field(default_factory=list)
    """The commands that were read before any of them was answered, a line for each group, of all connections."""
    contents: list[bytes] = field(default_factory=list)
    """Every content whose end was read, as it came over the wire, up to its end."""

    followed: list[bool] = field(default_factory=list)
    """Of each content, whether its end brought the next commands along."""

    @property
    def silent(self) -> bool:
        """Whether a script makes it silent anywhere."""
        return any(isinstance(act, Silence) for script in self.scripts for acts in script.values() for act in acts)

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
            self.commands.append([])
            visit = _Visit(self, connection, {step: list(acts) for step, acts in script.items()}, self.commands[-1])
            thread = threading.Thread(target=visit.serve)
            self._threads.append(thread)
            thread.start()

    def wait(self) -> None:
        """Be silent until the test is over."""
        self._stopping.wait(30)


class _Visit:
    """One connection."""

    def __init__(
        self, server: ScriptedServer, connection: socket.socket, acts: dict[str, list[Act]], told: list[str]
    ) -> None:
        self._server, self._connection, self._acts, self._told = server, connection, acts, told
        self._rest = b""
        self._unsaid: list[bytes] = []
        self._groups_come = self._turned_away = False

    def serve(self) -> None:
        self._connection.settimeout(5)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._act(GREETING)
            self._speak()
            while True:
                self._answer(self._next_group())
        except (_Over, OSError):
            with suppress(OSError):
                self._speak()
        finally:
            self._connection.close()

    def _next_group(self) -> list[str]:
        group = [self._command()]
        while b"\n" in self._rest or (self._groups_come and group[-1] in _IN_A_GROUP):
            group.append(self._command())
        self._server.groups.append(group)
        return group

    def _command(self) -> str:
        self._told.append(self._line().decode().strip())
        return self._told[-1].split()[0].upper()

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            self._rest += self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"

    def _more(self) -> bytes:
        data = self._connection.recv(65536)
        if not data:
            raise _Over
        return data

    def _answer(self, group: list[str]) -> None:
        for step in group:
            reply = self._act(step)
            if step in _IN_A_GROUP:
                self._turned_away = step != "RSET" and (reply[0] in "45" or (step == "RCPT" and self._turned_away))
            elif step == "EHLO":
                self._groups_come = "PIPELINING" in reply
        self._speak()
        if step == "DATA" and reply.startswith("354"):
            self._server.contents.append(self._content())
            self._server.followed.append(bool(self._rest))
            self._turned_away = False
            self._act(CONTENT)
            self._speak()
        elif step == "STARTTLS" and reply.startswith("220"):
            self._upgrade()

    def _content(self) -> bytes:
        content, looked = bytearray(b"\r\n" + self._rest), 0
        while (end := content.find(b"\r\n.\r\n", looked)) < 0:
            looked = max(0, len(content) - 4)
            content += self._more()
        self._rest = bytes(content[end + 5 :])
        return bytes(content[2 : end + 2])

    def _upgrade(self) -> None:
        assert self._server.tls is not None
        self._groups_come = False
        self._connection = self._server.tls.wrap_socket(self._connection, server_side=True)

    def _usual(self, step: str) -> str:
        if self._turned_away and step in ("RCPT", "DATA"):
            return _OUT_OF_ORDER
        if step == "EHLO" and self._server.pipelining:
            return _PIPELINING
        return _USUAL.get(step, "250 2.1.0 OK")

    def _act(self, step: str) -> str:
        """Do what the script says, the usual otherwise; an answer is said with the others of its group."""
        act = self._acts[step].pop(0) if self._acts.get(step) else self._usual(step)
        match act:
            case HangUp(last_words):
                self._unsaid.append(last_words)
                raise _Over
            case HangUpInTheData():
                self._unsaid.append(b"354 Go on\r\n")
                self._speak()
                self._connection.recv(100)
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise _Over
            case Silence():
                self._speak()
                self._server.wait()
                raise _Over
            case str(reply):
                self._unsaid.append(reply.encode() + b"\r\n")
                if reply.startswith("421"):
                    raise _Over
                return reply

    def _speak(self) -> None:
        said, self._unsaid = self._unsaid, []
        match self._server.packets:
            case Packets.ONE:
                self._connection.sendall(b"".join(said))
            case Packets.EACH:
                for reply in said:
                    self._connection.sendall(reply)
            case Packets.BYTES:
                for byte in b"".join(said):
                    self._connection.sendall(bytes([byte]))
                    time.sleep(0.0005)

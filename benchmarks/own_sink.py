"""An SMTP server that swallows everything: `python -m benchmarks.own_sink`, where Postfix's smtp-sink is missing.

One process, no threads, PIPELINING (RFC 2920). It prints its port, then its count of messages whenever a line is
written to it. It looks for no more than it must: the ends of command lines, and the end of the data.
"""

from __future__ import annotations

import selectors
import socket
import sys

GREETING = b"220 sink.example ESMTP\r\n"
EHLO = b"250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
OK, GO_ON, BYE = b"250 2.0.0 Ok\r\n", b"354 go on\r\n", b"221 2.0.0 Bye\r\n"
END_OF_DATA = b"\r\n.\r\n"
READ_AT_ONCE = 262_144


class Caller:
    """One connection and how far its conversation has come."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._rest = b""
        self._in_data = False
        self.closing = False

    def take(self, data: bytes) -> tuple[bytes, int]:
        """What to answer to these bytes, and how many messages ended in them."""
        self._rest += data
        answers: list[bytes] = []
        ended = 0
        while not self.closing:
            end = END_OF_DATA if self._in_data else b"\r\n"
            line, found, rest = self._rest.partition(end)
            if not found:
                break
            self._rest = rest
            if self._in_data:
                self._in_data, ended = False, ended + 1
                answers.append(OK)
            else:
                answers.append(self._answer(line[:4].upper()))
        return b"".join(answers), ended

    def _answer(self, verb: bytes) -> bytes:
        match verb:
            case b"EHLO":
                return EHLO
            case b"DATA":
                # The data's end may come at once: an empty message is ".\r\n" alone.
                self._in_data, self._rest = True, b"\r\n" + self._rest
                return GO_ON
            case b"QUIT":
                self.closing = True
                return BYE
            case _:
                return OK


class Sink:
    """Listens on loopback and answers everybody."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._messages = 0

    def serve(self) -> None:
        """Until standard input ends."""
        self._say(self._listener.getsockname()[1])
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._greet()
                elif key.data is not None:
                    self._listen_to(key.data)
                elif sys.stdin.readline():
                    self._say(self._messages)
                else:
                    return

    def _say(self, number: int) -> None:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()

    def _greet(self) -> None:
        sock, _ = self._listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(GREETING)
        self._selector.register(sock, selectors.EVENT_READ, Caller(sock))

    def _listen_to(self, caller: Caller) -> None:
        try:
            data = caller.sock.recv(READ_AT_ONCE)
            answers, ended = caller.take(data)
            self._messages += ended
            if answers:
                caller.sock.sendall(answers)
        except OSError:
            data = b""
        if not data or caller.closing:
            self._selector.unregister(caller.sock)
            caller.sock.close()


if __name__ == "__main__":
    Sink().serve()

"""The fastest that Python does with a list of mails: pipelined sessions that keep nothing, check nothing, know nothing.

`python -m benchmarks.own_source <port> <messages> <bytes>` stands in for Postfix's smtp-source where that is missing.
"""

from __future__ import annotations

import selectors
import socket
import sys

from benchmarks.starting_line import say_done, wait_for_go

SESSIONS = 16
ENVELOPE = b"MAIL FROM:<letters@bench.example>\r\nRCPT TO:<sam@council.example>\r\nDATA\r\n"
READ_AT_ONCE = 65536
GO_ON = b"354 "


class Session:
    """One connection that sends the same mail over and over."""

    def __init__(self, port: int, content: bytes) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._content, self._in_data = content, False
        self._read = self.sock.makefile("rb")
        self._greet()

    def _greet(self) -> None:
        self._read.readline()
        self.sock.sendall(b"EHLO source.example\r\n")
        while self._read.readline()[3:4] == b"-":
            pass

    def start(self) -> None:
        """Begin the next mail."""
        self.sock.sendall(ENVELOPE)

    def go_on(self) -> bool:
        """Take in what the server said; whether it has taken the mail."""
        said = self.sock.recv(READ_AT_ONCE)
        if self._in_data:
            self._in_data = False
            return True
        if GO_ON in said:
            self.sock.sendall(self._content)
            self._in_data = True
        return False


def send(sessions: list[Session], messages: int) -> None:
    """Send so many mails, each session one after the other."""
    with selectors.DefaultSelector() as selector:
        for session in sessions:
            selector.register(session.sock, selectors.EVENT_READ, session)
        started = min(len(sessions), messages)
        for session in sessions[:started]:
            session.start()
        taken = 0
        while taken < messages:
            for key, _ in selector.select():
                if key.data.go_on():
                    taken += 1
                    if started < messages:
                        started += 1
                        key.data.start()


def main() -> None:
    """Connect, wait for the start, send."""
    port, messages, size = map(int, sys.argv[1:])
    lines = [b"Subject: a letter\r\n", b"\r\n", *[b"x" * 70 + b"\r\n"] * (size // 72), b".\r\n"]
    sessions = [Session(port, b"".join(lines)) for _ in range(SESSIONS)]
    wait_for_go()
    send(sessions, messages)
    say_done()


if __name__ == "__main__":
    main()

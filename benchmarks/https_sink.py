"""An HTTPS server that takes every mail, 50 milliseconds late: `python -m benchmarks.https_sink <certificate> <key>`.

It keeps connections open and answers as SendGrid's mail/send does when all is well (202, an empty body). It prints its
port, then its count of mails (personalizations) whenever a line is written to it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from itertools import count

LATENCY_SECONDS = 0.05
END_OF_HEAD = b"\r\n\r\n"
REMAINING = 1_000_000


class Caller(asyncio.Protocol):
    """One connection: requests one after the other."""

    mails = 0
    """Taken by all callers together."""
    numbers = count(1)

    def __init__(self) -> None:
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: answer, a little later, each request that is whole."""
        self._rest += data
        while (request := self._next_request()) is not None:
            asyncio.get_running_loop().call_later(LATENCY_SECONDS, self._answer, len(request["personalizations"]))

    def _next_request(self) -> dict[str, list[object]] | None:
        head, found, rest = self._rest.partition(END_OF_HEAD)
        if not found:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return None
        self._rest = rest[length:]
        mail: dict[str, list[object]] = json.loads(rest[:length])
        return mail

    def _answer(self, mails: int) -> None:
        Caller.mails += mails
        if self._transport is not None and not self._transport.is_closing():
            lines = (
                "HTTP/1.1 202 Accepted",
                f"X-Message-Id: bench-{next(self.numbers)}",
                f"X-RateLimit-Remaining: {REMAINING}",
                "Content-Length: 0",
                "",
                "",
            )
            self._transport.write("\r\n".join(lines).encode())


async def serve(certificate: str, key: str) -> None:
    """Until standard input ends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(Caller, "127.0.0.1", 0, ssl=context, backlog=256)
    _say(server.sockets[0].getsockname()[1])

    def asked() -> None:
        if sys.stdin.readline():
            _say(Caller.mails)
        else:
            ended.set()

    loop.add_reader(sys.stdin, asked)
    await ended.wait()


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))

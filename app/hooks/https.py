"""Sending announcements over HTTPS, to whoever a name turns out to be, if they are public.

The name is resolved once, every address of it is judged, and the connection goes to one of those that were judged: a
name that leads elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed, no proxy of the
environment is used, and of an answer nothing but its head is read. One try has so many seconds in all.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from urllib.parse import SplitResult

from app.hooks.addresses import UnfitUrlError, check_url, is_public
from app.hooks.outlet import Answer, NoAnswerError, Post

SECONDS = 10.0
"""How long one try may take, from the connection to the end of the answer's head."""
LONGEST_WAIT = timedelta(hours=24)

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host's name."""


class HttpsOutlet:
    """The outlet to the internet.

    Args:
        anywhere: whether plain http and private addresses will do; on a developer's own machine only.
        trust: whose certificates count; none is the system's list.
        resolve: asks for the addresses of a name.
        seconds: how long a try may take.
    """

    def __init__(
        self,
        *,
        anywhere: bool = False,
        trust: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._anywhere, self._seconds = anywhere, seconds
        self._trust = trust
        self._resolve = resolve or addresses_of

    def post(self, post: Post) -> Answer:
        """See `app.hooks.outlet.Outlet`."""
        try:
            parts = check_url(post.url, anywhere=self._anywhere)
        except UnfitUrlError:
            raise NoAnswerError("the address must not be used") from None
        try:
            return self._exchange(parts, self._address(parts), post)
        except ssl.SSLCertVerificationError:
            raise NoAnswerError("the certificate is not valid") from None
        except ssl.SSLError:
            raise NoAnswerError("no secure connection") from None
        except TimeoutError:
            raise NoAnswerError("no answer in time") from None
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswerError(f"no answer ({type(error).__name__})") from None

    def _address(self, parts: SplitResult) -> tuple[str, int]:
        """The address to connect to: the first of its name's, if all of them may be used."""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = self._resolve(parts.hostname or "", port)
        except (OSError, UnicodeError):
            raise NoAnswerError("the name leads nowhere") from None
        if not found:
            raise NoAnswerError("the name leads nowhere")
        if not self._anywhere and not all(is_public(address) for address in found):
            raise NoAnswerError("the name leads into a private network")
        return found[0], port

    def _exchange(self, parts: SplitResult, address: tuple[str, int], post: Post) -> Answer:
        # Made when it is needed: to read the system's list takes longer than most commands.
        self._trust = trust = self._trust or ssl.create_default_context()
        connection = _Connection(parts, address, self._seconds, trust)
        too_long = Timer(self._seconds, connection.break_off)
        too_long.daemon = True
        too_long.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, post.body, dict(post.headers))
            return _answer(connection.getresponse())
        except (OSError, HTTPException, ValueError) as error:
            # Cut off by the clock, the connection ends in whatever way it was just about to go on.
            raise (TimeoutError() if connection.broken_off else error) from None
        finally:
            too_long.cancel()
            connection.close()


class _Connection(HTTPConnection):
    """A connection to an address that was judged, which speaks to the host of the name."""

    def __init__(self, parts: SplitResult, address: tuple[str, int], seconds: float, trust: ssl.SSLContext) -> None:
        super().__init__(parts.hostname or "", parts.port or address[1], timeout=seconds)
        self._to, self._trust = address, trust if parts.scheme == "https" else None
        self.default_port = 443 if parts.scheme == "https" else 80
        self.broken_off = False

    def connect(self) -> None:
        """Connect to the judged address; the certificate must be the name's."""
        self.sock = socket.create_connection(self._to, self.timeout)
        if self.broken_off:
            raise TimeoutError
        if self._trust is not None:
            # Two steps, so that `break_off` can end the handshake too.
            secure = self._trust.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = secure
            secure.do_handshake()

    def break_off(self) -> None:
        """End the connection from another thread, whatever it waits for."""
        self.broken_off = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(address[0]) for *_, address in found]


def _answer(response: HTTPResponse) -> Answer:
    asked = response.getheader("Retry-After", "")
    seconds = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < len("1000000") else None
    return Answer(response.status, None if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT))

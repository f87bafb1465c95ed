"""One question to one server over HTTP, within a time and a size. Nothing of it is logged, for it names a postcode."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from app.atlas.port import NoAnswerError

LARGEST_ANSWER = 256 * 1024
_AT_ONCE = 16 * 1024
_NO_SUCH_THING = (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
"""MapIt says the latter of what it takes for no postcode."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers in JSON."""

    url: str
    """Scheme, host, port and the beginning of every path."""
    seconds: float
    """How long a whole question may take; a name that cannot be resolved may take the system longer."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def ask(self, path: str, body: object = None) -> Any:
        """Get what is at a path, or post a body to it; none where the server says that there is no such thing.

        Raises:
            NoAnswerError: anything else than an answer of 200 in JSON.
        """
        until = time.monotonic() + self.seconds
        connection = self._connection()
        try:
            status, said = self._exchange(connection, path, body, until)
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswerError(type(error).__name__) from None
        finally:
            connection.close()
        if status in _NO_SUCH_THING:
            return None
        if status != HTTPStatus.OK:
            raise NoAnswerError(f"status {status}")
        try:
            return json.loads(said)
        except (ValueError, RecursionError):
            raise NoAnswerError("no JSON") from None

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            return HTTPSConnection(host, port, timeout=self.seconds, context=ssl.create_default_context())
        return HTTPConnection(host, port, timeout=self.seconds)

    def _exchange(self, connection: HTTPConnection, path: str, body: object, until: float) -> tuple[int, bytes]:
        headers = {"Accept": "application/json", **self.headers}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection.request("GET" if data is None else "POST", urlsplit(self.url).path + path, data, headers)
        with connection.getresponse() as response:
            return response.status, _read(response, until)


def _read(response: HTTPResponse, until: float) -> bytes:
    """Return the whole answer.

    Raises:
        HTTPException: it is too large, or breaks off.
        TimeoutError: it comes too slowly.
    """
    said = b""
    while part := response.read1(_AT_ONCE):
        said += part
        if len(said) > LARGEST_ANSWER:
            raise HTTPException
        if time.monotonic() > until:
            raise TimeoutError
    if response.length:
        raise HTTPException
    return said

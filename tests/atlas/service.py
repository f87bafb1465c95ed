"""A service for postcodes on loopback that answers, is silent or talks nonsense exactly as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Question:
    """What came whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Say:
    """Answer with this, as JSON if it is no bytes; with `pause`, in pieces with so many seconds between them."""

    what: object
    status: int = 200
    pause: float = 0.0
    length: int | None = None

    @property
    def raw(self) -> bytes:
        return self.what if isinstance(self.what, bytes) else json.dumps(self.what).encode()


@dataclass(frozen=True)
class Silence:
    """Say nothing for so long, then hang up."""

    seconds: float


@dataclass
class Service:
    """The service: what it is asked, and what it does then."""

    url: str = ""
    questions: list[Question] = field(default_factory=list)
    answer: Callable[[Question], Say | Silence] = lambda _question: Say({}, 404)


@contextmanager
def open_service() -> Iterator[Service]:
    """A service that is there while the block runs."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.serve(None)

        def do_POST(self) -> None:
            self.serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def serve(self, body: Any) -> None:
            question = Question(self.command, self.path, dict(self.headers), body)
            service.questions.append(question)
            act = service.answer(question)
            if isinstance(act, Silence):
                time.sleep(act.seconds)
                return
            self.send_response(act.status)
            self.send_header("Content-Length", str(len(act.raw) if act.length is None else act.length))
            self.end_headers()
            pieces = [act.raw[at : at + 2] for at in range(0, len(act.raw), 2)] if act.pause else [act.raw]
            for piece in pieces:
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                time.sleep(act.pause)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

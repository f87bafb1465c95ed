"""What is reported of mails after they were taken over: repeated, shuffled, late, and sometimes without a number."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import count
from random import Random
from typing import Any

from werkzeug.serving import make_server

from app import create_app
from app.config import ROOT
from app.mail.sendgrid_events import SIGNATURE_HEADER, TIMESTAMP_HEADER
from tests.faults.books import Books, Taken
from tests.faults.house import HOST, House
from tests.faults.script import Script
from tests.support.signing import SigningKey
from tests.support.threads import together

PATH = "/webhooks/mail/sendgrid"
EVERY_SECONDS = 0.2
MOST_AT_ONCE = 60

REPEATED, LATE, SHUFFLED = "report repeated", "report kept back to the end", "reports shuffled"
NAMELESS, FORGED, AGAIN = "report without our number", "report with a forged signature", "report posted again"
AT_ONCE = "reports posted twice at once"
EVENT_KINDS = (REPEATED, LATE, SHUFFLED, NAMELESS, FORGED, AT_ONCE)
BOUNCE_KINDS = (REPEATED, LATE)

_ENDS: tuple[tuple[dict[str, str], float], ...] = (
    ({"event": "delivered", "response": "250 OK"}, 84),
    ({"event": "bounce", "type": "bounce", "status": "4.2.2", "reason": "452 4.2.2 Mailbox full"}, 3),
    ({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 Nobody here"}, 0.2),
    ({"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 Blocked"}, 1),
    ({"event": "dropped", "reason": "Bounced Address"}, 0.5),
    ({}, 11),  # nobody ever tells
)
_FAILURES = (("4.2.2", "452 4.2.2 Mailbox full"), ("5.7.1", "550 5.7.1 Blocked"), ("5.1.1", "550 5.1.1 Nobody here"))
_DSN = """Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@faulty.example
Date: {at}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; faulty.example

Final-Recipient: rfc822; {about}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--=_b--
"""


class Reporter(ABC):
    """Learns of mails that were taken over, and reports of them in a thread of its own."""

    def __init__(self, house: House, script: Script, books: Books) -> None:
        self._house, self._script, self._books = house, script, books
        self._chance = script.random("reports")
        self._lock = threading.Lock()
        self._waiting: list[Any] = []
        self._late: list[Any] = []
        self._telling = False
        self._stopping = threading.Event()
        self._at_the_end = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reports", daemon=True)

    def take(self, taken: Sequence[Taken]) -> None:
        """These were taken over just now. Any thread may call it."""
        for one in taken:
            chance = self._script.random("reports", one.delivery_id)
            for report in self._reports_on(one, chance, self._house.clock()):
                late = chance.random() < 0.05
                if late:
                    self._books.note_fault(LATE)
                with self._lock:
                    (self._late if late else self._waiting).append(report)

    @property
    def all_told(self) -> bool:
        """Whether there is nothing left to tell."""
        with self._lock:
            return not (self._waiting or self._late or self._telling)

    def start(self) -> None:
        self._thread.start()

    def tell_the_rest(self) -> None:
        """What was kept back is told now too."""
        self._at_the_end.set()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            if some := self._some():
                with suppress(OSError, HTTPException):
                    some = self._tell(some)
                with self._lock:
                    self._waiting.extend(some)
                    self._telling = False

    def _some(self) -> list[Any]:
        """Some of what waits, in any order."""
        with self._lock:
            if self._at_the_end.is_set():
                self._waiting, self._late = self._waiting + self._late, []
            self._chance.shuffle(self._waiting)
            some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            self._telling = bool(some)
        return some

    @abstractmethod
    def _reports_on(self, taken: Taken, chance: Random, at: datetime) -> Iterator[Any]:
        """What will be told of a mail."""

    @abstractmethod
    def _tell(self, some: list[Any]) -> list[Any]:
        """Tell some reports; gives back what is to be told again."""


class Webhook(Reporter):
    """SendGrid's side of the Event Webhook."""

    def __init__(self, house: House, script: Script, books: Books, key: SigningKey, port: int) -> None:
        super().__init__(house, script, books)
        self._key, self._port = key, port
        self._numbers = count(1)

    def _reports_on(self, taken: Taken, chance: Random, at: datetime) -> Iterator[dict[str, Any]]:
        said = {"email": taken.recipient, "timestamp": int(at.timestamp()), "delivery_id": str(taken.delivery_id)}
        end = chance.choices(*zip(*_ENDS, strict=True))[0]
        if not end:
            return
        events = [{"event": "processed"}, end]
        if chance.random() < 0.05:
            events.insert(1, {"event": "deferred", "response": "451 Later"})
        if end["event"] == "delivered" and chance.random() < 0.003:
            events.append({"event": "spamreport"})
        for event in events:
            told = said | event
            if chance.random() < 0.03:
                self._books.note_fault(NAMELESS)
                del told["delivery_id"]
            for _ in range(1 if chance.random() > 0.1 else chance.randint(2, 5)):
                yield told | {"sg_event_id": f"event-{next(self._numbers)}"}

    def _tell(self, some: list[Any]) -> list[Any]:
        body = json.dumps(some).encode() + b"\r\n"
        now = self._house.clock()
        if self._chance.random() < 0.05:
            self._books.note_fault(FORGED)
            if self._post(body, *SigningKey().sign(body, now)) != 403:
                self._books.wonder("a forged report was taken")
            return some
        bodies = [body]
        if self._chance.random() < 0.2:
            self._books.note_fault(AT_ONCE)
            bodies.append(json.dumps(self._chance.sample(some, len(some))).encode())
        posts = [partial(self._post, one, *self._key.sign(one, now)) for one in bodies]
        if set(together(*posts)) != {204}:
            self._books.note_fault(AGAIN)
            return some
        self._books.note_fault(SHUFFLED)
        if self._chance.random() < 0.1:
            self._books.note_fault(REPEATED)
            return some
        return []

    def _post(self, body: bytes, signature: str, timestamp: str) -> int:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Host": HOST, SIGNATURE_HEADER: signature, TIMESTAMP_HEADER: timestamp}
        try:
            connection.request("POST", PATH, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


class Bounces(Reporter):
    """Receiving servers that send a few mails back, and the cron job that takes them in."""

    def __init__(self, house: House, script: Script, books: Books) -> None:
        super().__init__(house, script, books)
        self._maildir = house.folder / "bounces"
        for name in ("new", "cur", "tmp"):
            (self._maildir / name).mkdir(parents=True)
        self._numbers = count(1)

    def _reports_on(self, taken: Taken, chance: Random, at: datetime) -> Iterator[bytes]:
        if chance.random() < 0.04:
            bounce = _bounce(taken, at, *chance.choices(_FAILURES, (6, 2, 1))[0])
            yield bounce
            if chance.random() < 0.3:
                self._books.note_fault(REPEATED)
                yield from (bounce, bounce)

    def _tell(self, some: list[Any]) -> list[Any]:
        for bounce in some:
            (self._maildir / "new" / f"{next(self._numbers)}.faulty").write_bytes(bounce)
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "flask", "--app", "wsgi", "bounces", "ingest", self._maildir],
            cwd=ROOT,
            env=self._house.environment(0),
            capture_output=True,
            check=False,
        )
        again = list((self._maildir / "new").iterdir())
        if done.returncode or again:
            self._books.note_fault(AGAIN)
        left = [path.read_bytes() for path in again]
        for path in again:
            path.unlink()
        return left


def _bounce(taken: Taken, at: datetime, status: str, words: str) -> bytes:
    told = _DSN.format(
        to=taken.bounce_address, at=format_datetime(at), about=taken.recipient, status=status, words=words
    )
    return told.replace("\n", "\r\n").encode()


@contextmanager
def site(house: House) -> Iterator[int]:
    """The site at work; gives its port."""
    server = make_server("127.0.0.1", 0, create_app(house.platform), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

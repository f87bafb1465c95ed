"""SendGrid's mail/send that follows the script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tests.faults.books import Books, Taken
from tests.faults.listeners import Kill, Listeners, Over, Wire, suffer
from tests.faults.script import HTTP_CONNECTION, HTTP_REQUEST, Act, Fault, Script, Step

PATH = b"POST /v3/mail/send "
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_ID = re.compile(rb'"delivery_id": ?"(\d+)"')
_LIMIT_SECONDS = 30

Clock = Callable[[], datetime]


def sendgrid_server(script: Script, books: Books, kill: Kill, clock: Clock) -> Listeners:
    """Listens on loopback, and keeps connections."""

    def serve(wire: Wire, worker: int, number: int) -> None:
        caller = _Caller(wire, script, books, lambda: kill(worker), clock)
        if fault := script.draw(HTTP_CONNECTION, worker, number):
            caller.turn_away(fault)
        while True:
            caller.take_request()

    return Listeners(script.workers, serve)


def _ids(data: bytes) -> list[int]:
    """The deliveries in a request, or in what came of it."""
    return [int(number) for number in _ID.findall(data)]


class _Caller:
    """One connection, request after request."""

    def __init__(self, wire: Wire, script: Script, books: Books, kill: Callable[[], None], clock: Clock) -> None:
        self._wire, self._script, self._books, self._kill, self._clock = wire, script, books, kill, clock

    def turn_away(self, fault: Fault) -> None:
        """Hang up before a request is read, and still know what was in it."""
        self._books.note_fault(fault)
        if fault.step is Step.HEAD:
            self._wire.through(b"\r\n\r\n")
            with suppress(OSError):  # a worker that was killed hears nothing, and what it sent is here all the same
                self._say(503, {"Connection": "close"})
        self._hang_up()

    def take_request(self) -> None:
        head = self._wire.through(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not head.startswith(PATH) or length is None:
            self._books.wonder(f"the request {head[:60]!r}")
            raise Over
        body = self._wire.take(int(length[1]) - 1)
        ids = _ids(body)
        self._books.begin(ids)
        fault = self._script.draw(HTTP_REQUEST, ids[0], self._books.attempt(ids[0]))
        if fault is not None:
            self._books.note_fault(fault)
        if fault is not None and fault.step is Step.LAST_BYTE:
            suffer(fault, self._wire, self._kill)
        mails = _read(body + self._wire.take(1))
        if fault is None or fault.taken:
            self._books.take(*mails)
        if fault is not None and fault.step is Step.REQUEST:
            suffer(fault, self._wire, self._kill)
        self._say(*self._answer_to(fault, mails))
        if fault is not None and fault.step is Step.ANSWERED:
            self._after_the_answer(fault)

    def _after_the_answer(self, fault: Fault) -> None:
        if fault.act is Act.KILL:
            self._kill()
        if fault.act in (Act.DROP, Act.KILL):
            self._hang_up()
        suffer(fault, self._wire, self._kill)

    def _hang_up(self) -> None:
        """Close politely. A request that is on its way already, or that a worker sent before it was killed, is in doubt
        for whoever sent it: it is noted.
        """
        self._books.begin(_ids(self._wire.drain()))
        raise Over

    def _answer_to(self, fault: Fault | None, mails: Sequence[Taken]) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body."""
        if fault is None or fault.act is not Act.ANSWER:
            return 202, {"X-Message-Id": f"taken-{mails[0].delivery_id}"}, None
        status, headers = int(fault.reply[:3]), {}
        if status in (202, 429):
            headers = {"X-RateLimit-Reset": str(int(self._clock().timestamp()) + _LIMIT_SECONDS)}
        if status == 202:
            headers["X-RateLimit-Remaining"] = "0"
        return status, headers, _errors(fault.reply, mails) if status == 400 else None

    def _say(self, status: int, headers: dict[str, str], told: Any = None) -> None:
        body = b"" if told is None else json.dumps(told).encode()
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in {**headers, "Content-Length": len(body)}.items()]
        self._wire.say("\r\n".join([*lines, "", ""]).encode() + body)


def _errors(reply: str, mails: Sequence[Taken]) -> dict[str, Any]:
    """What SendGrid says with a 400."""
    field = {
        "400 naming one mail": f"personalizations.{mails[0].delivery_id % len(mails)}.to.0.email",
        "400 naming our address": "from.email",
    }.get(reply)
    return {"errors": [{"field": field, "message": "Bad Request"}]}


def _read(body: bytes) -> list[Taken]:
    """The mails of a request."""
    mail = json.loads(body)
    writer = mail.get("reply_to", {}).get("email", "")
    return [
        Taken(int(one["custom_args"]["delivery_id"]), writer, one["to"][0]["email"]) for one in mail["personalizations"]
    ]

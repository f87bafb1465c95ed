"""An SMTP server that follows the script."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.utils import parseaddr

from tests.faults.books import Books, Taken
from tests.faults.listeners import Kill, Listeners, Over, Wire, suffer
from tests.faults.script import (
    SMTP_CONNECTION,
    SMTP_MAIL,
    SMTP_QUIT,
    SMTP_RESET,
    Act,
    Fault,
    Script,
    Step,
    Table,
)

CLOSING = "421"
_WORDS = {"421": "4.3.2 Closing", "451": "4.3.0 Later", "550": "5.7.1 Not here", "554": "5.3.2 No service"}
_SENDER = re.compile(rb"FROM:<([^<>\s]*\+(\d+)\.[0-9a-f]{16}@[^<>\s]+)>", re.IGNORECASE)
_RECIPIENT = re.compile(rb"TO:<([^<>\s]+)>", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<(\d+)\.[0-9a-f]{16}@[^<>\s]+>")


def smtp_server(script: Script, books: Books, kill: Kill) -> Listeners:
    """Listens on loopback. Every second connection is offered PIPELINING."""

    def serve(wire: Wire, worker: int, number: int) -> None:
        _Conversation(wire, script, books, lambda: kill(worker), (worker, number)).run()

    return Listeners(script.workers, serve)


class _Conversation:
    """One connection from its greeting to its end."""

    def __init__(
        self, wire: Wire, script: Script, books: Books, kill: Callable[[], None], number: tuple[int, int]
    ) -> None:
        self._wire, self._script, self._books, self._kill = wire, script, books, kill
        self._number = number
        self._fault = script.draw(SMTP_CONNECTION, *number)
        self._resets = 0
        self._forget()

    def run(self) -> None:
        self._answer(Step.GREETING, "220 faulty.example ESMTP")
        verbs = {
            b"EHLO": self._ehlo,
            b"HELO": self._helo,
            b"MAIL": self._mail_from,
            b"RCPT": self._rcpt,
            b"DATA": self._data,
            b"RSET": self._reset,
            b"QUIT": self._quit,
        }
        while True:
            line = self._wire.through(b"\r\n")
            verb = verbs.get(line[:4].upper())
            if verb is None:
                self._books.wonder(f"the command {line!r}")
                raise Over
            verb(line)

    def _say(self, line: str) -> None:
        self._wire.say(line.encode() + b"\r\n")

    def _ehlo(self, _line: bytes) -> None:
        offers = ["250-faulty.example", *(["250-PIPELINING"] if self._number[1] % 2 else []), "250 SIZE 50000000"]
        self._answer(Step.EHLO, "\r\n".join(offers))
        self._fault = None

    def _helo(self, _line: bytes) -> None:
        self._say("250 faulty.example")

    def _mail_from(self, line: bytes) -> None:
        sender = _SENDER.search(line)
        if sender is None:
            self._books.wonder("an envelope sender that names no delivery")
            self._say("550 5.1.7 Who are you?")
            return
        mail = int(sender[2])
        self._fault = self._script.draw(SMTP_MAIL, mail, self._books.attempt(mail))
        if self._answer(Step.MAIL, "250 2.1.0 OK"):
            self._mail, self._sender = mail, sender[1].decode()

    def _rcpt(self, line: bytes) -> None:
        recipient = _RECIPIENT.search(line)
        if not self._mail or recipient is None:
            self._say("503 5.5.1 MAIL first")
        elif self._answer(Step.RCPT, "250 2.1.5 OK"):
            self._recipient = recipient[1].decode()

    def _data(self, _line: bytes) -> None:
        if not self._recipient:
            self._nothing_to_take()
        elif self._answer(Step.DATA, "354 Go on"):
            self._books.begin([self._mail])
            self._take_content()
        self._forget()

    def _nothing_to_take(self) -> None:
        """The envelope was turned away. Some servers wait for data all the same (RFC 2920, section 3.1)."""
        if self._mail % 2:
            self._say("503 5.5.1 RCPT first")
            return
        self._say("354 Go on")
        if self._wire.through(b".\r\n") != b".\r\n":
            self._books.wonder("content for an envelope that was turned away")
        self._say("554 5.5.1 No valid recipients")

    def _take_content(self) -> None:
        while not self._wire.buffer:
            self._wire.more()
        self._answer(Step.CONTENT)
        while not self._wire.buffer.endswith(b"\r\n"):
            self._wire.more()
        self._answer(Step.BEFORE_END)
        taken = self._read(self._wire.through(b"\r\n.\r\n"))
        early = self._fault is not None and self._fault.step is Step.END and self._fault.taken
        if early:
            self._books.take(taken)
        if self._answer(Step.END):
            if not early:
                self._books.take(taken)
            self._say("250 2.0.0 Taken")
            self._answer(Step.ANSWERED)

    def _read(self, content: bytes) -> Taken:
        mail = message_from_bytes(content.partition(b"\r\n\r\n")[0], policy=policy.SMTP)
        named = _MESSAGE_ID.search(str(mail["Message-ID"]))
        if named is None or int(named[1]) != self._mail:
            self._books.wonder(f"the envelope of {self._mail} with another mail's content")
        return Taken(self._mail, parseaddr(str(mail["Reply-To"] or ""))[1], self._recipient, self._sender)

    def _reset(self, _line: bytes) -> None:
        self._forget()
        self._resets += 1
        self._once(SMTP_RESET, Step.RESET, "250 2.0.0 OK", self._resets)

    def _quit(self, _line: bytes) -> None:
        self._once(SMTP_QUIT, Step.QUIT, "221 2.0.0 Bye")
        raise Over

    def _once(self, table: Table, step: Step, usual: str, *about: int) -> None:
        """Answer a command that has a script of its own."""
        self._fault = self._script.draw(table, *self._number, *about)
        self._answer(step, usual)
        self._fault = None

    def _forget(self) -> None:
        self._mail, self._sender, self._recipient = 0, "", ""

    def _answer(self, step: Step, usual: str | None = None) -> bool:
        """Follow the script at this step; whether the answer was the usual one."""
        fault = self._fault if self._fault is not None and self._fault.step is step else None
        if fault is not None:
            self._misbehave(fault)
            if fault.act is Act.ANSWER:
                return False
        if usual is not None:
            self._say(usual)
        return True

    def _misbehave(self, fault: Fault) -> None:
        self._books.note_fault(fault)
        suffer(fault, self._wire, self._kill)
        if fault.act is Act.ANSWER:
            self._say(f"{fault.reply} {_WORDS[fault.reply]}")
            if fault.reply == CLOSING:
                raise Over

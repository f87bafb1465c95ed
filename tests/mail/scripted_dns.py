"""A name server on loopback that says what a test tells it to say."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from threading import Thread

from dns.flags import AA, QR, RA, TC
from dns.message import Message, from_wire, make_response
from dns.rcode import NXDOMAIN, SERVFAIL
from dns.rrset import from_text

Zone = Mapping[tuple[str, str], Sequence[str]]
"""By name and kind of record: the records, as a zone file writes them."""

BROKEN, SILENT = "broken.example", "silent.example"
"""Names that the server fails on, and that it never answers for."""
LONG = "long.example"
"""A name whose answer is cut off in the first reply, so that it must be asked for over TCP."""


class ScriptedDns:
    """Answers by UDP, and by TCP, on one port of loopback."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []
        self._udp, self._tcp = _bound_pair()
        self.port = int(self._udp.getsockname()[1])
        self._threads = [Thread(target=run, daemon=True) for run in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for one in (self._udp, self._tcp):
            one.settimeout(0)
            one.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nudge:
            nudge.sendto(b"", ("127.0.0.1", self.port))

    def _serve_udp(self) -> None:
        while True:
            try:
                wire, peer = self._udp.recvfrom(4096)
            except OSError:
                return
            if wire and (answer := self._answer(from_wire(wire), cut=True)) is not None:
                self._udp.sendto(answer.to_wire(), peer)

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection:
                length = int.from_bytes(connection.recv(2), "big")
                answer = self._answer(from_wire(connection.recv(length)), cut=False)
                if answer is not None:
                    wire = answer.to_wire(max_size=65535)
                    connection.sendall(len(wire).to_bytes(2, "big") + wire)

    def _answer(self, query: Message, *, cut: bool) -> Message | None:
        [question] = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        self.asked.append((name, kind))
        answer = make_response(query)
        answer.flags |= AA | RA | QR
        if name == SILENT:
            return None
        if name == BROKEN:
            answer.set_rcode(SERVFAIL)
        elif name == LONG and cut:
            answer.flags |= TC
        elif records := self.zone.get((name, kind)):
            answer.answer.append(from_text(question.name, 300, "IN", kind, *records))
        elif not any(known == name for known, _ in self.zone):
            answer.set_rcode(NXDOMAIN)
        return answer


def _bound_pair() -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on the same port of loopback."""
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(tcp.getsockname())
    return udp, tcp

"""Looking up records, at a real name server on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from app.mail.records import DnsAwayError, DnsLookUp, RecordKind
from tests.mail.scripted_dns import BROKEN, LONG, SILENT, ScriptedDns

ZONE = {
    ("zedmere.example", "TXT"): ('"v=spf1 -all"', '"two " "strings, one text"', '"caf\\195\\169"'),
    ("zedmere.example", "MX"): ("10 mail.zedmere.example.", "0 ."),
    ("zedmere.example", "A"): ("192.0.2.7",),
    (LONG, "TXT"): tuple(f'"{number:0>200}"' for number in range(20)),
}


@pytest.fixture
def server() -> Iterator[ScriptedDns]:
    server = ScriptedDns(ZONE)
    yield server
    server.close()


@pytest.fixture
def look_up(server: ScriptedDns) -> DnsLookUp:
    return DnsLookUp(["127.0.0.1"], port=server.port, seconds=0.5)


def test_records_are_given_as_text(look_up: DnsLookUp) -> None:
    assert sorted(look_up("zedmere.example", RecordKind.TXT)) == ["café", "two strings, one text", "v=spf1 -all"]
    assert sorted(look_up("zedmere.example.", RecordKind.MX)) == ["0 .", "10 mail.zedmere.example."]
    assert look_up("Zedmere.Example", RecordKind.A) == ["192.0.2.7"]


def test_no_record_and_no_such_name_are_answers(look_up: DnsLookUp) -> None:
    assert look_up("zedmere.example", RecordKind.AAAA) == []
    assert look_up("nowhere.example", RecordKind.TXT) == []


@pytest.mark.parametrize("name", [BROKEN, SILENT])
def test_a_server_that_fails_or_is_silent_has_not_answered(look_up: DnsLookUp, name: str) -> None:
    with pytest.raises(DnsAwayError):
        look_up(name, RecordKind.TXT)


def test_a_server_that_is_not_there_has_not_answered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DnsAwayError):
        DnsLookUp(["127.0.0.1"], port=port, seconds=0.3)("zedmere.example", RecordKind.TXT)


def test_a_long_answer_is_read_to_its_end(look_up: DnsLookUp) -> None:
    assert len(look_up(LONG, RecordKind.TXT)) == 20


@pytest.mark.parametrize("name", ["a..example", f"{'a' * 64}.example", ".".join(["abcdefg"] * 40), ".example"])
def test_a_name_that_cannot_exist_has_no_records_and_nobody_is_asked(
    look_up: DnsLookUp, server: ScriptedDns, name: str
) -> None:
    assert look_up(name, RecordKind.TXT) == []
    assert server.asked == []

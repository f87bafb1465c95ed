"""Envelopes that travel in one go (RFC 2920), and what comes back for them; STARTTLS makes a new beginning."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.config import SmtpSecurity
from app.mail.smtp import SmtpTransport
from app.mail.transport import Accepted, Deferred, Outcome, Refused
from tests.mail.conftest import Certificate, MakeMessage, Send, make_impatient
from tests.mail.scripted_server import CONTENT, Act, HangUp, Packets, ScriptedServer, Silence
from tests.support.watching import RecordingWatcher, hand_over

YES = Accepted("250 2.0.0 Accepted")
BUSY, NO, BYE = "451 4.3.0 Busy", "550 5.1.1 No such user", "421 4.3.2 Going down"
ENVELOPE = ["MAIL", "RCPT", "DATA"]


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """It answers an envelope when it has read all of it, and never earlier."""
    with ScriptedServer(pipelining=True) as server:
        yield server


def test_an_envelope_travels_whole_before_any_of_it_is_answered(scripted_server: ScriptedServer, send: Send) -> None:
    assert send(1, 2) == [YES, YES]
    assert scripted_server.groups == [["EHLO"], ENVELOPE, ENVELOPE, ["QUIT"]]


def test_a_server_that_offers_nothing_gets_one_command_at_a_time(scripted_server: ScriptedServer, send: Send) -> None:
    scripted_server.pipelining = False
    assert send(1) == [YES]
    assert scripted_server.groups == [[step] for step in ("EHLO", *ENVELOPE, "QUIT")]


@pytest.mark.parametrize(
    ("step", "reply", "outcome"),
    [
        ("MAIL", BUSY, Deferred(BUSY, ours=True)),
        ("MAIL", NO, Deferred(NO, ours=True)),
        ("MAIL", BYE, Deferred(BYE)),
        ("RCPT", BUSY, Deferred(BUSY)),
        ("RCPT", NO, Refused(NO)),
        ("RCPT", BYE, Deferred(BYE)),
        ("DATA", BUSY, Deferred(BUSY)),
        ("DATA", NO, Refused(NO)),
        ("DATA", BYE, Deferred(BYE)),
    ],
)
def test_the_first_refusal_in_a_group_is_the_outcome_and_the_next_envelope_begins_anew(
    scripted_server: ScriptedServer, send: Send, step: str, reply: str, outcome: Outcome
) -> None:
    scripted_server.scripts = [{step: [reply]}]
    assert send(1, 2) == [outcome, YES]
    assert [b"<2.letter@" in content for content in scripted_server.contents] == [True]
    second = ["EHLO", *ENVELOPE] if reply == BYE else ["RSET", *ENVELOPE]
    assert [one for group in scripted_server.groups for one in group] == ["EHLO", *ENVELOPE, *second, "QUIT"]


def test_a_refused_sender_is_told_and_not_what_follows_from_it(scripted_server: ScriptedServer, send: Send) -> None:
    scripted_server.scripts = [{"MAIL": [BUSY], "RCPT": [NO], "DATA": [NO]}]
    assert send(1) == [Deferred(BUSY, ours=True)]


@pytest.mark.parametrize("refused", ["MAIL", "RCPT"])
@pytest.mark.parametrize(
    ("answer", "then"),
    [
        ("554 5.5.1 No valid recipients", ["RSET", *ENVELOPE]),
        ("250 2.0.0 Accepted", ENVELOPE),
        (BYE, ["EHLO", *ENVELOPE]),
        (HangUp(), ["EHLO", *ENVELOPE]),
        (HangUp(b"55"), ["EHLO", *ENVELOPE]),
        (Silence(), ["EHLO", *ENVELOPE]),
    ],
)
def test_a_server_that_wants_data_after_a_refusal_gets_an_empty_end_and_no_letter(  # noqa: PLR0917 - two ways and an answer
    scripted_server: ScriptedServer,
    transport: SmtpTransport,
    make_message: MakeMessage,
    refused: str,
    answer: Act,
    then: list[str],
) -> None:
    scripted_server.scripts = [{refused: [NO], "RCPT": [NO], "DATA": ["354 Go on"], CONTENT: [answer]}]
    if scripted_server.silent:
        make_impatient(transport)
    watcher = RecordingWatcher()
    transport.hand_over(iter([make_message(1), make_message(2)]), watcher)
    transport.close()
    assert [outcome for _, outcome in watcher.answers] == [
        Deferred(NO, ours=True) if refused == "MAIL" else Refused(NO),
        YES,
    ]
    assert watcher.left == [2], "a letter that was turned away never was about to leave"
    empty, letter = scripted_server.contents
    assert empty == b""
    assert b"<2.letter@" in letter
    commands = [line.split()[0].upper() for told in scripted_server.commands for line in told]
    assert commands[-len(then) - 1 :] == [*then, "QUIT"]


@pytest.mark.parametrize("packets", Packets)
def test_answers_count_by_their_lines_and_not_by_their_packets(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage, packets: Packets
) -> None:
    scripted_server.packets = packets
    scripted_server.scripts = [
        {
            "MAIL": ["250-2.1.0 Sender\r\n250 2.1.0 OK", "250 OK"],
            "RCPT": ["250 OK", "550-5.1.1 No\r\n550-5.1.1 such\r\n550 5.1.1 user"],
        }
    ]
    told = hand_over(transport, [make_message(number) for number in range(3)])
    assert [outcome for _, outcome in told] == [YES, Refused("550 5.1.1 No 5.1.1 such 5.1.1 user"), YES]
    assert scripted_server.groups == [["EHLO"], ENVELOPE, ENVELOPE, ["RSET", *ENVELOPE], ["QUIT"]]


LOST = [
    ("MAIL", HangUp()),
    ("MAIL", HangUp(b"25")),
    ("RCPT", HangUp()),
    ("RCPT", HangUp(b"250-2.1.5 Bob\r\n")),
    ("DATA", HangUp()),
    ("DATA", HangUp(b"354")),
]


@pytest.mark.parametrize(("step", "act"), LOST)
def test_a_connection_lost_within_a_group_has_handed_nothing_over(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage, step: str, act: Act
) -> None:
    scripted_server.scripts = [{step: [act]}]
    watcher = RecordingWatcher()
    transport.hand_over(iter([make_message(1)]), watcher)
    transport.close()
    [(_, outcome)] = watcher.answers
    assert isinstance(outcome, Deferred)
    assert step in outcome.note
    assert (watcher.left, scripted_server.contents) == ([], [])


@pytest.mark.parametrize(("step", "act"), LOST)
def test_a_kept_connection_lost_within_a_group_is_replaced_and_the_letter_sent_once(
    scripted_server: ScriptedServer, send: Send, step: str, act: Act
) -> None:
    scripted_server.scripts = [{step: ["354 Go on" if step == "DATA" else "250 OK", act]}]
    assert send(1, 2) == [YES, YES]
    assert [b"<2.letter@" in content for content in scripted_server.contents] == [False, True]
    assert len(scripted_server.commands) == 2


@pytest.mark.parametrize("act", [HangUp(), HangUp(b"50"), Silence(), BYE])
def test_a_refusal_that_was_read_stands_whatever_comes_after_it(
    scripted_server: ScriptedServer, send: Send, act: Act
) -> None:
    scripted_server.scripts = [{"RCPT": [NO], "DATA": [act]}]
    assert send(1, 2) == [Refused(NO), YES]
    assert len(scripted_server.commands) == 2


@pytest.mark.parametrize("act", [NO, HangUp(), BYE])
def test_an_envelope_behind_a_failed_reset_goes_over_a_new_connection(
    scripted_server: ScriptedServer, send: Send, act: Act
) -> None:
    scripted_server.scripts = [{"RCPT": [NO], "RSET": [act]}]
    assert send(1, 2) == [Refused(NO), YES]
    assert [b"<2.letter@" in content for content in scripted_server.contents] == [True]
    assert len(scripted_server.commands) == 2


def test_several_connections_take_their_groups_at_once_and_each_letter_arrives_once(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    transport.settings = replace(transport.settings, sessions=4)
    scripted_server.scripts = [{"RCPT": [NO]}, {"MAIL": [BUSY]}, {CONTENT: [BUSY]}, {"DATA": [NO]}]
    told = hand_over(transport, [make_message(number) for number in range(40)])
    assert sorted(message.id for message, _ in told) == list(range(40))
    assert sum(outcome == YES for _, outcome in told) == 36
    accepted = {f"<{message.id}.letter@".encode() for message, outcome in told if outcome == YES}
    arrived = [one for one in accepted for content in scripted_server.contents if one in content]
    assert sorted(arrived) == sorted(accepted)
    assert len(scripted_server.commands) == 4


@pytest.mark.parametrize("pipelining", [False, True])
@pytest.mark.parametrize("early", ["250 2.0.0 Accepted", "550 5.1.1 No", "354 Go on", "250-2.0.0"])
def test_an_answer_that_comes_before_the_data_is_no_answer_to_it(
    scripted_server: ScriptedServer, send: Send, early: str, *, pipelining: bool
) -> None:
    scripted_server.pipelining = pipelining
    scripted_server.scripts = [{"DATA": [f"354 Go on\r\n{early}"]}]
    assert send(1) == [Deferred("an answer to the data came before the data")]
    assert scripted_server.contents == []


@pytest.fixture
def upgraded(transport: SmtpTransport, scripted_server: ScriptedServer, certificate: Certificate) -> SmtpTransport:
    """A transport that asks for STARTTLS, of a server that can do it."""
    scripted_server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    scripted_server.tls.load_cert_chain(certificate.certificate, certificate.key)
    transport.settings = replace(transport.settings, security=SmtpSecurity.STARTTLS)
    transport.context = ssl.create_default_context(cafile=str(certificate.certificate))
    return transport


INJECTED = [
    "",
    "\r\n250-scripted.example\r\n250 PIPELINING",
    "\r\n250-scripted.example\r\n250 PIPELINING\r\n250 OK\r\n250 OK\r\n354 Go on\r\n250 2.0.0 Taken",
    "\r\n554 5.7.1 Go away",
]


@pytest.mark.parametrize("injected", INJECTED)
def test_what_was_said_before_tls_counts_no_longer(
    scripted_server: ScriptedServer, upgraded: SmtpTransport, make_message: MakeMessage, injected: str
) -> None:
    scripted_server.scripts = [
        {
            "EHLO": ["250-scripted.example\r\n250-PIPELINING\r\n250 STARTTLS", "250 scripted.example"],
            "STARTTLS": [f"220 Go on{injected}"],
        }
    ]
    [(_, outcome)] = hand_over(upgraded, [make_message(1)])
    assert outcome == YES
    assert scripted_server.groups == [[step] for step in ("EHLO", "STARTTLS", "EHLO", *ENVELOPE, "QUIT")]


def test_what_is_offered_over_tls_counts(
    scripted_server: ScriptedServer, upgraded: SmtpTransport, make_message: MakeMessage
) -> None:
    scripted_server.scripts = [{"EHLO": ["250-scripted.example\r\n250 STARTTLS"]}]
    told = hand_over(upgraded, [make_message(1), make_message(2)])
    assert [outcome for _, outcome in told] == [YES, YES]
    assert scripted_server.groups[2:] == [["EHLO"], ENVELOPE, ENVELOPE, ["QUIT"]]

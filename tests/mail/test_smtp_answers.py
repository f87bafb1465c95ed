"""Whatever the server does at whatever step, the outcome says what is known: could the message have arrived?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence

import pytest

from app.mail.message import Message
from app.mail.smtp import SmtpTransport
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain
from tests.mail.conftest import MakeMessage, Send
from tests.mail.scripted_server import CONTENT, GREETING, Act, HangUp, HangUpInTheData, ScriptedServer, Silence
from tests.support.watching import RecordingWatcher

LONG = 20_000_000 * "x"
"""More than the system takes at once."""
BUSY, NO, BYE = "451 4.3.0 Busy", "550 5.1.1 No such user", "421 4.3.2 Going down"


@pytest.fixture(params=[False, True], ids=["step by step", "in groups"])
def scripted_server(request: pytest.FixtureRequest) -> Iterator[ScriptedServer]:
    """Every test here is made without PIPELINING and with it."""
    with ScriptedServer(pipelining=request.param) as server:
        yield server


@pytest.mark.parametrize(
    ("step", "act", "kind"),
    [
        (GREETING, BUSY, Deferred),
        (GREETING, NO, Deferred),
        (GREETING, BYE, Deferred),
        (GREETING, HangUp(), Deferred),
        (GREETING, Silence(), Deferred),
        (GREETING, "nonsense", Deferred),
        ("EHLO", BYE, Deferred),
        ("EHLO", HangUp(), Deferred),
        ("EHLO", Silence(), Deferred),
        ("MAIL", BUSY, Deferred),
        ("MAIL", NO, Deferred),
        ("MAIL", "552 5.3.4 Too large", Refused),
        ("MAIL", BYE, Deferred),
        ("MAIL", HangUp(), Deferred),
        ("MAIL", Silence(), Deferred),
        ("MAIL", "354 Go on", Deferred),
        ("MAIL", "nonsense", Deferred),
        ("MAIL", "530 5.7.0 Authentication required", Deferred),
        ("RCPT", BUSY, Deferred),
        ("RCPT", NO, Refused),
        ("RCPT", BYE, Deferred),
        ("RCPT", HangUp(), Deferred),
        ("RCPT", HangUp(b"250"), Deferred),
        ("RCPT", Silence(), Deferred),
        ("RCPT", "251 2.1.5 Will forward", Accepted),
        ("DATA", BUSY, Deferred),
        ("DATA", NO, Refused),
        ("DATA", BYE, Deferred),
        ("DATA", HangUp(), Deferred),
        ("DATA", Silence(), Deferred),
        ("DATA", "250 2.0.0 OK", Deferred),
        (CONTENT, BUSY, Deferred),
        (CONTENT, NO, Refused),
        (CONTENT, BYE, Deferred),
        (CONTENT, HangUp(), Uncertain),
        (CONTENT, HangUp(b"2"), Uncertain),
        (CONTENT, HangUp(b"250-2.0.0 Acc\r\n"), Uncertain),
        (CONTENT, Silence(), Uncertain),
        (CONTENT, "nonsense", Uncertain),
        (CONTENT, "354 Go on", Uncertain),
        (CONTENT, "250 " + 9000 * "x", Uncertain),
        ("QUIT", HangUp(), Accepted),
    ],
)
def test_each_answer_at_each_step_has_its_outcome(
    scripted_server: ScriptedServer, send: Send, step: str, act: Act, kind: type[Outcome]
) -> None:
    scripted_server.scripts = [{step: [act]}]
    assert [type(outcome) for outcome in send(1)] == [kind]
    assert len(scripted_server.commands) == 1, "a fresh connection that fails is not opened again"


def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way(scripted_server: ScriptedServer, send: Send) -> None:
    scripted_server.scripts = [{"EHLO": ["502 5.5.1 What?"]}]
    assert send(1) == [Accepted("250 2.0.0 Accepted")]
    assert scripted_server.commands[0][1:3] == [
        "helo letters.solidarity-post.example",
        "MAIL FROM:<letters@solidarity-post.example>",
    ]


def test_nobody_listening_defers_all_messages(scripted_server: ScriptedServer, send: Send) -> None:
    scripted_server.stop()
    assert send(1, 2) == 2 * [Deferred("not connected: Connection refused", ours=True)]


def test_a_connection_that_breaks_in_the_data_has_handed_nothing_over(
    scripted_server: ScriptedServer, send: Send, make_message: MakeMessage
) -> None:
    scripted_server.scripts = [{"DATA": [HangUpInTheData()]}]
    (outcome,) = send(make_message(text=LONG))
    assert isinstance(outcome, Deferred)
    assert "in the data" in outcome.note
    assert scripted_server.contents == []


def test_a_mail_that_the_system_does_not_take_at_once_is_leaving_again_when_only_its_end_is_left(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    watcher = RecordingWatcher()
    transport.hand_over(iter([make_message(1, text=LONG)]), watcher)
    transport.close()
    assert (watcher.left, watcher.back) == ([1, 1], [1])
    assert [outcome for _, outcome in watcher.answers] == [Accepted("250 2.0.0 Accepted")]
    assert len(scripted_server.contents) == 1


def test_a_connection_that_breaks_in_a_long_mail_leaves_no_doubt(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    scripted_server.scripts = [{"DATA": [HangUpInTheData()]}]
    watcher = RecordingWatcher()
    transport.hand_over(iter([make_message(1, text=LONG)]), watcher)
    transport.close()
    assert (watcher.left, watcher.back) == ([1], [1])
    assert [type(outcome) for _, outcome in watcher.answers] == [Deferred]


def test_a_mail_that_is_stopped_while_it_is_written_gets_no_end(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    class Stopping(RecordingWatcher):
        def returned(self, ids: Sequence[int]) -> None:
            super().returned(ids)
            self.stopped = frozenset(ids)

    watcher = Stopping()
    transport.hand_over(iter([make_message(1, text=LONG), make_message(2)]), watcher)
    transport.close()
    assert (watcher.left, watcher.back) == ([1, 2], [1])
    assert [message.id for message, _ in watcher.answers] == [2]
    assert len(scripted_server.contents) == 1


def test_one_warm_connection_takes_the_whole_batch(scripted_server: ScriptedServer, send: Send) -> None:
    assert send(0, 1, 2) == 3 * [Accepted("250 2.0.0 Accepted")]
    (told,) = scripted_server.commands
    assert [line.split()[0] for line in told] == ["ehlo", *3 * ["MAIL", "RCPT", "DATA"], "QUIT"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", [BUSY, NO])
def test_an_envelope_turned_away_is_reset_before_the_next(
    scripted_server: ScriptedServer, send: Send, step: str, reply: str
) -> None:
    scripted_server.scripts = [{step: [reply]}]
    _, second = send(1, 2)
    assert second == Accepted("250 2.0.0 Accepted")
    (told,) = scripted_server.commands
    commands = [line.split()[0] for line in told]
    assert commands[commands.index("RSET") :] == ["RSET", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("reply", [BUSY, NO, "250 2.0.0 OK"])
def test_after_an_answer_to_the_data_no_reset_is_needed(
    scripted_server: ScriptedServer, send: Send, reply: str
) -> None:
    scripted_server.scripts = [{CONTENT: [reply]}]
    send(1, 2)
    assert "RSET" not in [line.split()[0] for line in scripted_server.commands[0]]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("act", [HangUp(), Silence(), BYE, "nonsense"])
def test_a_warm_connection_lost_before_the_data_is_opened_again_and_the_message_sent_once(
    scripted_server: ScriptedServer, send: Send, step: str, act: Act
) -> None:
    usual = "354 Go on" if step == "DATA" else "250 OK"
    scripted_server.scripts = [{step: [usual, act]}]
    assert send(1, 2) == 2 * [Accepted("250 2.0.0 Accepted")]
    assert [b"<1.letter@" in content for content in scripted_server.contents] == [True, False]
    assert [b"<2.letter@" in content for content in scripted_server.contents] == [False, True]
    assert len(scripted_server.commands) == 2


@pytest.mark.parametrize("act", [HangUp(), "502 5.5.1 What?", BYE])
def test_a_reset_that_fails_costs_the_connection_but_no_message(
    scripted_server: ScriptedServer, send: Send, act: Act
) -> None:
    scripted_server.scripts = [{"RCPT": [NO], "RSET": [act]}]
    first, second = send(1, 2)
    assert (first, second) == (Refused(NO), Accepted("250 2.0.0 Accepted"))
    assert len(scripted_server.commands) == 2


def test_a_message_whose_second_connection_breaks_too_is_deferred_and_the_next_gets_its_own(
    scripted_server: ScriptedServer, send: Send
) -> None:
    scripted_server.scripts = [{"RCPT": ["250 OK", HangUp()]}, {"RCPT": [HangUp()]}]
    kinds = [type(outcome) for outcome in send(0, 1, 2)]
    assert kinds == [Accepted, Deferred, Accepted]
    assert len(scripted_server.commands) == 3


@pytest.mark.parametrize(
    ("act", "kind"), [(HangUp(), Uncertain), (Silence(), Uncertain), (BYE, Deferred), ("nonsense", Uncertain)]
)
def test_a_connection_lost_after_the_data_is_replaced_and_the_message_not_repeated(
    scripted_server: ScriptedServer, send: Send, act: Act, kind: type[Outcome]
) -> None:
    scripted_server.scripts = [{CONTENT: [act]}]
    first, second = send(1, 2)
    assert (type(first), type(second)) == (kind, Accepted)
    assert sum(b"<1.letter@" in content for content in scripted_server.contents) == 1
    assert len(scripted_server.commands) == 2


def test_a_server_that_cannot_be_reached_again_defers_the_rest_at_once(
    scripted_server: ScriptedServer, send: Send
) -> None:
    scripted_server.scripts = [{"MAIL": ["250 OK", BYE]}, {GREETING: ["554 5.7.1 Too many connections"]}]
    first, *rest = send(0, 1, 2, 3)
    assert first == Accepted("250 2.0.0 Accepted")
    assert rest == 3 * [Deferred("not connected: 554 5.7.1 Too many connections", ours=True)]
    assert len(scripted_server.commands) == 2


def test_a_message_is_taken_when_its_turn_comes_and_no_sooner(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    """In groups its envelope goes with the end of the one before, so that it is taken one message sooner."""
    watcher, sooner = RecordingWatcher(), int(scripted_server.pipelining)

    def messages() -> Iterator[Message]:
        for number in range(4):
            assert len(watcher.answers) == len(watcher.left) == max(0, number - sooner)
            yield make_message(number)

    transport.hand_over(messages(), watcher)
    transport.close()
    assert watcher.left == [0, 1, 2, 3]


def test_when_no_more_messages_can_be_had_the_connection_is_dropped_and_the_error_goes_on(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    def messages() -> Iterator[Message]:
        yield make_message(1)
        raise Interruption

    watcher = RecordingWatcher()
    with pytest.raises(Interruption):
        transport.hand_over(messages(), watcher)
    answered = [] if scripted_server.pipelining else [Accepted]  # in groups it was asked for before the first one's end
    assert [type(outcome) for _, outcome in watcher.answers] == answered
    assert len(watcher.left) == len(answered)
    scripted_server.stop()
    assert "QUIT" not in scripted_server.commands[0]


@pytest.mark.parametrize(
    "way",
    [
        ("MAIL", HangUp(), []),
        ("RCPT", NO, []),
        ("DATA", NO, []),
        ("DATA", HangUp(), []),
        (CONTENT, NO, [1]),
        (CONTENT, HangUp(), [1]),
        (CONTENT, "250 2.0.0 OK", [1]),
    ],
)
def test_a_message_is_leaving_only_when_the_end_of_its_data_is_next(
    scripted_server: ScriptedServer,
    transport: SmtpTransport,
    make_message: MakeMessage,
    way: tuple[str, Act, list[int]],
) -> None:
    step, act, left = way
    scripted_server.scripts = [{step: [act]}]
    watcher = RecordingWatcher()
    transport.hand_over(iter([make_message(1)]), watcher)
    transport.close()
    assert watcher.left == left


def test_what_is_stopped_before_its_end_is_not_taken_over_and_the_next_gets_a_new_connection(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    watcher = RecordingWatcher(stopped=frozenset({2}))
    transport.hand_over(iter([make_message(1), make_message(2), make_message(3)]), watcher)
    transport.close()
    assert [message.id for message, _ in watcher.answers] == watcher.left == [1, 3]
    assert len(scripted_server.contents) == 2
    assert len(scripted_server.commands) == 2


def test_a_connection_is_kept_for_the_next_call_and_let_go_when_asked(
    scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage
) -> None:
    watcher = RecordingWatcher()
    for number in range(3):
        transport.hand_over(iter([make_message(number)]), watcher)
    assert len(scripted_server.commands) == 1
    transport.close()
    transport.hand_over(iter([make_message(3)]), watcher)
    transport.close()
    assert len(scripted_server.commands) == 2
    assert [message.id for message, _ in watcher.answers] == [0, 1, 2, 3]


def test_no_messages_need_no_connection(scripted_server: ScriptedServer, send: Send) -> None:
    assert send() == []
    assert scripted_server.commands == []


def test_a_message_that_cannot_be_sent_is_refused_alone(
    scripted_server: ScriptedServer, send: Send, make_message: MakeMessage
) -> None:
    hostile = make_message(1, from_name="Alice\r\nBcc: all@supporter.example")
    foreign = make_message(2, to_address="żółw@zedmere.example")
    told = send(hostile, foreign, 3)
    assert [type(outcome) for outcome in told] == [Refused, Refused, Accepted]
    assert "SMTPUTF8" in told[1].note
    assert len(scripted_server.contents) == 1


def test_notes_hold_the_reply_on_one_line_without_addresses(scripted_server: ScriptedServer, send: Send) -> None:
    scripted_server.scripts = [
        {"RCPT": ["550-5.1.1 <bob.sample@zedmere.example>:\r\n550 user BOB.SAMPLE unknown to alice@supporter.example"]}
    ]
    assert send(1) == [Refused("550 5.1.1 <address>: user <address> unknown to <address>")]


class Interruption(Exception):  # noqa: N818 - not an error
    """Such as the end of a worker's time, raised by a signal."""


@pytest.fixture
def interrupt_soon() -> Iterator[Callable[[], None]]:
    """Call it to have the test interrupted half a second later."""

    def interrupt(*_: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGALRM, interrupt)

    def soon() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.5)

    yield soon
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("step", ["RCPT", CONTENT])
def test_an_interruption_is_passed_on_and_drops_the_connection_without_another_word(
    scripted_server: ScriptedServer, send: Send, interrupt_soon: Callable[[], None], step: str
) -> None:
    scripted_server.scripts = [{step: [Silence()]}]
    interrupt_soon()
    with pytest.raises(Interruption):
        send(1)
    scripted_server.stop()
    last = "DATA" if step == CONTENT or scripted_server.pipelining else step
    assert scripted_server.commands[0][-1].split()[0] == last

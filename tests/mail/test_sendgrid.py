"""The SendGrid adapter and a server that speaks as SendGrid does: what it asks for, how, and what is certain when."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NameResolutionError

from app.bootstrap import build_platform
from app.config import Config, SendGridSettings
from app.mail.message import Message
from app.mail.sendgrid import SendGridTransport
from app.mail.sendgrid_http import KEPT_SECONDS, Call, Connections, DroppedError, reason_of
from app.mail.sendgrid_request import payload
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain
from tests.mail.conftest import Certificate, MakeMessage
from tests.mail.scripted_api import (
    Act,
    Babble,
    HangUpAfter,
    HangUpInTheBody,
    Say,
    SayAtOnce,
    ScriptedApi,
    Silence,
    errors,
)
from tests.mail.sendgrid_letters import letter
from tests.support.watching import RecordingWatcher, hand_over

Connect: TypeAlias = Callable[..., SendGridTransport]
KEY = "SG.a-key.of-the-tests"


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi() as api:
        yield api


@pytest.fixture
def connect(now: datetime) -> Iterator[Connect]:
    """Make a transport to what stands in for SendGrid; its settings may be changed. All are closed at the end."""
    made: list[SendGridTransport] = []

    def connect(url: str, context: ssl.SSLContext | None = None, **changes: Any) -> SendGridTransport:
        settings = SendGridSettings(url, KEY, timedelta(seconds=5), connections=1)
        trust = {} if context is None else {"context": context}
        made.append(SendGridTransport(replace(settings, **changes), lambda: now, **trust))
        return made[-1]

    yield connect
    for transport in made:
        transport.close()


@pytest.fixture
def server_context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


@pytest.fixture
def trusting(certificate: Certificate) -> ssl.SSLContext:
    """Trusts the test's own certificate, and checks the server's name."""
    return ssl.create_default_context(cafile=str(certificate.certificate))


def give(transport: SendGridTransport, messages: Sequence[Message]) -> RecordingWatcher:
    """Hand the messages over."""
    watcher = RecordingWatcher()
    transport.hand_over(iter(messages), watcher)
    return watcher


def outcomes(watcher: RecordingWatcher) -> list[Outcome]:
    """Each message's outcome, by its id."""
    return [outcome for _, outcome in sorted(watcher.answers, key=lambda answer: answer[0].id)]


# What is asked for, and over which connection


def test_sendgrid_reaches_people(connect: Connect) -> None:
    assert connect("https://127.0.0.1:1").reaches_people is True


def test_a_letter_is_posted_with_the_key_and_accepted(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    message = make_message(7)
    watcher = give(connect(api.url), [message])
    assert watcher.answers == [(message, Accepted("202 taken-1"))]
    assert watcher.left == [7]
    (request,) = api.requests
    assert request.target == "POST /v3/mail/send HTTP/1.1"
    assert request.body == payload([message])
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == str(len(request.body))
    assert "transfer-encoding" not in request.headers


def test_the_platform_hands_over_to_what_its_settings_name(
    api: ScriptedApi, make_config: Callable[..., Config], make_message: MakeMessage
) -> None:
    platform = build_platform(make_config(MAIL_TRANSPORT="sendgrid", SENDGRID_API_KEY=KEY, SENDGRID_URL=api.url))
    assert hand_over(platform.transport, [make_message(7)])[0][1] == Accepted("202 taken-1")
    assert api.requests[0].headers["authorization"] == f"Bearer {KEY}"
    platform.sessions.engine.dispose()


def test_a_groups_letters_travel_in_one_request(api: ScriptedApi, connect: Connect, make_message: MakeMessage) -> None:
    messages = [letter(make_message, number, group=1) for number in range(1, 101)]
    watcher = give(connect(api.url), messages)
    assert api.told == [list(range(1, 101))]
    assert watcher.left == list(range(1, 101))
    assert watcher.answers == [(message, Accepted("202 taken-1")) for message in messages]


def test_connections_are_kept_from_call_to_call_until_the_transport_is_closed(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    transport = connect(api.url)
    give(transport, [make_message(1), make_message(2)])
    give(transport, [make_message(3)])
    assert api.connections == 1
    transport.close()
    give(transport, [make_message(4)])
    assert [request.connection for request in api.requests] == [1, 1, 1, 2]


def test_an_idle_connection_is_given_up_before_servers_do(api: ScriptedApi, make_message: MakeMessage) -> None:
    seconds = 0.0
    connections = Connections(api.url, {}, 5, ssl.create_default_context(), lambda: seconds)
    for number in range(3):
        Call(connections).post("/", payload([make_message(number)]), lambda: None)
        seconds += KEPT_SECONDS - 1 if number == 0 else KEPT_SECONDS
    connections.close()
    assert [request.connection for request in api.requests] == [1, 1, 2]


def test_several_requests_are_under_way_at_once_and_no_more_than_that(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    api.latency = 0.02
    watcher = give(connect(api.url, connections=4), [make_message(number) for number in range(40)])
    assert [type(outcome) for outcome in outcomes(watcher)] == [Accepted] * 40
    assert sorted(api.told) == [[number] for number in range(40)]
    assert (api.most_at_once, api.connections) == (4, 4)


def test_messages_are_taken_and_answered_in_the_calling_thread_and_not_before_they_can_go(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    api.latency = 0.01
    threads: set[threading.Thread] = set()
    taken, answered, waiting = 0, 0, []

    def feed() -> Iterator[Message]:
        nonlocal taken
        for number in range(20):
            threads.add(threading.current_thread())
            waiting.append(taken - answered)
            taken += 1
            yield make_message(number)

    class Watcher(RecordingWatcher):
        def answered(self, message: Message, outcome: Outcome) -> None:
            nonlocal answered
            answered += 1
            threads.add(threading.current_thread())
            super().answered(message, outcome)

    watcher = Watcher()
    connect(api.url, connections=3).hand_over(feed(), watcher)
    assert threads == {threading.current_thread()}
    assert len(watcher.answers) == 20
    assert max(waiting) == 2, "a message is taken only when one of the three connections is free"


# Whom it trusts


def test_https_is_spoken_and_the_certificate_checked(
    server_context: ssl.SSLContext, trusting: ssl.SSLContext, connect: Connect, make_message: MakeMessage
) -> None:
    with ScriptedApi(context=server_context) as api:
        transport = connect(api.url, trusting)
        watcher = give(transport, [make_message(1), make_message(2)])
        assert outcomes(watcher) == [Accepted("202 taken-1"), Accepted("202 taken-2")]
        assert api.connections == 1


@pytest.mark.parametrize(
    ("host", "trusts", "words"),
    [
        ("127.0.0.1", False, "the server's certificate is not trusted: self-signed certificate"),
        ("localhost", True, "certificate is not valid for 'localhost'"),
    ],
)
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(  # noqa: PLR0917 - fixtures
    server_context: ssl.SSLContext,
    trusting: ssl.SSLContext,
    connect: Connect,
    make_message: MakeMessage,
    host: str,
    trusts: bool,  # noqa: FBT001 - a case
    words: str,
) -> None:
    with ScriptedApi(context=server_context) as api:
        transport = connect(f"https://{host}:{api.port}", trusting if trusts else None)
        watcher = give(transport, [make_message()])
        (outcome,) = outcomes(watcher)
        assert isinstance(outcome, Deferred)
        assert outcome.ours
        assert words in outcome.note
        assert (watcher.left, api.requests) == ([], [])


def test_a_server_without_tls_gets_nothing(api: ScriptedApi, connect: Connect, make_message: MakeMessage) -> None:
    watcher = give(connect(f"https://127.0.0.1:{api.port}", timeout=timedelta(seconds=0.3)), [make_message()])
    (outcome,) = outcomes(watcher)
    assert isinstance(outcome, Deferred)
    assert (outcome.ours, watcher.left, api.requests) == (True, [], [])


def test_a_server_that_is_not_there_defers_everything(connect: Connect, make_message: MakeMessage) -> None:
    with ScriptedApi() as gone:
        url = gone.url
    watcher = give(connect(url), [make_message(1), make_message(2)])
    assert outcomes(watcher) == 2 * [Deferred("not handed over: Connection refused", ours=True)]
    assert watcher.left == []


# The last byte


@pytest.mark.parametrize("encrypted", [False, True])
def test_all_but_the_last_byte_is_there_when_the_watcher_is_told_and_the_last_comes_after(
    server_context: ssl.SSLContext,
    trusting: ssl.SSLContext,
    connect: Connect,
    make_message: MakeMessage,
    encrypted: bool,  # noqa: FBT001 - a case
) -> None:
    with ScriptedApi(context=server_context if encrypted else None) as api:
        seen = []

        class Watcher(RecordingWatcher):
            def leaving(self, ids: Sequence[int]) -> None:
                assert api.all_but_the_last_byte.wait(5)
                time.sleep(0.02)  # time enough for a last byte that should not have come
                seen.append((list(ids), list(api.requests)))
                super().leaving(ids)

        watcher = Watcher()
        connect(api.url, trusting).hand_over(iter([make_message(3)]), watcher)
        assert seen == [([3], [])]
        assert (api.told, outcomes(watcher)) == ([[3]], [Accepted("202 taken-1")])


# Breaks


def test_a_connection_that_breaks_in_the_body_has_handed_nothing_over(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    api.acts = [HangUpInTheBody()]
    # More than the buffers between us hold: the break is seen before the last byte.
    watcher = give(connect(api.url), [make_message(1, text="x" * 20_000_000)])
    (outcome,) = outcomes(watcher)
    assert isinstance(outcome, Deferred)
    assert outcome.ours
    assert outcome.note.startswith("not handed over: ")
    assert (watcher.left, api.requests) == ([], [])


def test_a_kept_connection_that_breaks_in_the_body_is_replaced_once(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    api.acts = [Say(), HangUpInTheBody(), Say(), HangUpInTheBody(), HangUpInTheBody()]
    large = "x" * 20_000_000
    transport = connect(api.url)
    first = give(transport, [make_message(1), make_message(2, text=large)])
    assert [type(outcome) for outcome in outcomes(first)] == [Accepted, Accepted]
    assert (first.left, api.connections) == ([1, 2], 2)
    second = give(transport, [make_message(3, text=large)])
    assert [type(outcome) for outcome in outcomes(second)] == [Deferred]
    assert (second.left, api.connections) == ([], 3)


def test_a_connection_that_the_server_has_closed_meanwhile_is_not_used(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    transport = connect(api.url)
    give(transport, [make_message(1)])
    api.hang_up()
    assert outcomes(give(transport, [make_message(2)])) == [Accepted("202 taken-2")]
    assert api.connections == 2


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (HangUpAfter(), "Connection reset by peer"),
        (Babble(b""), "RemoteDisconnected"),
        (Babble(b"HTTP/1.1 20"), "BadStatusLine"),
        (Babble(b"220 smtp.example ESMTP\r\n"), "BadStatusLine"),
        (Babble(b"HTTP/1.1 202 Accepted\r\nX: " + b"x" * 70_000), "LineTooLong"),
        (Babble(b"\x15\x03\x01\x00\x02\x02\x28\r\n"), "BadStatusLine"),
    ],
)
def test_an_answer_that_is_lost_leaves_the_message_uncertain(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, act: Act, words: str
) -> None:
    api.acts = [act]
    watcher = give(connect(api.url), [make_message(1), make_message(2)])
    assert outcomes(watcher) == [Uncertain(f"connection lost before the answer: {words}"), Accepted("202 taken-2")]
    assert watcher.left == [1, 2]
    assert api.told == [[1], [2]], "nothing is sent again"


@pytest.mark.parametrize("act", [HangUpAfter(), Babble(b"")])
def test_an_answer_that_is_lost_on_a_kept_connection_is_not_asked_for_again(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, act: Act
) -> None:
    api.acts = [Say(), act]
    watcher = give(connect(api.url), [make_message(1), make_message(2)])
    assert [type(outcome) for outcome in outcomes(watcher)] == [Accepted, Uncertain]
    assert api.told == [[1], [2]]


def test_silence_leaves_the_message_uncertain(api: ScriptedApi, connect: Connect, make_message: MakeMessage) -> None:
    api.acts = [Silence()]
    watcher = give(connect(api.url, timeout=timedelta(seconds=0.2)), [make_message()])
    assert outcomes(watcher) == [Uncertain("connection lost before the answer: timed out")]


def test_a_status_is_believed_though_its_body_breaks_off(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    head = b"HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\nX-Message-Id: yes\r\n\r\n"
    api.acts = [Babble(head + b"half")]
    watcher = give(connect(api.url), [make_message(1), make_message(2)])
    assert outcomes(watcher) == [Accepted("202 yes"), Accepted("202 taken-2")]


def test_an_answer_without_an_end_is_not_read_to_its_end(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    api.acts = [Say(202, b"x" * 1_000_000)]
    watcher = give(connect(api.url), [make_message(1), make_message(2)])
    assert [type(outcome) for outcome in outcomes(watcher)] == [Accepted, Accepted]
    assert api.connections == 2


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (202, Deferred("202", ours=True)),  # it never had the whole letter, whatever it says
        (401, Deferred("401", ours=True)),
        (413, Refused("413")),
        (500, Deferred("500", ours=True)),
        (503, Deferred("503", ours=True)),
    ],
)
def test_an_answer_in_the_middle_of_the_request_is_heard(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, status: int, outcome: Outcome
) -> None:
    api.acts = [SayAtOnce(status)]
    watcher = give(connect(api.url), [make_message(1, text="x" * 20_000_000)])
    assert outcomes(watcher) == [outcome]
    assert watcher.left == []


# Statuses


def answered_with(act: Act, api: ScriptedApi, connect: Connect, messages: Sequence[Message]) -> list[Outcome]:
    """The outcomes of messages whose first request is answered so."""
    api.acts = [act]
    return outcomes(give(connect(api.url), messages))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Uncertain),  # documented as "valid, and not queued": a sandbox that we never ask for
        (204, Uncertain),
        (302, Uncertain),
        (307, Uncertain),
        (401, Deferred),
        (403, Deferred),
        (404, Deferred),
        (405, Deferred),
        (408, Deferred),
        (413, Refused),
        (415, Deferred),
        (429, Deferred),
        (500, Uncertain),
        (501, Uncertain),
        (502, Uncertain),
        (503, Deferred),
        (504, Uncertain),
    ],
)
def test_each_status_has_its_meaning(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, status: int, kind: type[Outcome]
) -> None:
    act = Say(status, b"" if status == 204 else errors((None, "some words")), {"Location": "/elsewhere"})
    (outcome,) = answered_with(act, api, connect, [make_message()])
    assert type(outcome) is kind
    assert outcome.note == ("204" if status == 204 else f"{status} some words")
    assert not isinstance(outcome, Deferred) or outcome.ours
    assert api.told == [[1]], "no redirect is followed and nothing is sent again"


def test_no_words_of_an_answer_carry_an_address_or_the_receivers_name(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    act = Say(400, errors(("content", "The address bob.sample@zedmere.example is not, said Bob.Sample")))
    (outcome,) = answered_with(act, api, connect, [make_message()])
    assert outcome == Refused("400 The address <address> is not, said <address>")


@pytest.mark.parametrize(
    "body", [b"", b"<html>bob</html>", b"[]", b'{"errors": 5}', b'{"errors": ["x"]}', b"[" * 60_000]
)
def test_a_refusal_in_no_known_form_has_no_words(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, body: bytes
) -> None:
    assert answered_with(Say(400, body), api, connect, [make_message()]) == [Refused("400")]


# Bad requests


def group_of(make_message: MakeMessage, number: int) -> list[Message]:
    return [letter(make_message, one, group=1) for one in range(number)]


def test_named_letters_are_refused_and_the_others_go_again_at_once(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    faults = [("personalizations.1.to.0.email", "Does not contain a valid address."), ("personalizations.3", "Bad.")]
    told = answered_with(Say(400, errors(*faults)), api, connect, group_of(make_message, 5))
    again = Accepted("202 taken-2")
    assert told == [
        again,
        Refused("400 Does not contain a valid address."),
        again,
        Refused("400 Bad."),
        again,
    ]
    assert api.told == [[0, 1, 2, 3, 4], [0, 2, 4]]


def test_letters_are_named_one_after_the_other_too(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    first_is_bad = Say(400, errors(("personalizations.0.to.0.email", "Bad.")))
    api.acts = [first_is_bad, first_is_bad, first_is_bad]
    told = outcomes(give(connect(api.url), group_of(make_message, 3)))
    assert told == 3 * [Refused("400 Bad.")]
    assert api.told == [[0, 1, 2], [1, 2], [2]]


@pytest.mark.parametrize(
    "act",
    [
        Say(400, errors((None, "Bad Request"))),
        Say(400, errors(("personalizations", "Too many."))),
        Say(400, errors(("personalizations.99.to", "Who?"))),
        Say(400, b"not JSON"),
        Say(413),
    ],
)
def test_a_group_that_is_turned_away_as_a_whole_goes_again_one_by_one(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, act: Say
) -> None:
    api.acts = [act, Say(), Say(400, errors((None, "This one.")))]
    watcher = give(connect(api.url), group_of(make_message, 3))
    assert outcomes(watcher) == [Accepted("202 taken-2"), Refused("400 This one."), Accepted("202 taken-4")]
    assert api.told == [[0, 1, 2], [0], [1], [2]]
    assert (watcher.left, watcher.back) == ([0, 1, 2, 0, 1, 2], [0, 1, 2])


@pytest.mark.parametrize("name", ["from", "from.email", "from.name"])
def test_what_is_wrong_with_our_own_address_fails_no_letter(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, name: str
) -> None:
    act = Say(400, errors((name, "Bad.")))
    assert answered_with(act, api, connect, group_of(make_message, 2)) == 2 * [Deferred("400 Bad.", ours=True)]
    assert len(api.requests) == 1


# Limits


def epoch(now: datetime, seconds: int) -> str:
    return str(int(now.timestamp()) + seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "+40"}, 40),
        ({"X-RateLimit-Reset": "+40", "Retry-After": "7"}, 40),
        ({"X-RateLimit-Reset": "-40", "Retry-After": "7"}, 7),
        ({"X-RateLimit-Reset": "soon", "Retry-After": "7"}, 7),
        ({"Retry-After": "Tue, 24 Nov 2026 09:30:09 GMT"}, 9),
        ({"Retry-After": "Tue, 24 Nov 2026 09:30:09 -0000"}, 9),
        ({"Retry-After": "99999"}, 3600),
        ({"X-RateLimit-Reset": "1795512600000"}, 3600),
        ({"X-RateLimit-Reset": "99999999999999999999"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_is_what_sendgrid_asked_for(  # noqa: PLR0917 - fixtures
    api: ScriptedApi,
    connect: Connect,
    make_message: MakeMessage,
    now: datetime,
    status: int,
    headers: dict[str, str],
    seconds: int | None,
) -> None:
    given = {name: epoch(now, int(text)) if text[0] in "+-" else text for name, text in headers.items()}
    (outcome,) = answered_with(Say(status, headers=given), api, connect, [make_message()])
    assert outcome == Deferred(str(status), ours=True, wait=seconds and timedelta(seconds=seconds))


def test_an_exhausted_limit_holds_what_follows_until_its_end(
    api: ScriptedApi, make_message: MakeMessage, now: datetime
) -> None:
    time_is = now
    settings = SendGridSettings(api.url, KEY, timedelta(seconds=5), connections=1)
    transport = SendGridTransport(settings, lambda: time_is)
    api.acts = [Say(headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": epoch(now, 60)})]
    first = outcomes(give(transport, [make_message(1), make_message(2)]))
    closed = "not handed over: SendGrid's limit of requests is reached"
    assert first == [Accepted("202 taken-1"), Deferred(closed, ours=True, wait=timedelta(seconds=60))]
    time_is += timedelta(seconds=20)
    held = give(transport, [make_message(3)])
    assert outcomes(held) == [Deferred(closed, ours=True, wait=timedelta(seconds=40))]
    assert held.left == []
    time_is += timedelta(seconds=40)
    assert outcomes(give(transport, [make_message(4)])) == [Accepted("202 taken-2")]
    transport.close()


def test_a_limit_with_something_left_holds_nothing(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, now: datetime
) -> None:
    act = Say(headers={"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": epoch(now, 60)})
    told = answered_with(act, api, connect, [make_message(1), make_message(2)])
    assert told == [Accepted("202 taken-1"), Accepted("202 taken-2")]


def test_what_waits_to_go_again_is_held_by_a_limit_too(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, now: datetime
) -> None:
    api.acts = [Say(400), Say(429, headers={"X-RateLimit-Reset": epoch(now, 60)})]
    told = outcomes(give(connect(api.url), group_of(make_message, 3)))
    assert [type(outcome) for outcome in told] == [Deferred] * 3
    assert len(api.requests) == 2


# Interruptions


class Trouble(Exception):  # noqa: N818 - what happens in a test
    pass


class DiskTrouble(BrokenPipeError):  # noqa: N818 - as above
    """What a watcher may raise and a connection too."""


@pytest.mark.parametrize("trouble", [Trouble, DiskTrouble, OSError, ValueError])
def test_what_the_watcher_raises_goes_on_and_the_message_does_not_leave(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage, trouble: type[Exception]
) -> None:
    class Watcher(RecordingWatcher):
        def leaving(self, ids: Sequence[int]) -> None:
            raise trouble(ids)

    transport = connect(api.url)
    with pytest.raises(trouble):
        transport.hand_over(iter([make_message(1)]), Watcher())
    assert api.requests == []
    assert outcomes(give(transport, [make_message(2)])) == [Accepted("202 taken-1")]


def test_a_request_that_is_stopped_before_its_last_byte_is_not_taken_and_the_others_go(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    watcher = RecordingWatcher(stopped=frozenset({2}))
    connect(api.url, connections=1).hand_over(iter([make_message(1), make_message(2), make_message(3)]), watcher)
    assert api.told == [[1], [3]]
    assert [message.id for message, _ in watcher.answers] == watcher.left == [1, 3]


def test_nothing_leaves_any_more_when_the_messages_have_raised(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    at_the_door, may_go = threading.Event(), threading.Event()

    class Slow(RecordingWatcher):
        def leaving(self, ids: Sequence[int]) -> None:
            if list(ids) == [1]:
                at_the_door.set()
                may_go.wait(5)
            super().leaving(ids)

    def feed() -> Iterator[Message]:
        yield make_message(1)
        assert at_the_door.wait(5)
        yield make_message(2)  # it waits behind the first
        threading.Timer(0.05, may_go.set).start()
        raise Trouble

    watcher = Slow()
    with pytest.raises(Trouble):
        connect(api.url, connections=3).hand_over(feed(), watcher)
    left = list(watcher.left)
    assert watcher.answers == []
    for thread in threading.enumerate():
        if thread.name.startswith("sendgrid"):
            thread.join(5)
    assert watcher.left == left
    assert {number for ids in api.told for number in ids} <= set(left)


@pytest.mark.parametrize("encrypted", [False, True])
def test_an_interruption_does_not_wait_for_answers(
    server_context: ssl.SSLContext,
    trusting: ssl.SSLContext,
    connect: Connect,
    make_message: MakeMessage,
    encrypted: bool,  # noqa: FBT001 - a case
) -> None:
    with ScriptedApi([Silence(), Silence()], context=server_context if encrypted else None) as api:
        watcher = RecordingWatcher()

        def feed() -> Iterator[Message]:
            yield make_message(1)
            yield make_message(2)
            while len(api.requests) < 2:
                time.sleep(0.005)
            raise KeyboardInterrupt

        transport = connect(api.url, trusting, connections=3, timeout=timedelta(seconds=60))
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            transport.hand_over(feed(), watcher)
        for thread in threading.enumerate():
            if thread.name.startswith("sendgrid"):
                thread.join(10)
                assert not thread.is_alive()
        assert time.monotonic() - begun < 10
        assert (sorted(watcher.left), watcher.answers) == ([1, 2], [])
        assert outcomes(give(transport, [make_message(3)])) == [Accepted("202 taken-3")]


def test_what_was_dropped_is_not_tried_again(api: ScriptedApi) -> None:
    api.acts = [Say(), HangUpInTheBody()]
    connections = Connections(api.url, {}, 5, ssl.create_default_context())
    Call(connections).post("/", b"{}", lambda: None)
    dropped = Call(connections)
    dropped.drop()
    with pytest.raises(DroppedError):
        dropped.post("/", b"x" * 20_000_000, pytest.fail)
    assert api.connections == 1


def test_a_name_that_is_not_found_is_told_without_more_words() -> None:
    error = NameResolutionError("api.example", HTTPConnection("api.example"), socket.gaierror(-2, "Name not known"))
    assert reason_of(error) == "the server's name was not found"


def test_a_message_that_cannot_be_sent_is_refused_and_nothing_of_it_leaves(
    api: ScriptedApi, connect: Connect, make_message: MakeMessage
) -> None:
    messages = [make_message(1, subject="a\r\nBcc: eve@x.example"), make_message(2)]
    watcher = give(connect(api.url), messages)
    assert outcomes(watcher) == [
        Refused("Subject: a line break or a NUL must not stand in a header"),
        Accepted("202 taken-1"),
    ]
    assert watcher.left == [2]


def test_the_key_is_shown_nowhere(connect: Connect) -> None:
    transport = connect("http://127.0.0.1:1")
    assert KEY not in repr(transport)

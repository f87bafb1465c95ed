"""Sending over real HTTPS on loopback: to friendly receivers, and to hostile ones."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from app.hooks.https import HttpsOutlet
from app.hooks.outlet import Answer, NoAnswerError, Post
from tests.hooks.receiver import Receiver, answer, open_receiver


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with open_receiver(tmp_path) as receiver:
        yield receiver


def loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def outlet(receiver: Receiver, seconds: float = 5) -> HttpsOutlet:
    """One that may send to this machine, and finds every name there."""
    return HttpsOutlet(anywhere=True, trust=receiver.trust, resolve=loopback, seconds=seconds)


def send(receiver: Receiver, seconds: float = 5) -> Answer:
    return outlet(receiver, seconds).post(Post(receiver.url(), {"webhook-id": "msg_1"}, b"{}"))


def test_a_message_arrives_as_it_was_given(receiver: Receiver) -> None:
    assert send(receiver) == Answer(204)
    [came] = receiver.came
    assert (came.path, came.body) == ("/hook?key=1", b"{}")
    assert came.headers["webhook-id"] == "msg_1"
    assert came.headers["host"] == f"crm.example.org:{receiver.port}"


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.behave = answer(307, ("Location", receiver.url("/elsewhere")))
    assert send(receiver).status == 307
    assert [came.path for came in receiver.came] == ["/hook?key=1"]


@pytest.mark.parametrize(
    ("said", "wait"),
    [("120", timedelta(minutes=2)), ("999999", timedelta(hours=24)), ("soon", None), ("-5", None), ("9" * 80, None)],
)
def test_a_receiver_may_ask_for_a_wait_but_not_for_ever(receiver: Receiver, said: str, wait: timedelta | None) -> None:
    receiver.behave = answer(429, ("Retry-After", said))
    assert send(receiver) == Answer(429, wait)


def test_a_certificate_that_nobody_signed_is_refused(receiver: Receiver) -> None:
    stranger = HttpsOutlet(anywhere=True, resolve=loopback)
    with pytest.raises(NoAnswerError, match="certificate"):
        stranger.post(Post(receiver.url(), {}, b"{}"))
    assert receiver.came == []


def test_a_certificate_of_another_name_is_refused(receiver: Receiver) -> None:
    with pytest.raises(NoAnswerError, match="certificate"):
        outlet(receiver).post(Post(receiver.url(name="other.example.org"), {}, b"{}"))
    assert receiver.came == []


def test_a_name_that_leads_into_a_private_network_is_not_connected_to(receiver: Receiver) -> None:
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    public_only = HttpsOutlet(trust=receiver.trust, resolve=resolve)
    with pytest.raises(NoAnswerError, match="private network"):
        public_only.post(Post(receiver.url(), {}, b"{}"))
    assert asked == [("crm.example.org", receiver.port)]
    assert receiver.came == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(receiver: Receiver) -> None:
    mixed = HttpsOutlet(trust=receiver.trust, resolve=lambda _host, _port: ["8.8.8.8", "127.0.0.1"])
    with pytest.raises(NoAnswerError, match="private network"):
        mixed.post(Post(receiver.url(), {}, b"{}"))


def test_a_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_later(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    once = HttpsOutlet(anywhere=True, trust=receiver.trust, resolve=lambda _host, _port: next(answers))
    assert once.post(Post(receiver.url(), {}, b"{}")).status == 204
    assert next(answers) == ["192.0.2.1"]


@pytest.mark.parametrize("url", ["http://crm.example.org/", "https://127.0.0.1/", "https://localhost/"])
def test_what_must_not_be_used_is_not_even_looked_up(url: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host}:{port} was looked up")

    with pytest.raises(NoAnswerError, match="must not be used"):
        HttpsOutlet(resolve=resolve).post(Post(url, {}, b"{}"))


def test_a_name_that_leads_nowhere_is_no_answer() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(NoAnswerError, match="leads nowhere"):
        HttpsOutlet(resolve=resolve).post(Post("https://crm.example.org/", {}, b"{}"))


def test_nobody_there_is_no_answer(receiver: Receiver) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(NoAnswerError, match="no answer"):
        outlet(receiver).post(Post(f"https://crm.example.org:{port}/", {}, b"{}"))


def test_a_huge_answer_is_not_read(receiver: Receiver) -> None:
    written = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(4000):
            handler.wfile.write(b"x" * 64 * 1024)
            written.append(1)

    receiver.behave = flood
    assert send(receiver).status == 200
    assert len(written) < 4000


def test_a_huge_head_is_no_answer(receiver: Receiver) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for number in range(5000):
            handler.send_header(f"X-{number}", "x" * 1000)
        handler.end_headers()

    receiver.behave = flood
    with pytest.raises(NoAnswerError):
        send(receiver)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A head that comes byte by byte, and never ends."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def silence(_handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


@pytest.mark.parametrize("behave", [drip, silence])
def test_a_slow_receiver_is_left_after_so_many_seconds_in_all(receiver: Receiver, behave: object) -> None:
    receiver.behave = behave  # type: ignore[assignment]
    begun = time.monotonic()
    with pytest.raises(NoAnswerError, match="in time"):
        send(receiver, seconds=0.5)
    assert time.monotonic() - begun < 1.4


def test_who_takes_the_connection_and_says_nothing_is_left_too(receiver: Receiver) -> None:
    """Not even the handshake of TLS may last."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(NoAnswerError, match="in time"):
            outlet(receiver, 0.5).post(Post(f"https://crm.example.org:{port}/", {}, b"{}"))
        assert time.monotonic() - begun < 1.4


def test_what_is_no_http_is_no_answer(receiver: Receiver) -> None:
    receiver.behave = lambda handler: handler.wfile.write(b"220 smtp.example.org ESMTP\r\n") and None
    with pytest.raises(NoAnswerError, match="no answer"):
        send(receiver)


def test_nothing_is_left_running(receiver: Receiver) -> None:
    send(receiver)
    deadline = time.monotonic() + 2
    while any(isinstance(thread, threading.Timer) for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)

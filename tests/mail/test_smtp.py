"""The SMTP adapter and a real SMTP server: what arrives, over which connection, and whom we trust."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from app.config import SmtpSecurity, SmtpSettings
from app.mail.message import to_mime
from app.mail.smtp import SmtpTransport
from app.mail.transport import Accepted, Deferred, Outcome, Refused
from tests.mail.conftest import Certificate, MakeMessage
from tests.support.services import SmtpServer, _AnyPortController
from tests.support.watching import hand_over

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
"""aiosmtpd does not see that a server with TLS from the first byte needs no STARTTLS."""

EHLO_NAME = "letters.solidarity-post.example"
Connect: TypeAlias = Callable[..., SmtpTransport]


@pytest.fixture
def connect(now: datetime) -> Connect:
    """Make a transport to the server at a port of loopback; its settings may be changed."""

    def connect(port: int, context: ssl.SSLContext | None = None, **changes: Any) -> SmtpTransport:
        settings = SmtpSettings(
            host="127.0.0.1",
            port=port,
            security=SmtpSecurity.NONE,
            username=None,
            password=None,
            timeout=timedelta(seconds=5),
            data_timeout=timedelta(seconds=5),
            sessions=1,
        )
        trust = {} if context is None else {"context": context}
        return SmtpTransport(replace(settings, **changes), lambda: now, EHLO_NAME, **trust)

    return connect


@pytest.fixture
def trusting(certificate: Certificate) -> ssl.SSLContext:
    """Trusts the test's own certificate, and checks the server's name."""
    return ssl.create_default_context(cafile=str(certificate.certificate))


def test_smtp_reaches_people(connect: Connect) -> None:
    assert connect(25).reaches_people is True


def test_a_letter_arrives_as_it_was_written(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage, now: datetime
) -> None:
    message = make_message(html="<p>Please act.</p>")
    told = hand_over(connect(smtp_server.port), [message])
    assert told == [(message, Accepted("250 2.0.0 Accepted"))]
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients) == ("letters@solidarity-post.example", ["bob.sample@zedmere.example"])
    assert mail.raw == to_mime(message, now)


@pytest.mark.parametrize(
    "text",
    [
        ".\n..\n...\n.x\n\n.\n",
        "x" * 5000,
        "é" * 5000,
        "سلام\n" * 2000,
        "\x01\x7f\xa0 \t \n",
        "--=_alternative--\n.\n",
        "a" * 200_000 + "\n.\n" * 1000,
    ],
)
def test_any_text_arrives_byte_for_byte(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage, text: str
) -> None:
    hand_over(connect(smtp_server.port), [make_message(text=text, html=f"<pre>{text}</pre>")])
    (mail,) = smtp_server.mails
    parts = [part.get_payload(decode=True) for part in mail.message.iter_parts()]
    wire = text.replace("\n", "\r\n").encode()
    assert parts == [wire if text.endswith("\n") else wire + b"\r\n", b"<pre>" + wire + b"</pre>\r\n"]


def test_content_that_begins_lines_with_dots_is_stuffed_and_unstuffed(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage, now: datetime
) -> None:
    message = make_message(text=".a\n..b\n.\nc\n")
    assert to_mime(message, now).count(b"\r\n.") >= 2, "the encoding leaves some dots for SMTP to double"
    hand_over(connect(smtp_server.port), [message])
    assert smtp_server.mails[0].raw == to_mime(message, now)


def test_a_refusal_and_a_deferral_touch_their_own_message_only(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage
) -> None:
    smtp_server.answers = {"gone@zedmere.example": "550 5.1.1 No", "full@zedmere.example": "450 4.2.1 Busy"}
    names = ("alice", "gone", "bob", "full", "charlie")
    messages = [make_message(number, to_address=f"{name}@zedmere.example") for number, name in enumerate(names)]
    told = [outcome for _, outcome in hand_over(connect(smtp_server.port), messages)]
    yes = Accepted("250 2.0.0 Accepted")
    assert told == [yes, Refused("550 5.1.1 No"), yes, Deferred("450 4.2.1 Busy"), yes]
    assert [mail.recipients[0].partition("@")[0] for mail in smtp_server.mails] == ["alice", "bob", "charlie"]


def test_an_international_domain_is_written_in_ascii(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage
) -> None:
    hand_over(connect(smtp_server.port), [make_message(to_address="bob@bücher.example")])
    assert smtp_server.mails[0].recipients == ["bob@xn--bcher-kva.example"]


def test_a_message_over_the_servers_size_is_refused_before_it_travels(
    connect: Connect, make_message: MakeMessage
) -> None:
    with running(data_size_limit=1000) as server:
        told = hand_over(connect(server.port), [make_message(1, text="x" * 2000), make_message(2)])
        kinds = [type(outcome) for _, outcome in told]
    assert kinds == [Refused, Accepted]


class KnowsWhoCame(SmtpServer):
    """Notes for each mail who logged in and how the client named itself."""

    def __init__(self) -> None:
        super().__init__()
        self.visitors: list[tuple[object, str | None]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.visitors.append((session.auth_data, session.host_name))
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def running(**options: Any) -> Iterator[KnowsWhoCame]:
    """A real SMTP server with aiosmtpd's `options`."""
    server = KnowsWhoCame()
    controller = _AnyPortController(server, hostname=server.host, port=0, decode_data=False, **options)
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture
def server_context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


@pytest.fixture(params=[SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
def security(request: pytest.FixtureRequest) -> SmtpSecurity:
    return SmtpSecurity(request.param)


@pytest.fixture
def encrypted(security: SmtpSecurity, server_context: ssl.SSLContext) -> Iterator[KnowsWhoCame]:
    """A server that takes mail over TLS only, either kind, and only from Alice with her password."""

    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        known = given == LoginPassword(b"alice", b"her password")
        return AuthResult(success=known, handled=False, auth_data="alice" if known else None)

    login = {"authenticator": authenticate, "auth_required": True}
    if security is SmtpSecurity.TLS:
        options = {"ssl_context": server_context, "auth_require_tls": False, **login}
    else:
        options = {"tls_context": server_context, "require_starttls": True, **login}
    with running(**options) as server:
        yield server


@pytest.fixture
def connect_encrypted(
    connect: Connect, encrypted: KnowsWhoCame, security: SmtpSecurity, trusting: ssl.SSLContext
) -> Connect:
    """Make a transport that trusts the encrypted server and logs in as Alice; its settings may be changed."""
    usual = {"context": trusting, "security": security, "username": "alice", "password": "her password"}
    return lambda **changes: connect(encrypted.port, **(usual | changes))


def only_outcome(transport: SmtpTransport, make_message: MakeMessage) -> Outcome:
    """The outcome that two messages have in common."""
    first, second = (outcome for _, outcome in hand_over(transport, [make_message(1), make_message(2)]))
    assert first == second
    return first


def test_a_server_that_insists_on_tls_and_a_login_takes_the_mail(
    encrypted: KnowsWhoCame, connect_encrypted: Connect, make_message: MakeMessage
) -> None:
    assert only_outcome(connect_encrypted(), make_message) == Accepted("250 2.0.0 Accepted")
    assert encrypted.visitors == 2 * [("alice", EHLO_NAME)]


def test_a_certificate_that_nobody_signed_is_not_trusted_by_default(
    encrypted: KnowsWhoCame, connect_encrypted: Connect, make_message: MakeMessage
) -> None:
    outcome = only_outcome(connect_encrypted(context=None), make_message)
    assert outcome == Deferred(
        "not connected: the server's certificate is not trusted: self-signed certificate", ours=True
    )
    assert encrypted.mails == []


def test_a_certificate_for_another_host_is_not_trusted(
    encrypted: KnowsWhoCame, connect_encrypted: Connect, make_message: MakeMessage
) -> None:
    outcome = only_outcome(connect_encrypted(host="localhost"), make_message)
    assert isinstance(outcome, Deferred)
    assert "certificate is not valid for 'localhost'" in outcome.note
    assert encrypted.mails == []


@pytest.mark.parametrize("password", ["wrong", "", None, "pässword"])
def test_a_wrong_password_defers_everything_and_is_not_repeated(
    encrypted: KnowsWhoCame, connect_encrypted: Connect, make_message: MakeMessage, password: str | None
) -> None:
    outcome = only_outcome(connect_encrypted(password=password), make_message)
    assert isinstance(outcome, Deferred)
    assert outcome.note.startswith("not connected: ")
    assert not password or password not in outcome.note
    assert encrypted.mails == []


def test_a_forgotten_login_defers_and_refuses_nothing(
    encrypted: KnowsWhoCame, connect_encrypted: Connect, make_message: MakeMessage
) -> None:
    outcome = only_outcome(connect_encrypted(username=None), make_message)
    assert isinstance(outcome, Deferred)
    assert outcome.note.startswith("530 ")
    assert encrypted.mails == []


def test_a_server_without_starttls_gets_nothing(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage
) -> None:
    outcome = only_outcome(connect(smtp_server.port, security=SmtpSecurity.STARTTLS), make_message)
    assert outcome == Deferred("not connected: STARTTLS extension not supported by server.", ours=True)
    assert smtp_server.mails == []


def test_a_server_without_tls_gets_nothing(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage
) -> None:
    outcome = only_outcome(connect(smtp_server.port, security=SmtpSecurity.TLS), make_message)
    assert isinstance(outcome, Deferred)
    assert smtp_server.mails == []


def test_the_server_is_told_the_name_that_was_configured(connect: Connect, make_message: MakeMessage) -> None:
    with running() as server:
        hand_over(connect(server.port), [make_message()])
    assert [name for _, name in server.visitors] == [EHLO_NAME]


def test_several_connections_carry_a_batch_and_every_mail_arrives_once(
    connect: Connect, make_message: MakeMessage
) -> None:
    with running() as server:
        told = hand_over(connect(server.port, sessions=4), [make_message(number) for number in range(50)])
    assert {type(outcome) for _, outcome in told} == {Accepted}
    assert sorted(message.id for message, _ in told) == list(range(50))
    assert len({mail.message["Message-ID"] for mail in server.mails}) == len(server.mails) == 50


def test_the_envelope_names_where_bounces_go(
    smtp_server: SmtpServer, connect: Connect, make_message: MakeMessage
) -> None:
    hand_over(connect(smtp_server.port), [make_message(bounce_address="letters+7.00ff@solidarity-post.example")])
    (mail,) = smtp_server.mails
    assert mail.sender == "letters+7.00ff@solidarity-post.example"
    assert "letters@solidarity-post.example" in mail.message["From"]

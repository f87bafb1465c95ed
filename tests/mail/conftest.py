"""What the tests of the mail room share: a message to send, and a certificate that nobody trusts."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.config import SmtpSecurity, SmtpSettings
from app.mail.message import Message
from app.mail.smtp import SmtpTransport
from app.mail.transport import Outcome
from tests.mail.scripted_server import ScriptedServer
from tests.support.watching import hand_over

MakeMessage = Callable[..., Message]
Send: TypeAlias = Callable[..., list[Outcome]]


@pytest.fixture
def make_message() -> MakeMessage:
    """Make Alice's letter to Cllr Bob Sample; any part of it may be replaced."""

    def make(number: int = 1, **changes: Any) -> Message:
        own: dict[str, Any] = {
            "id": number,
            "message_id": f"<{number}.letter@solidarity-post.example>",
            "from_address": "letters@solidarity-post.example",
            "from_name": "Alice Adams",
            "to_address": "bob.sample@zedmere.example",
            "to_name": "Cllr Bob Sample",
            "reply_to": "alice@supporter.example",
            "reply_to_name": "Alice Adams",
            "subject": "Please oppose immigration reporting",
            "text": "Dear Cllr Sample,\n\nPlease act.\n",
        }
        return Message(**own | changes)

    return make


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def transport(scripted_server: ScriptedServer) -> SmtpTransport:
    """A transport to the scripted server that a busy machine does not make impatient."""
    settings = SmtpSettings(
        host="127.0.0.1",
        port=scripted_server.port,
        security=SmtpSecurity.NONE,
        username=None,
        password=None,
        timeout=timedelta(seconds=5),
        data_timeout=timedelta(seconds=5),
        sessions=1,
    )
    return SmtpTransport(settings, lambda: datetime(2026, 11, 24, 9, 30, tzinfo=UTC), "letters.solidarity-post.example")


def make_impatient(transport: SmtpTransport) -> None:
    """For a server that is silent on purpose: wait for no more than half a second."""
    half = timedelta(seconds=0.5)
    transport.settings = replace(transport.settings, timeout=half, data_timeout=half)


@pytest.fixture
def send(scripted_server: ScriptedServer, transport: SmtpTransport, make_message: MakeMessage) -> Send:
    """Hand over messages, or usual ones with the numbers given; returns their outcomes, which came in order."""

    def send(*wanted: Message | int) -> list[Outcome]:
        if scripted_server.silent:
            make_impatient(transport)
        messages = [make_message(one) if isinstance(one, int) else one for one in wanted]
        told = hand_over(transport, messages)
        assert [message for message, _ in told] == messages
        return [outcome for _, outcome in told]

    return send


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for 127.0.0.1 (not for `localhost`), and its key, as PEM files."""

    certificate: Path
    key: Path


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "zedmere.example")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made

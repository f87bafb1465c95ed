"""What the composition root makes of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.bootstrap import Platform, build_platform
from app.config import Config
from app.mail.sending_domain import Sender

Build = Callable[..., Platform]
SMTP = {"MAIL_TRANSPORT": "smtp", "SMTP_HOST": "mail.example.org", "MAIL_FROM": "Letters@Zedmere.example"}
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def build(make_config: Callable[..., Config]) -> Iterator[Build]:
    built: list[Platform] = []

    def build(**settings: str) -> Platform:
        built.append(build_platform(make_config(**settings)))
        return built[-1]

    yield build
    for platform in built:
        platform.sessions.engine.dispose()


def test_mail_that_reaches_nobody_has_no_sender(build: Build) -> None:
    assert build().sender is None


def test_the_envelope_is_the_senders_unless_bounces_go_elsewhere(build: Build) -> None:
    assert build(**SMTP).sender == Sender("zedmere.example", "zedmere.example", None)
    elsewhere = build(**SMTP, BOUNCE_ADDRESS="b@Bounces.example").sender
    assert elsewhere == Sender("zedmere.example", "bounces.example", None)


def test_sendgrid_has_an_envelope_of_its_own(build: Build) -> None:
    sendgrid = {**SMTP, "MAIL_TRANSPORT": "sendgrid", "SENDGRID_API_KEY": "SG.key"}
    assert build(**sendgrid).sender == Sender("zedmere.example", None, None)


def test_what_receivers_check_is_the_public_key_of_ours(build: Build) -> None:
    sender = build(**SMTP, DKIM_PRIVATE_KEY=PEM, DKIM_SELECTOR="autumn").sender
    assert sender is not None
    assert sender.signature is not None
    assert (sender.signature.domain, sender.signature.selector) == ("zedmere.example", "autumn")
    assert sender.signature.key.public_numbers() == KEY.public_key().public_numbers()
    assert replace(sender, signature=None) == Sender("zedmere.example", "zedmere.example", None)

"""DKIM signatures, checked by dkimpy's verifier on what a real SMTP server received."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Parsed
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bootstrap import build_platform
from app.config import Config, ConfigError
from app.mail.dkim_signature import DkimKeyError, DkimSigner, load_private_key
from app.mail.message import Message, to_mime
from app.mail.smtp_replies import SmtpMail
from app.mail.transport import Accepted
from tests.mail.conftest import MakeMessage
from tests.support.services import SmtpServer
from tests.support.watching import hand_over

KEY = rsa.generate_private_key(65537, 2048)


def pem(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    form: PrivateFormat = PrivateFormat.PKCS8,
    lock: KeySerializationEncryption | None = None,
) -> str:
    return key.private_bytes(Encoding.PEM, form, lock or NoEncryption()).decode()


def record(name: bytes, timeout: int = 5) -> bytes:
    """The DNS record, for the one name that has it."""
    assert timeout
    der = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    known = name == b"autumn._domainkey.solidarity-post.example."
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der) if known else b""


def holds(raw: bytes) -> bool:
    """Whether dkimpy finds the signature right."""
    return bool(dkim.verify(raw, dnsfunc=record, minkey=2048))


@pytest.fixture
def now() -> datetime:
    """Past by the clock of every machine: verifiers refuse a signature of the future."""
    return datetime(2020, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def signer(now: datetime) -> DkimSigner:
    return DkimSigner("solidarity-post.example", "autumn", KEY, lambda: now)


@pytest.fixture
def deliver(
    smtp_server: SmtpServer, make_config: Callable[..., Config], now: datetime
) -> Callable[[Message], tuple[Message, bytes]]:
    """Send a message as the platform is wired; gives what the server received."""
    platform = build_platform(
        make_config(
            MAIL_TRANSPORT="smtp",
            SMTP_HOST=smtp_server.host,
            SMTP_PORT=str(smtp_server.port),
            SMTP_SECURITY="none",
            DKIM_SELECTOR="autumn",
            DKIM_PRIVATE_KEY=pem(KEY),
        ),
        clock=lambda: now,
    )

    def deliver(message: Message) -> tuple[Message, bytes]:
        [(told, outcome)] = hand_over(platform.transport, [message])
        platform.sessions.engine.dispose()
        assert outcome == Accepted("250 2.0.0 Accepted")
        return told, smtp_server.mails[-1].raw

    return deliver


WAYS = {
    "plain": {},
    "HTML": {"html": "<p>Please act.</p>"},
    "Arabic": {
        "language": "ar",
        "subject": "أوقفوا الإبلاغ عن المهاجرين",
        "from_name": "أمينة خليل",
        "text": "سلام عليكم\n" * 50,
        "html": '<p dir="rtl">سلام عليكم</p>',
    },
    "naughty": {
        "subject": "  \t=?utf-8?q?x?= \u202e <b> ",
        "to_name": 'Bob "; drop\\ ',
        "text": ".\n..\n. \n \t \n\x01\x7f\xa0 \t \n\n\n",
        "html": "<pre>\n.\n</pre>\n\n\n",
    },
    "dots": {"text": ".a\n..b\n.\nc\n"},
    "folded": {"subject": "word " * 60, "from_name": "ä" * 200, "to_name": "long " * 30, "reply_to_name": "é " * 99},
    "a notice": {"reply_to": None, "headers": {"Auto-Submitted": "auto-generated"}},
    "empty": {"text": "", "subject": ""},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_server_received_is_signed(
    deliver: Callable[[Message], tuple[Message, bytes]], make_message: MakeMessage, now: datetime, way: str
) -> None:
    message, raw = deliver(make_message(**WAYS[way]))
    assert raw.endswith(to_mime(message, now)), "the signature stands in front and changes nothing"
    assert raw.isascii()
    assert max(map(len, raw[: -len(to_mime(message, now))].split(b"\r\n"))) <= 78
    assert holds(raw)


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=200)
LETTERS = st.builds(
    Message,
    id=st.just(1),
    message_id=st.just("<1.letter@solidarity-post.example>"),
    from_address=st.just("letters@solidarity-post.example"),
    from_name=WORDS,
    to_address=st.just("bob.sample@zedmere.example"),
    to_name=WORDS,
    subject=WORDS,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=500),
    html=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
)


@settings(max_examples=60, deadline=None)
@given(LETTERS)
def test_any_letter_is_signed(message: Message) -> None:
    at = datetime(2020, 11, 24, 9, 30, tzinfo=UTC)
    signer = DkimSigner("solidarity-post.example", "autumn", KEY, lambda: at)
    assert holds(signer.sign(to_mime(message, at)))


def tags(raw: bytes) -> dict[str, str]:
    parsed: Parsed = message_from_bytes(raw)
    pairs = "".join(parsed["DKIM-Signature"].split()).split(";")
    return dict(pair.split("=", 1) for pair in pairs)


def test_the_signature_says_whose_it_is_and_when_it_was_made(
    signer: DkimSigner, make_message: MakeMessage, now: datetime
) -> None:
    told = tags(signer.sign(to_mime(make_message(), now)))
    assert (told["d"], told["s"], told["t"]) == ("solidarity-post.example", "autumn", str(int(now.timestamp())))
    assert (told["v"], told["a"], told["c"]) == ("1", "rsa-sha256", "relaxed/relaxed")
    assert "l" not in told


def test_what_a_reader_goes_by_is_signed_and_closed(
    signer: DkimSigner, make_message: MakeMessage, now: datetime
) -> None:
    notice = make_message(headers={"Auto-Submitted": "auto-generated", "X-Other": "1"}, reply_to=None)
    named = tags(signer.sign(to_mime(notice, now)))["h"].split(":")
    assert {name: named.count(name) for name in named} == {
        **dict.fromkeys(("from", "to", "subject", "date", "message-id", "mime-version", "content-type"), 2),
        "reply-to": 1,
        **dict.fromkeys(("content-transfer-encoding", "content-language", "auto-submitted"), 1),
    }


ADDED = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]


@pytest.mark.parametrize("name", ADDED)
@pytest.mark.parametrize("reply_to", [None, "alice@supporter.example"])
def test_a_field_that_is_added_breaks_the_signature(
    signer: DkimSigner, make_message: MakeMessage, now: datetime, name: str, reply_to: str | None
) -> None:
    raw = signer.sign(to_mime(make_message(reply_to=reply_to), now))
    assert holds(raw)
    added = f"{name}: mallory@elsewhere.example\r\n".encode()
    assert not holds(added + raw)
    assert not holds(raw.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1))


def test_what_relays_add_on_the_way_does_no_harm(signer: DkimSigner, make_message: MakeMessage, now: datetime) -> None:
    raw = signer.sign(to_mime(make_message(), now))
    assert holds(b"Received: from letters.example by mx.example;\r\n Tue, 24 Nov 2026 09:30:00 +0000\r\n" + raw)
    assert holds(raw.replace(b"Subject: Please oppose", b"SUBJECT:  Please\r\n\toppose") + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Please act.", b"Please rest."),
        (b"Subject: Please oppose", b"Subject: Please support"),
        (b"alice@supporter", b"mallory@supporter"),
        (b"Content-Language: en", b"Content-Language: ar"),
        (b"Date: ", b"Date: Mon, "),
    ],
)
def test_a_change_breaks_the_signature(
    signer: DkimSigner, make_message: MakeMessage, now: datetime, old: bytes, new: bytes
) -> None:
    raw = signer.sign(to_mime(make_message(), now))
    assert raw.count(old) == 1
    assert not holds(raw.replace(old, new))


def test_more_text_at_the_end_breaks_the_signature(
    signer: DkimSigner, make_message: MakeMessage, now: datetime
) -> None:
    assert not holds(signer.sign(to_mime(make_message(), now)) + b"P.S. And buy this.\r\n")


def test_the_size_that_is_declared_is_that_of_the_signed_mail(
    signer: DkimSigner, make_message: MakeMessage, now: datetime
) -> None:
    message = make_message(text=".a\n..b\n.\nc\n")
    mail = SmtpMail.of(message, now, signer.sign)
    assert mail.content.replace(b"\r\n..", b"\r\n.") == signer.sign(to_mime(message, now))
    assert len(mail.content) > mail.size == len(signer.sign(to_mime(message, now)))


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_of_either_form_of_pem_is_read(form: PrivateFormat) -> None:
    assert load_private_key(pem(KEY, form).strip()).private_numbers() == KEY.private_numbers()


PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
UNUSABLE = {
    "nonsense": ("nonsense", "is not a private key as PEM"),
    "cut short": (pem(KEY)[:300], "is not a private key as PEM"),
    "the public half": (PUBLIC, "is not a private key as PEM"),
    "locked": (pem(KEY, lock=BestAvailableEncryption(b"x")), "has a password"),
    "Ed25519": (pem(ed25519.Ed25519PrivateKey.generate()), "is not an RSA key"),
    "short": (pem(rsa.generate_private_key(65537, 1024)), "has 1024 bits, not 2048 to 4096"),  # noqa: S505 - to be refused
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_key_ends_the_start_with_one_sentence(make_config: Callable[..., Config], case: str) -> None:
    text, words = UNUSABLE[case]
    config = make_config(MAIL_TRANSPORT="smtp", SMTP_HOST="mail.example", DKIM_PRIVATE_KEY=text, DKIM_SELECTOR="a")
    with pytest.raises(ConfigError) as refused:
        build_platform(config)
    told = str(refused.value)
    assert told.startswith("Set DKIM_PRIVATE_KEY (or DKIM_PRIVATE_KEY_FILE) to an RSA key as PEM: what is there ")
    assert words in told
    assert told.count("\n") == 0
    assert "-----" not in told


def test_a_key_may_stand_in_a_file(make_config: Callable[..., Config], tmp_path: Path) -> None:
    file = tmp_path / "dkim.pem"
    file.write_text(pem(KEY), encoding="ascii")
    settings = {"MAIL_TRANSPORT": "smtp", "SMTP_HOST": "mail.example", "DKIM_SELECTOR": "a"}
    config = make_config(**settings, DKIM_PRIVATE_KEY_FILE=str(file))
    assert config.dkim is not None
    assert load_private_key(config.dkim.private_key).private_numbers() == KEY.private_numbers()
    assert "PRIVATE" not in repr(config)


def test_no_text_makes_the_reading_of_a_key_fail_otherwise() -> None:
    for text in ("", "\0", "é", "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----"):
        with pytest.raises(DkimKeyError):
            load_private_key(text)

"""SendGrid's events: proven to be theirs, and read one by one whatever is wrong with some."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from app.mail.reports import ReportKind
from app.mail.sendgrid_events import (
    FRESH,
    MOST_EVENTS,
    BadSignatureError,
    NotEventsError,
    PublicKeyError,
    load_public_key,
    read_events,
    verify,
)
from tests.support.signing import SigningKey

BODY = b'[{"event":"delivered"}]\r\n'
EVENT = {"event": "delivered", "timestamp": 1763976600, "delivery_id": "7", "email": "bob@zedmere.example"}


@pytest.fixture(scope="module")
def signer() -> SigningKey:
    return SigningKey()


def test_what_was_signed_lately_is_taken(signer: SigningKey, now: datetime) -> None:
    signature, timestamp = signer.sign(BODY, now)
    verify(signer.public, signature, timestamp, BODY, now + FRESH)


def test_the_last_line_end_belongs_to_what_was_signed(signer: SigningKey, now: datetime) -> None:
    signature, timestamp = signer.sign(BODY, now)
    with pytest.raises(BadSignatureError, match="wrong"):
        verify(signer.public, signature, timestamp, BODY.strip(), now)


@pytest.mark.parametrize("age", [FRESH + timedelta(seconds=1), -FRESH - timedelta(seconds=1)])
def test_what_was_signed_at_another_time_is_not_taken(signer: SigningKey, now: datetime, age: timedelta) -> None:
    signature, timestamp = signer.sign(BODY, now)
    with pytest.raises(BadSignatureError, match="another time"):
        verify(signer.public, signature, timestamp, BODY, now + age)


@pytest.mark.parametrize("signature", [None, "", "not base64!", base64.b64encode(b"short").decode(), "é"])
def test_a_signature_that_is_none_is_refused(signer: SigningKey, now: datetime, signature: str | None) -> None:
    with pytest.raises(BadSignatureError):
        verify(signer.public, signature, str(int(now.timestamp())), BODY, now)


@pytest.mark.parametrize("timestamp", ["", "soon", "9" * 40, "-1", "1e9"])
def test_a_signed_time_that_is_none_is_refused(signer: SigningKey, now: datetime, timestamp: str) -> None:
    signed = signer.private.sign(timestamp.encode() + BODY, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(BadSignatureError):
        verify(signer.public, base64.b64encode(signed).decode(), timestamp, BODY, now)


def test_another_key_is_not_believed(signer: SigningKey, now: datetime) -> None:
    signature, timestamp = SigningKey().sign(BODY, now)
    with pytest.raises(BadSignatureError, match="wrong"):
        verify(signer.public, signature, timestamp, BODY, now)


def test_a_key_on_another_curve_is_refused() -> None:
    with pytest.raises(PublicKeyError, match="P-256"):
        load_public_key(SigningKey(ec.generate_private_key(ec.SECP384R1())).setting)


@pytest.mark.parametrize("text", ["", "key", base64.b64encode(b"nonsense").decode()])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(PublicKeyError):
        load_public_key(text)


def read(*events: Any) -> list[Any]:
    return read_events(json.dumps(events).encode()).reports


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"event": "processed"}, ReportKind.PROCESSED),
        ({"event": "delivered"}, ReportKind.DELIVERED),
        ({"event": "deferred", "response": "451 4.7.1 Greylisted"}, ReportKind.DEFERRED),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, ReportKind.BLOCKED),
        ({"event": "bounce", "type": "blocked", "status": "5.1.1"}, ReportKind.BLOCKED),
        ({"event": "bounce", "type": "blocked", "status": "5.7.133"}, ReportKind.SOFT_BOUNCED),
        ({"event": "bounce", "type": "blocked", "reason": "550 5.7.1 RESOLVER.RST.X"}, ReportKind.SOFT_BOUNCED),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1"}, ReportKind.BOUNCED),
        ({"event": "bounce", "type": "bounce", "bounce_classification": "Invalid Address"}, ReportKind.BOUNCED),
        ({"event": "bounce", "type": "bounce", "reason": "550 5.1.10 Null MX"}, ReportKind.BOUNCED),
        ({"event": "bounce", "type": "bounce", "status": "5.2.2"}, ReportKind.SOFT_BOUNCED),
        ({"event": "bounce", "type": "bounce", "status": "5.0.0"}, ReportKind.SOFT_BOUNCED),
        ({"event": "bounce"}, ReportKind.SOFT_BOUNCED),
        ({"event": "bounce", "type": "bounce", "status": "5.2.122"}, ReportKind.SOFT_BOUNCED),
        ({"event": "bounce", "type": "bounce", "reason": "550 5.7.1 [195.1.1.20] refused"}, ReportKind.BLOCKED),
        ({"event": "bounce", "type": "bounce", "bounce_classification": "Reputation"}, ReportKind.BLOCKED),
        ({"event": "dropped", "reason": "Bounced Address"}, ReportKind.DROPPED),
        ({"event": "spamreport"}, ReportKind.COMPLAINED),
    ],
)
def test_each_event_has_its_word(event: dict[str, str], kind: ReportKind) -> None:
    [report] = read(EVENT | event)
    assert (report.kind, report.delivery_id, report.at) == (kind, 7, datetime.fromtimestamp(1763976600, UTC))


def test_what_says_nothing_of_a_delivery_is_counted_and_left() -> None:
    told = read_events(
        json.dumps([EVENT | {"event": kind} for kind in ("open", "click", "unsubscribe", "new")]).encode()
    )
    assert (told.reports, told.ignored, told.malformed) == ([], 4, 0)


@pytest.mark.parametrize(
    "broken",
    [None, 7, "delivered", [], {}, {"event": 7}, EVENT | {"timestamp": "now"}, EVENT | {"timestamp": 1e400}]
    + [EVENT | {"timestamp": value} for value in (None, True, -1, 0, 10**30, [])],
)
def test_one_broken_event_costs_no_other(broken: Any) -> None:
    told = read_events(json.dumps([EVENT, broken, EVENT | {"delivery_id": "8"}]).encode())
    assert [report.delivery_id for report in told.reports] == [7, 8]
    assert told.malformed == 1


@pytest.mark.parametrize("number", [None, "", "x", "-7", "0", 0, -7, True, 7.5, "9" * 30, 2**31, "٧", ["7"]])
def test_a_number_that_is_not_ours_leaves_the_event_without_one(number: Any) -> None:
    [report] = read(EVENT | {"delivery_id": number})
    assert (report.delivery_id, report.address) == (None, "bob@zedmere.example")


@pytest.mark.parametrize("address", ["bob\0@zedmere.example", "bob\ud800@zedmere.example", "b" * 300, 7])
def test_an_address_that_no_database_takes_is_none(address: Any) -> None:
    [report] = read(EVENT | {"email": address})
    assert (report.delivery_id, report.address) == (7, "")


def test_a_number_of_thousands_of_digits_costs_no_other_event() -> None:
    long = b'{"event":"delivered","timestamp":' + b"9" * 5000 + b"}"
    told = read_events(b"[" + json.dumps(EVENT).encode() + b"," + long + b"]")
    assert (len(told.reports), told.malformed) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[1", b"\xff", b"[" * 100_000, b'"[]"'])
def test_what_is_no_list_of_events_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotEventsError):
        read_events(body)


def test_a_list_that_is_too_long_is_not_read() -> None:
    assert read_events(json.dumps([{}] * MOST_EVENTS).encode()).malformed == MOST_EVENTS
    with pytest.raises(NotEventsError):
        read_events(json.dumps([{}] * (MOST_EVENTS + 1)).encode())


def test_an_event_told_again_is_the_same_whatever_its_own_id_says() -> None:
    first, again, other = read(
        EVENT | {"sg_event_id": "a"}, EVENT | {"sg_event_id": "b"}, EVENT | {"timestamp": 1763976601}
    )
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_no_address_is_in_what_was_said() -> None:
    [report] = read(EVENT | {"event": "deferred", "response": "450 bob and bob@zedmere.example and <x@y.example> busy"})
    assert "bob" not in report.said
    assert "@" not in report.said
    assert "bob" not in repr(report)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_json_comes_it_is_read_or_refused(value: Any) -> None:
    told = read_events(json.dumps([value, EVENT | {"email": value, "status": value, "type": value}]).encode())
    assert len(told.reports) + told.ignored + told.malformed == 2

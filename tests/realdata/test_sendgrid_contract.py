"""SendGrid's own vector of a signature, and its own examples of events, as it published them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.mail.reports import ReportKind
from app.mail.sendgrid_events import BadSignatureError, load_public_key, read_events, verify

pytestmark = pytest.mark.realdata

LATER = timedelta(seconds=10)
EXAMPLES_AT = datetime.fromtimestamp(1513299569, UTC)


@pytest.fixture
def vector(real_data: Path) -> dict[str, str]:
    """Base64 key and signature, timestamp and payload, with what is wrong under the names in `bad_…`."""
    parts: dict[str, str] = json.loads((real_data / "sendgrid" / "eventwebhook_signature_vector.json").read_bytes())
    return parts


@pytest.fixture
def examples(real_data: Path) -> bytes:
    return (real_data / "sendgrid" / "event_webhook_examples.json").read_bytes()


def check(vector: dict[str, str], **changes: str) -> None:
    """Verify the vector with something changed, shortly after it was signed."""
    told = vector | changes
    now = datetime.fromtimestamp(int(vector["timestamp"]), UTC) + LATER
    verify(load_public_key(told["public_key"]), told["signature"], told["timestamp"], told["payload"].encode(), now)


def test_the_published_signature_is_believed_and_its_event_is_read(vector: dict[str, str]) -> None:
    check(vector)
    [report] = read_events(vector["payload"].encode()).reports
    assert (report.kind, report.delivery_id, report.said) == (ReportKind.DROPPED, None, "Bounced Address")


@pytest.mark.parametrize(
    ("name", "bad"),
    [("public_key", "bad_key"), ("signature", "bad_signature"), ("timestamp", "bad_timestamp")],
)
def test_the_published_bad_parts_are_not_believed(vector: dict[str, str], name: str, bad: str) -> None:
    with pytest.raises(BadSignatureError, match="wrong"):
        check(vector, **{name: vector[bad]})


def test_the_published_payload_is_believed_only_as_it_was_sent(vector: dict[str, str]) -> None:
    with pytest.raises(BadSignatureError, match="wrong"):
        check(vector, payload="payload")
    with pytest.raises(BadSignatureError, match="wrong"):
        check(vector, payload=vector["payload"].strip())


def test_the_published_signature_is_stale_by_now(vector: dict[str, str], now: datetime) -> None:
    key, body = load_public_key(vector["public_key"]), vector["payload"].encode()
    with pytest.raises(BadSignatureError, match="another time"):
        verify(key, vector["signature"], vector["timestamp"], body, now)


def test_each_published_example_has_its_word(examples: bytes) -> None:
    told = read_events(examples)
    assert [report.kind for report in told.reports] == [
        ReportKind.PROCESSED,
        ReportKind.DEFERRED,
        ReportKind.DELIVERED,
        ReportKind.SOFT_BOUNCED,  # 5.0.0 says nothing of the address
        ReportKind.BLOCKED,
        ReportKind.DROPPED,
        ReportKind.COMPLAINED,
    ]
    assert (told.ignored, told.malformed) == (5, 0)  # opens, clicks and three of subscriptions


def test_each_published_example_keeps_its_time_and_whom_it_was_to(examples: bytes) -> None:
    for report in read_events(examples).reports:
        assert (report.at, report.delivery_id, report.address) == (EXAMPLES_AT, None, "example@test.com")
        assert "@" not in report.said


def test_published_examples_that_are_told_again_are_the_same(examples: bytes) -> None:
    events = json.loads(examples)
    again = json.dumps([event | {"sg_event_id": f"again-{number}"} for number, event in enumerate(events)]).encode()
    first, second = ([report.fingerprint for report in read_events(told).reports] for told in (examples, again))
    assert first == second
    assert len(set(first)) == len(first)

"""Bounces that come back by mail, in the forms in which servers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.bounces import read_bounce
from app.mail.reports import ReportKind
from app.mail.verp import bounce_address, read_bounce_address

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAILBOX = "letters@solidarity-post.example"


def mark(number: int) -> str:
    return f"{number * 7919:016x}"


BOUNCED_TO = bounce_address(MAILBOX, 7, mark)
DSN = """Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.zedmere.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: Tue, 24 Nov 2026 09:31:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

This is the mail system at host mx.zedmere.example.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.zedmere.example
Arrival-Date: Tue, 24 Nov 2026 09:30:00 +0000

Final-Recipient: rfc822; bob.sample@zedmere.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--=_b
Content-Type: {returned}

From: Alice Adams <letters@solidarity-post.example>
To: bob.sample@zedmere.example
Message-ID: <{message_id}@solidarity-post.example>
Subject: Please act

--=_b--
"""


def dsn(  # noqa: PLR0917 - the parts of a report
    to: str = BOUNCED_TO,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 <bob.sample@zedmere.example>: no such user",
    returned: str = "text/rfc822-headers",
    message_id: str = "9.0000000000000000",
) -> bytes:
    told = DSN.format(to=to, action=action, status=status, said=said, returned=returned, message_id=message_id)
    return told.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("action", "status", "said", "kind"),
    [
        ("failed", "5.1.1", "550 5.1.1 no such user", ReportKind.BOUNCED),
        ("failed", "5.0.0", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", ReportKind.BOUNCED),
        ("failed", "5.2.1", "550 mailbox disabled", ReportKind.BOUNCED),
        ("failed", "5.7.1", "550 5.7.1 Service unavailable, client host blocked", ReportKind.BLOCKED),
        ("failed", "5.7.606", "550 5.7.606 Access denied, banned sending IP", ReportKind.BLOCKED),
        ("failed", "5.2.2", "552 5.2.2 mailbox full", ReportKind.SOFT_BOUNCED),
        ("failed", "4.4.7", "delivery time expired", ReportKind.SOFT_BOUNCED),
        ("failed", "", "", ReportKind.SOFT_BOUNCED),
        ("Delayed", "4.4.1", "connection timed out", ReportKind.DEFERRED),
        ("delivered", "2.0.0", "250 OK", ReportKind.DELIVERED),
    ],
)
def test_each_status_has_its_word(action: str, status: str, said: str, kind: ReportKind) -> None:
    [report] = read_bounce(dsn(action=action, status=status, said=said), mark, NOW)
    assert (report.kind, report.delivery_id) == (kind, 7)
    assert report.at == datetime(2026, 11, 24, 9, 31, tzinfo=UTC)


def test_no_address_is_in_what_was_said() -> None:
    [report] = read_bounce(dsn(), mark, NOW)
    assert report.said == "5.1.1 smtp; 550 5.1.1 <address>: no such user"
    assert report.address == "bob.sample@zedmere.example"


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_without_a_bounce_address_the_message_id_that_comes_back_tells(returned: str) -> None:
    raw = dsn(to=MAILBOX, returned=returned, message_id=f"8.{mark(8)}")
    assert [report.delivery_id for report in read_bounce(raw, mark, NOW)] == [8]


def test_the_envelopes_recipient_tells_where_the_headers_do_not() -> None:
    assert read_bounce(dsn(to=MAILBOX), mark, NOW, recipient=BOUNCED_TO)[0].delivery_id == 7


@pytest.mark.parametrize(
    "forged", [f"letters+7.{mark(8)}@solidarity-post.example", "letters+7@solidarity-post.example"]
)
def test_a_mark_that_is_not_ours_proves_nothing(forged: str) -> None:
    [report] = read_bounce(dsn(to=forged), mark, NOW)
    assert (report.delivery_id, report.address) == (None, "bob.sample@zedmere.example")
    assert read_bounce_address(forged, mark) is None


def test_a_complaint_is_one() -> None:
    raw = (
        f"To: {BOUNCED_TO}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n\r\n--b--\r\n"
    ).encode()
    [report] = read_bounce(raw, mark, NOW)
    assert (report.kind, report.delivery_id, report.at) == (ReportKind.COMPLAINED, 7, NOW)


@pytest.mark.parametrize("subject", ["Automatic reply: Please act", "Re: Please act"])
def test_an_answer_is_no_bounce(subject: str) -> None:
    raw = f"To: {BOUNCED_TO}\r\nSubject: {subject}\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n".encode()
    assert read_bounce(raw, mark, NOW) == []


def test_a_time_that_has_not_come_is_now() -> None:
    early = NOW - timedelta(days=3)
    assert read_bounce(dsn(), mark, early)[0].at == early


@given(st.binary(max_size=500), st.integers(0, 1200))
def test_whatever_comes_it_is_read(noise: bytes, cut: int) -> None:
    raw = dsn()
    for mail in (noise, raw[:cut] + noise, raw[:cut] + noise + raw[cut:]):
        for report in read_bounce(mail, mark, NOW):
            assert report.at <= NOW

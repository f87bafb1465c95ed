"""Bounces that come back by mail, in the forms in which servers write them."""

from __future__ import annotations

import base64
import quopri
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.bounces import read_bounce
from app.mail.reports import ReportKind
from app.mail.verp import marked_address, read_marked_address

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAILBOX = "letters@solidarity-post.example"


def mark(number: int) -> str:
    return f"{number * 7919:016x}"


BOUNCED_TO = marked_address(MAILBOX, 7, mark(7))
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
        ("failed", "5.7.133", "550 5.7.133 sender not authenticated for group", ReportKind.SOFT_BOUNCED),
        ("failed", "5.0.0", "550 5.7.134 sender not authenticated for mailbox", ReportKind.SOFT_BOUNCED),
        ("failed", "5.7.1", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", ReportKind.SOFT_BOUNCED),
        ("failed", "5.7.13", "550 5.7.13 sender not authenticated for public folder", ReportKind.SOFT_BOUNCED),
        ("failed", "5.7.1330", "550 5.7.1330 no such code", ReportKind.SOFT_BOUNCED),
        ("failed", "5.7.23", "550 5.7.23 SPF violation", ReportKind.BLOCKED),
        ("failed", "5.2.2", "552 5.2.2 mailbox full", ReportKind.SOFT_BOUNCED),
        ("failed", "4.4.7", "delivery time expired", ReportKind.SOFT_BOUNCED),
        ("failed", "", "", ReportKind.SOFT_BOUNCED),
        ("", "5.1.1", "550 5.1.1 no such user", ReportKind.BOUNCED),
        ("failed", "5.2.122", "550 5.2.122 too many for this recipient", ReportKind.SOFT_BOUNCED),
        ("failed", "5.7.1", "550 5.7.1 client [195.1.1.20] refused", ReportKind.BLOCKED),
        ("failed", "4.4.1", "connect to 205.7.1.3: timed out", ReportKind.SOFT_BOUNCED),
        ("failed", "5.2.2", "552 5.2.2 full, says the spam filter", ReportKind.SOFT_BOUNCED),
        ("failed", "5.0.0", "554 host blocked using a blocklist", ReportKind.BLOCKED),
        ("relayed", "2.0.0", "250 OK", ReportKind.DELIVERED),
        ("expanded", "2.0.0", "250 OK", ReportKind.DELIVERED),
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


@pytest.mark.parametrize("broken", [b"bob\0", b"bob\x07", b"b" * 300])
def test_an_address_that_no_database_takes_is_none(broken: bytes) -> None:
    [report] = read_bounce(dsn().replace(b"rfc822; bob.sample", b"rfc822; " + broken), mark, NOW)
    assert (report.kind, report.delivery_id, report.address) == (ReportKind.BOUNCED, 7, "")


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
    assert (report.delivery_id, report.address) == (None, "")
    assert read_marked_address(forged, mark) is None


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


DATE = b"Date: Tue, 24 Nov 2026 09:31:00 +0000\r\n"
DATES = {"none": b"", "no date": b"Date: soon\r\n", "of the future": b"Date: Tue, 24 Nov 2099 09:31:00 +0000\r\n"}


@pytest.mark.parametrize("date", DATES)
def test_a_bounce_without_a_time_is_the_same_when_it_is_read_again(date: str) -> None:
    raw = dsn().replace(DATE, DATES[date])
    [first] = read_bounce(raw, mark, NOW)
    [again] = read_bounce(raw, mark, NOW + timedelta(days=1))
    assert (first.at, again.at) == (NOW, NOW + timedelta(days=1))
    assert first.fingerprint == again.fingerprint


def test_bounces_without_a_time_are_told_apart_by_their_mails() -> None:
    one, other = (dsn(to=MAILBOX).replace(DATE, f"X-Number: {number}\r\n".encode()) for number in (1, 2))
    assert read_bounce(one, mark, NOW)[0].fingerprint != read_bounce(other, mark, NOW)[0].fingerprint


def test_a_bounce_that_comes_twice_is_one_by_its_time_and_words() -> None:
    twice = [b"Received: by mx%d.example\r\n" % number + dsn() for number in (1, 2)]
    assert len({read_bounce(raw, mark, NOW)[0].fingerprint for raw in twice}) == 1


def test_feedback_that_is_no_complaint_is_none() -> None:
    raw = (
        f"To: {BOUNCED_TO}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: not-spam\r\nVersion: 1\r\n\r\n--b--\r\n"
    ).encode()
    assert read_bounce(raw, mark, NOW) == []


def coded(raw: bytes, kind: bytes, encoding: str) -> bytes:
    """The mail with the part of this type in another transfer encoding."""
    head, body = raw.split(b"Content-Type: " + kind + b"\r\n\r\n", 1)
    part, rest = body.split(b"\r\n--=_b", 1)
    data = base64.encodebytes(part) if encoding == "base64" else quopri.encodestring(part, quotetabs=True)
    fields = b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (kind, encoding.encode())
    return head + fields + data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n--=_b" + rest


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_coded_report_is_read_as_a_plain_one(encoding: str) -> None:
    raw = coded(dsn(), b"message/delivery-status", encoding)
    assert b"Final-Recipient: rfc822; bob" not in raw
    assert [replace(report, told="") for report in read_bounce(raw, mark, NOW)] == [
        replace(report, told="") for report in read_bounce(dsn(), mark, NOW)
    ]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
@pytest.mark.parametrize("kind", ["message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"])
def test_a_letter_that_comes_back_coded_proves_what_it_is_about(kind: str, encoding: str) -> None:
    raw = dsn(to=MAILBOX, returned=kind, message_id=f"8.{mark(8)}")
    assert [report.delivery_id for report in read_bounce(raw, mark, NOW)] == [8]
    assert [report.delivery_id for report in read_bounce(coded(raw, kind.encode(), encoding), mark, NOW)] == [8]


GLOBAL = """Reporting-MTA: dns; mx.zedmere.example
Localized-Diagnostic: de; nicht zustellbar an jörg@zedmere.example

Original-Recipient: utf-8; {address}
Final-Recipient: utf-8; {address}
Action: failed
Status: 5.6.7
Diagnostic-Code: smtp; 553 5.6.7 no mail for jörg, said jörg@zedmere.example

Final-Recipient: rfc822; charlie@zedmere.example
Action: delayed
Status: 4.4.1
"""


@pytest.mark.parametrize("address", ["jörg@zedmere.example", r"j\x{F6}rg@zedmere.example"])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_report_in_unicode_is_read(address: str, encoding: str) -> None:
    head, _, rest = dsn().partition(b"Content-Type: message/delivery-status\r\n\r\n")
    told = GLOBAL.format(address=address).replace("\n", "\r\n").encode()
    kind = b"message/global-delivery-status"
    raw = head + b"Content-Type: %b\r\n\r\n" % kind + told + rest[rest.index(b"\r\n--=_b") :]
    reports = read_bounce(raw if encoding == "8bit" else coded(raw, kind, encoding), mark, NOW)
    assert [(report.kind, report.delivery_id, report.address) for report in reports] == [
        (ReportKind.SOFT_BOUNCED, 7, "jörg@zedmere.example"),
        (ReportKind.DEFERRED, 7, "charlie@zedmere.example"),
    ]
    assert reports[0].said == "5.6.7 smtp; 553 5.6.7 no mail for <address>, said <address>"


@pytest.mark.parametrize("code", ["110000", "FFFFFF", "D800", "0", "00"])
def test_a_coded_character_that_is_none_makes_no_address(code: str) -> None:
    raw = dsn().replace(b"rfc822; bob", rf"utf-8; b\x{{{code}}}".encode())
    [report] = read_bounce(raw, mark, NOW)
    assert (report.delivery_id, report.address) in {(7, ""), (7, r"b\x{0}.sample@zedmere.example")}


def test_a_coded_complaint_is_one() -> None:
    fields = base64.encodebytes(b"Feedback-Type: abuse\r\nVersion: 1\r\n").decode()
    raw = (
        f"To: {BOUNCED_TO}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/feedback-report\r\nContent-Transfer-Encoding: BASE64\r\n\r\n"
        f"{fields}\r\n--b--\r\n"
    ).encode()
    [report] = read_bounce(raw, mark, NOW)
    assert (report.kind, report.delivery_id) == (ReportKind.COMPLAINED, 7)


def test_an_action_that_nobody_knows_says_nothing() -> None:
    assert read_bounce(dsn(action="pondered", status="5.1.1"), mark, NOW) == []


def test_a_name_may_stand_before_the_bounce_address() -> None:
    assert read_bounce(dsn(to=f'"Letters, returned" <{BOUNCED_TO}>'), mark, NOW)[0].delivery_id == 7


def test_the_return_path_of_what_comes_back_tells() -> None:
    raw = dsn(to=MAILBOX).replace(b"From: Alice", f"Return-Path: <{BOUNCED_TO}>\r\nFrom: Alice".encode())
    assert read_bounce(raw, mark, NOW)[0].delivery_id == 7


def test_a_report_that_somebody_forwards_is_not_their_servers() -> None:
    wrapped = (
        f"From: bob.sample@zedmere.example\r\nTo: {BOUNCED_TO}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n\r\nLook at this.\r\n'
        "--o\r\nContent-Type: message/rfc822\r\n\r\n"
    ).encode()
    assert read_bounce(wrapped + dsn(to=MAILBOX) + b"\r\n--o--\r\n", mark, NOW) == []


OWN_WORDS = """Return-Path: <>
From: {sender}
To: {to}
Subject: {subject}
Date: Tue, 24 Nov 2026 09:31:00 +0000

<bob.sample@zedmere.example>:
Sorry, I wasn't able to deliver this.
"""


@pytest.mark.parametrize(
    ("sender", "to", "subject", "kinds"),
    [
        ("MAILER-DAEMON@zedmere.example", BOUNCED_TO, "failure notice", [ReportKind.SOFT_BOUNCED]),
        (
            "Mailer-Daemon@zedmere.example",
            BOUNCED_TO,
            "Warning: message delayed 24 hours",
            [ReportKind.DEFERRED],
        ),
        ("MAILER-DAEMON@zedmere.example", MAILBOX, "failure notice", []),
        ("bob.sample@zedmere.example", BOUNCED_TO, "failure notice", []),
    ],
)
def test_a_servers_own_words_are_believed_with_proof_and_never_condemn(
    sender: str, to: str, subject: str, kinds: list[ReportKind]
) -> None:
    raw = OWN_WORDS.format(sender=sender, to=to, subject=subject).replace("\n", "\r\n").encode()
    reports = read_bounce(raw, mark, NOW)
    assert [report.kind for report in reports] == kinds
    assert {report.said for report in reports} <= {"returned without a report"}


DEEP = {
    "mails": b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    "parts": b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000)),
}


@pytest.mark.parametrize("deep", DEEP)
def test_parts_in_parts_in_parts_are_no_report(deep: str) -> None:
    assert read_bounce(DEEP[deep], mark, NOW) == []


LONG = {"groups": b"Action: failed\r\n\r\n" * 50_000, "blanks": b"\r\n" + b" " * 900_000, "lines": b" \r\n" * 300_000}


@pytest.mark.parametrize("long", LONG)
def test_a_report_that_never_ends_is_read_as_far_as_it_makes_sense(long: str) -> None:
    head, _, rest = dsn().partition(b"Reporting-MTA:")
    reports = read_bounce(head + LONG[long] + b"Reporting-MTA:" + rest, mark, NOW)
    assert 1 <= len(reports) <= 100


# What servers of several makes say of one recipient; the outer form of a report is the same for all (RFC 6522).
SERVERS = {
    "Postfix": (
        (
            "Final-Recipient: rfc822; bob.sample@zedmere.example\n"
            "Original-Recipient: rfc822;bob.sample@zedmere.example\n"
            "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.zedmere.example\n"
            "Diagnostic-Code: smtp; 550 5.1.1 <bob.sample@zedmere.example>: Recipient address\n"
            "    rejected: User unknown in virtual mailbox table\n"
        ),
        ReportKind.BOUNCED,
    ),
    "Exim": (
        (
            "Action: failed\nFinal-Recipient: rfc822;bob.sample@zedmere.example\nStatus: 5.0.0\n"
            "Remote-MTA: dns; mx.zedmere.example\nDiagnostic-Code: smtp; 550 Unrouteable address\n"
        ),
        ReportKind.SOFT_BOUNCED,
    ),
    "Exchange": (
        (
            "Final-Recipient: rfc822;bob.sample@zedmere.example\nAction: failed\nStatus: 5.1.10\n"
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\n"
            "X-Display-Name: Bob Sample\n"
        ),
        ReportKind.BOUNCED,
    ),
    "Office 365, for strangers closed": (
        (
            "Final-Recipient: rfc822;bob.sample@zedmere.example\nAction: failed\nStatus: 5.7.133\n"
            "Diagnostic-Code: smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup\n"
        ),
        ReportKind.SOFT_BOUNCED,
    ),
    "Gmail": (
        (
            "Final-Recipient: rfc822; bob.sample@zedmere.example\nAction: failed\nStatus: 5.2.2\n"
            "Remote-MTA: dns; mx.zedmere.example. (192.0.2.7, the server for the domain.)\n"
            "Diagnostic-Code: smtp; 552-5.2.2 The recipient's inbox is out of storage space.\n"
            " 552 5.2.2 bob.sample@zedmere.example\nLast-Attempt-Date: Tue, 24 Nov 2026 01:30:58 -0800 (PST)\n"
        ),
        ReportKind.SOFT_BOUNCED,
    ),
    "sendmail": (
        (
            "Final-Recipient: RFC822; bob.sample@zedmere.example\nAction: delayed\nStatus: 4.4.1\n"
            "Remote-MTA: DNS; mx.zedmere.example\nLast-Attempt-Date: Tue, 24 Nov 2026 09:30:00 GMT\n"
            "Will-Retry-Until: Sun, 29 Nov 2026 09:30:00 GMT\n"
        ),
        ReportKind.DEFERRED,
    ),
}


@pytest.mark.parametrize("server", SERVERS)
def test_servers_of_each_make_are_understood(server: str) -> None:
    fields, kind = SERVERS[server]
    head, _, rest = dsn().partition(b"Final-Recipient:")
    raw = head + fields.replace("\n", "\r\n").encode() + rest[rest.index(b"\r\n--=_b") :]
    [report] = read_bounce(raw, mark, NOW)
    assert (report.kind, report.delivery_id, report.address) == (kind, 7, "bob.sample@zedmere.example")
    assert "bob" not in report.said
    assert "@" not in report.said


WHOLE = {"plain": dsn(), "coded": coded(dsn(), b"message/delivery-status", "base64")}


@given(st.binary(max_size=500), st.integers(0, 1200), st.sampled_from(sorted(WHOLE)))
def test_whatever_comes_it_is_read(noise: bytes, cut: int, form: str) -> None:
    raw = WHOLE[form]
    for mail in (noise, raw[:cut] + noise, raw[:cut] + noise + raw[cut:]):
        for report in read_bounce(mail, mark, NOW):
            assert report.at <= NOW

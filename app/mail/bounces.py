"""Bounces as they come back by mail: delivery status notifications (RFC 3464), complaints (RFC 5965) and what servers
write in their own words, with the standard library's parser.

A report is attributed by the bounce address that it came to, or by what it gives back of the mail; both carry a mark
that only we can make. Anybody can write to the bounce address: a report without proof names no delivery and no
address, so that nothing is done on its word. What is no report (an answer, an absence note) says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parsedate_to_datetime

from app.mail.reports import Report, ReportKind, kind_of_failure, plain_address
from app.mail.transport import note_of
from app.mail.verp import Mark, read_bounce_address, read_message_id

LARGEST = 1024 * 1024
"""Bytes that are read of one mail; a report gives back a letter, not a library."""

_COME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_WORD = re.compile(r"[^\s,;<>()\"]+")
_ACTIONS = {
    "delayed": ReportKind.DEFERRED,
    "delivered": ReportKind.DELIVERED,
    "relayed": ReportKind.DELIVERED,  # to a server that will not report
    "expanded": ReportKind.DELIVERED,  # to the members of a list
}
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})
"""Feedback that is not the recipient's "this is unwanted" (RFC 6430, RFC 6591)."""

_DAEMON = re.compile(r"\b(?:mailer-daemon|postmaster)@", re.IGNORECASE)
_WARNING = re.compile(r"\b(?:warning|delay(?:ed)?)\b", re.IGNORECASE)


def read_bounce(raw: bytes, mark: Mark, now: datetime, *, recipient: str = "") -> list[Report]:
    """The reports in one mail; none where it is no report. Never raises, whatever the bytes are.

    Args:
        raw: the mail.
        mark: makes the mark of a delivery's number; see `app.mail.verp`.
        now: stands for the time of a report that gives none, or one of the future.
        recipient: the envelope's recipient, where the mail system tells it.
    """
    try:
        mail = message_from_bytes(raw[:LARGEST], policy=policy.compat32)
        return list(_reports(mail, _delivery_id(mail, mark, recipient), _time(mail, now)))
    except RecursionError:
        return []  # parts in parts in parts: no server writes that


def _reports(mail: Message, delivery_id: int | None, at: datetime) -> Iterator[Report]:
    if (status := next(_parts(mail, "message/delivery-status"), None)) is not None:
        for fields in _children(status):
            if (kind := _kind(fields)) is not None:
                yield _status_report(kind, fields, delivery_id, at)
    elif (feedback := next(_parts(mail, "message/feedback-report"), None)) is not None:
        if not any(_word(fields, "Feedback-Type") in _NO_COMPLAINTS for fields in _children(feedback)):
            yield Report(ReportKind.COMPLAINED, at, delivery_id, "", "reported as unwanted")
    elif delivery_id is not None and _from_a_server(mail):
        kind = ReportKind.DEFERRED if _WARNING.search(_text(mail, "Subject")) else ReportKind.SOFT_BOUNCED
        yield Report(kind, at, delivery_id, "", "returned without a report")


def _status_report(kind: ReportKind, fields: Message, delivery_id: int | None, at: datetime) -> Report:
    address = plain_address(_text(fields, "Final-Recipient").rpartition(";")[2].strip())
    said = note_of(_text(fields, "Status").strip(), _text(fields, "Diagnostic-Code"), recipient=address)
    return Report(kind, at, delivery_id, "" if delivery_id is None else address, said)


def _kind(fields: Message) -> ReportKind | None:
    """What one recipient's fields say; none where they are no recipient's, or of an action that nobody knows."""
    action, status = _word(fields, "Action"), _text(fields, "Status").strip()
    if action == "failed" or (not action and status.startswith(("4.", "5."))):
        return kind_of_failure(status, _text(fields, "Diagnostic-Code"))
    return _ACTIONS.get(action)


def _from_a_server(mail: Message) -> bool:
    """Whether a mail without a report is a server's own (qmail's, for one), and not somebody's absence note."""
    automatic = _word(mail, "Auto-Submitted").startswith("auto-replied") and not mail.get("X-Failed-Recipients")
    return bool(_DAEMON.search(_text(mail, "From"))) and not automatic


def _delivery_id(mail: Message, mark: Mark, recipient: str) -> int | None:
    """The delivery that the report is about, by whatever proves it first."""
    returned = list(_given_back(mail))
    addresses = [recipient, *(value for name in _COME_TO for value in _all(mail, name))]
    addresses += [value for part in returned for value in _all(part, "Return-Path")]
    for value in addresses:
        for word in _WORD.findall(value):
            if (number := read_bounce_address(word, mark)) is not None:
                return number
    for message_id in (value for part in returned for value in _all(part, "Message-ID")):
        if (number := read_message_id(message_id, mark)) is not None:
            return number
    return None


def _given_back(mail: Message) -> Iterator[Message]:
    """What the report gives back of the mail: all of it, or its headers as text."""
    for part in _parts(mail, "message/rfc822"):
        yield from _children(part)
    for part in _parts(mail, "text/rfc822-headers"):
        payload = part.get_payload(decode=True)
        yield message_from_bytes(payload if isinstance(payload, bytes) else b"", policy=policy.compat32)


def _parts(part: Message, kind: str) -> Iterator[Message]:
    """The parts of this kind that are the mail's own: a report inside of a mail that it carries is not."""
    if part.get_content_type() == kind:
        yield part
    elif part.get_content_maintype() == "multipart":
        for child in _children(part):
            yield from _parts(child, kind)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _all(part: Message, name: str) -> list[str]:
    return [str(value) for value in part.get_all(name, [])]


def _text(part: Message, name: str) -> str:
    return str(part.get(name, ""))


def _word(part: Message, name: str) -> str:
    return _text(part, name).strip().lower()


def _time(mail: Message, now: datetime) -> datetime:
    """When the report was written; a time that is none, or has not come, is now."""
    try:
        at = parsedate_to_datetime(_text(mail, "Date"))
    except (TypeError, ValueError, IndexError, OverflowError):
        return now
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(at, now)

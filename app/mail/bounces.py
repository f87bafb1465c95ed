"""Bounces as they come back by mail: delivery status notifications (RFC 3464) and complaints (RFC 5965), with the
standard library's parser.

A report is attributed by the bounce address that it came to, or by the Message-ID of what it gives back; both carry a
mark that only we can make. What is no report (an answer, an absence note) says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parsedate_to_datetime

from app.mail.reports import DEAD_ADDRESS, Report, ReportKind
from app.mail.transport import note_of
from app.mail.verp import Mark, read_bounce_address, read_message_id

LARGEST = 1024 * 1024
"""Bytes that are read of one mail; a report gives back a letter, not a library."""

BLOCKED = re.compile(r"5\.7\.\d+")
"""Status codes of policy and reputation: about the sender, not about the address."""

_COME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_ACTIONS = {"delayed": ReportKind.DEFERRED, "delivered": ReportKind.DELIVERED}


def read_bounce(raw: bytes, mark: Mark, now: datetime, *, recipient: str = "") -> list[Report]:
    """The reports in one mail; none where it is no report. Never raises, whatever the bytes are.

    Args:
        raw: the mail.
        mark: makes the mark of a delivery's number; see `app.mail.verp`.
        now: stands for the time of a report that gives none, or one of the future.
        recipient: the envelope's recipient, where the mail system tells it.
    """
    mail = message_from_bytes(raw[:LARGEST], policy=policy.compat32)
    status = next(_parts(mail, "message/delivery-status"), None)
    if status is not None:
        delivery_id = _delivery_id(mail, mark, recipient)
        fields = [part for part in _children(status) if part.get("Final-Recipient") or part.get("Action")]
        return [_status_report(part, delivery_id, _time(mail, now)) for part in fields]
    complaint = next(_parts(mail, "message/feedback-report"), None)
    if complaint is not None:
        delivery_id = _delivery_id(mail, mark, recipient)
        return [Report(ReportKind.COMPLAINED, _time(mail, now), delivery_id, "", "reported as unwanted")]
    return []


def _status_report(fields: Message, delivery_id: int | None, at: datetime) -> Report:
    status, said = _text(fields, "Status").strip(), _text(fields, "Diagnostic-Code")
    address = _text(fields, "Final-Recipient").rpartition(";")[2].strip()
    kind = _kind(_text(fields, "Action").strip().lower(), f"{status} {said}")
    return Report(kind, at, delivery_id, address, note_of(status, said, recipient=address))


def _kind(action: str, words: str) -> ReportKind:
    if action in _ACTIONS:
        return _ACTIONS[action]
    if DEAD_ADDRESS.search(words):
        return ReportKind.BOUNCED
    return ReportKind.BLOCKED if BLOCKED.search(words) else ReportKind.SOFT_BOUNCED


def _delivery_id(mail: Message, mark: Mark, recipient: str) -> int | None:
    """The delivery that the report is about, by whatever proves it first."""
    for address in [recipient, *(value for name in _COME_TO for value in _all(mail, name))]:
        if (number := read_bounce_address(address, mark)) is not None:
            return number
    for part in _given_back(mail):
        for message_id in _all(part, "Message-ID"):
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


def _parts(mail: Message, kind: str) -> Iterator[Message]:
    return (part for part in mail.walk() if part.get_content_type() == kind)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _all(part: Message, name: str) -> list[str]:
    return [str(value) for value in part.get_all(name, [])]


def _text(part: Message, name: str) -> str:
    return str(part.get(name, ""))


def _time(mail: Message, now: datetime) -> datetime:
    """When the report was written; a time that is none, or has not come, is now."""
    try:
        at = parsedate_to_datetime(_text(mail, "Date"))
    except (TypeError, ValueError, IndexError, OverflowError):
        return now
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(at, now)

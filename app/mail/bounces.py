"""Bounces as they come back by mail: delivery status notifications (RFC 3464, RFC 6533), complaints (RFC 5965) and
what servers write in their own words, with the standard library's parser.

A report is attributed by the bounce address that it came to, or by what it gives back of the mail; both carry a mark
that only we can make. Anybody can write to the bounce address: a report without proof names no delivery and no
address, so that nothing is done on its word. What is no report (an answer, an absence note) says nothing here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256

from app.mail.parts import COME_TO, FEEDBACK, RETURNED, STATUS, Part, children, content, every, parts, text, word
from app.mail.reports import Report, ReportKind, kind_of_failure, plain_address
from app.mail.transport import note_of
from app.mail.verp import Mark, find_marked_address, read_message_id

LARGEST = 1024 * 1024
"""Bytes that are read of one mail; a report gives back a letter, not a library."""
MOST_GROUPS = 100
"""Groups of fields that are read of one report: each of our mails has one recipient."""

_BLANK_LINES = re.compile(r"\r?\n(?:[ \t]*\r?\n)+")
_CODED_CHARACTER = re.compile(r"\\x\{([0-9A-F]{2,6})\}")
"""A character of an address as RFC 6533 writes it where only ASCII may stand."""

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
        now: stands for the time of a report that gives none, or one of the future. The fingerprints do not hang on it,
            so that a mail that is read again is no new one.
        recipient: the envelope's recipient, where the mail system tells it.
    """
    try:
        mail = message_from_bytes(raw[:LARGEST], Part)
        written = _written(mail)
        at = min(written or now, now)
        told = written.isoformat() if written else sha256(raw[:LARGEST]).hexdigest()
        return [replace(report, told=told) for report in _reports(mail, _delivery_id(mail, mark, recipient), at)]
    except RecursionError:
        return []  # parts in parts in parts: no server writes that


def _reports(mail: Part, delivery_id: int | None, at: datetime) -> Iterator[Report]:
    if (status := next(parts(mail, STATUS), None)) is not None:
        for fields in _fields(status):
            if (kind := _kind(fields)) is not None:
                yield _status_report(kind, fields, delivery_id, at)
    elif (feedback := next(parts(mail, FEEDBACK), None)) is not None:
        if not any(word(fields, "Feedback-Type") in _NO_COMPLAINTS for fields in _fields(feedback)):
            yield Report(ReportKind.COMPLAINED, at, delivery_id, "", "reported as unwanted")
    elif delivery_id is not None and _from_a_server(mail):
        kind = ReportKind.DEFERRED if _WARNING.search(text(mail, "Subject")) else ReportKind.SOFT_BOUNCED
        yield Report(kind, at, delivery_id, "", "returned without a report")


def _status_report(kind: ReportKind, fields: Message, delivery_id: int | None, at: datetime) -> Report:
    address = _address(text(fields, "Final-Recipient"))
    said = note_of(text(fields, "Status").strip(), text(fields, "Diagnostic-Code"), recipient=address)
    return Report(kind, at, delivery_id, "" if delivery_id is None else address, said)


def _kind(fields: Message) -> ReportKind | None:
    """What one recipient's fields say; none where they are no recipient's, or of an action that nobody knows."""
    action, status = word(fields, "Action"), text(fields, "Status").strip()
    if action == "failed" or (not action and status.startswith(("4.", "5."))):
        return kind_of_failure(status, text(fields, "Diagnostic-Code"))
    return _ACTIONS.get(action)


def _from_a_server(mail: Message) -> bool:
    """Whether a mail without a report is a server's own (qmail's, for one), and not somebody's absence note."""
    automatic = word(mail, "Auto-Submitted").startswith("auto-replied") and not mail.get("X-Failed-Recipients")
    return bool(_DAEMON.search(text(mail, "From"))) and not automatic


def _delivery_id(mail: Part, mark: Mark, recipient: str) -> int | None:
    """The delivery that the report is about, by whatever proves it first."""
    returned = list(_given_back(mail))
    addresses = [recipient, *(value for name in COME_TO for value in every(mail, name))]
    addresses += [value for part in returned for value in every(part, "Return-Path")]
    if (number := find_marked_address(addresses, mark)) is not None:
        return number
    for message_id in (value for part in returned for value in every(part, "Message-ID")):
        if (number := read_message_id(message_id, mark)) is not None:
            return number
    return None


def _given_back(mail: Part) -> Iterator[Message]:
    """What the report gives back of the mail: all of it, or its headers as text."""
    for part in parts(mail, RETURNED):
        if part.is_multipart():
            yield from children(part)
        else:
            yield message_from_bytes(content(part))


def _fields(part: Part) -> list[Message]:
    """The groups of fields in a part, with blank lines between them."""
    groups = _BLANK_LINES.split(content(part).decode(errors="replace").strip(), maxsplit=MOST_GROUPS)
    return [message_from_string(group) for group in groups[:MOST_GROUPS]]


def _address(recipient: str) -> str:
    """The address in a recipient's field, which names its type in front."""
    address = recipient.rpartition(";")[2].strip()
    return plain_address(_CODED_CHARACTER.sub(lambda code: chr(min(int(code[1], 16), sys.maxunicode)), address))


def _written(mail: Message) -> datetime | None:
    """When the report was written, as it says; none where it does not."""
    try:
        at = parsedate_to_datetime(text(mail, "Date"))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

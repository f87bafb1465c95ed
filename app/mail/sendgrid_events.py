"""SendGrid's Event Webhook: proof that a post is theirs, and what its events say.

Their form: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event. Each event is read on its own,
for events repeat, come late and out of order, lack what they should have (sendgrid/docs #5177), and one that is broken
must not cost the others.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.mail.reports import Report, ReportKind, closed_to_strangers, kind_of_failure, plain_address
from app.mail.transport import note_of

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

FRESH = timedelta(minutes=10)
"""How far a post's own time may be from ours. A signature does not age by itself: an old post could be repeated."""

MOST_EVENTS = 5_000
"""Events that one post may hold; SendGrid sends up to some thousands at once."""

LARGEST_ID = 2**31 - 1
"""The largest number that a delivery can have."""
MOST_DIGITS = 20
_FIRST, _LAST = 1_000_000_000, 4_000_000_000
"""Seconds since 1970 that can be an event's time: 2001 to 2096."""

_CLASSIFIED = {"Invalid Address": ReportKind.BOUNCED, "Reputation": ReportKind.BLOCKED}
"""SendGrid's bounce classifications that say more than a code: nobody is there, or the sender is turned away."""

_KINDS = {
    "processed": ReportKind.PROCESSED,
    "deferred": ReportKind.DEFERRED,
    "delivered": ReportKind.DELIVERED,
    "dropped": ReportKind.DROPPED,
    "spamreport": ReportKind.COMPLAINED,
}


class BadSignatureError(Exception):
    """The post is not proven to be SendGrid's, or not of now. The text says why."""


class NotEventsError(Exception):
    """The body is no list of events."""


class PublicKeyError(ValueError):
    """The key is not one that SendGrid gives: base64 of a P-256 public key in DER."""


@dataclass(frozen=True, slots=True)
class Events:
    """What one post holds."""

    reports: list[Report]
    ignored: int
    """Events of kinds that say nothing of a delivery."""
    malformed: int


def load_public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The key that SendGrid shows for a webhook.

    Raises:
        PublicKeyError: it is no such key.
    """
    try:
        key = load_der_public_key(base64.b64decode(text.strip(), validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise PublicKeyError("it is not a public key in base64") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PublicKeyError("it is not a key for ECDSA on P-256")
    return key


def verify(
    key: ec.EllipticCurvePublicKey, signature: str | None, timestamp: str | None, body: bytes, now: datetime
) -> None:
    """Check that SendGrid has signed this body lately.

    The signature covers the timestamp and the raw bytes, the last line end included (sendgrid-python #950).

    Raises:
        BadSignatureError: it has not.
    """
    if not signature or not timestamp:
        raise BadSignatureError("no signature")
    try:
        key.verify(base64.b64decode(signature, validate=True), timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        age = now - datetime.fromtimestamp(int(timestamp), UTC)
    except InvalidSignature:
        raise BadSignatureError("a wrong signature") from None
    except (ValueError, binascii.Error, OverflowError, OSError):
        raise BadSignatureError("a malformed signature or time") from None
    if abs(age) > FRESH:
        raise BadSignatureError("a signature of another time")


def read_events(body: bytes) -> Events:
    """The reports in one post.

    Raises:
        NotEventsError: the body is not JSON, not a list, or a longer one than `MOST_EVENTS`.
    """
    try:
        told = json.loads(body, parse_int=_whole)
    except (ValueError, RecursionError):
        raise NotEventsError("it is not JSON") from None
    if not isinstance(told, list) or len(told) > MOST_EVENTS:
        raise NotEventsError("it is not a list of events, or too long")
    reports: list[Report] = []
    ignored = malformed = 0
    for event in told:
        try:
            report = _report(event)
        except (TypeError, ValueError):
            malformed += 1
            continue
        ignored += report is None
        reports += [] if report is None else [report]
    return Events(reports, ignored, malformed)


def _report(event: Any) -> Report | None:
    """One event's report, or none for a kind that says nothing of a delivery.

    Raises:
        ValueError: something in it is not what it should be.
    """
    if not isinstance(event, Mapping) or not isinstance(event.get("event"), str):
        raise ValueError("not an event")  # noqa: TRY004 - one way for whatever is wrong
    kind = _bounce_kind(event) if event["event"] == "bounce" else _KINDS.get(event["event"])
    if kind is None:
        return None
    address = plain_address(_word(event.get("email")))
    said = note_of(*(_word(event.get(name)) for name in ("status", "response", "reason")), recipient=address)
    return Report(kind, _time(event.get("timestamp")), _delivery_id(event.get("delivery_id")), address, said)


def _bounce_kind(event: Mapping[str, Any]) -> ReportKind:
    """An IP block comes as a "bounce" of type `blocked`, which says nothing of the address; so does a closed one."""
    status, reason = _word(event.get("status")), _word(event.get("reason"))
    if event.get("type") == "blocked":
        return ReportKind.SOFT_BOUNCED if closed_to_strangers(status, reason) else ReportKind.BLOCKED
    classified = _CLASSIFIED.get(_word(event.get("bounce_classification")))
    return classified or kind_of_failure(status, reason)


def _time(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not _FIRST < value < _LAST:
        raise ValueError("not a time")
    return datetime.fromtimestamp(value, UTC)


def _whole(digits: str) -> int | None:
    """A number, or none where Python would refuse the whole post for the length of one."""
    return int(digits) if len(digits) <= MOST_DIGITS else None


def _delivery_id(value: Any) -> int | None:
    """Our own number: a custom arg comes back as it was given, as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(LARGEST_ID)):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""

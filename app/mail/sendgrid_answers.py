"""What SendGrid says, and what it means for the messages of the request that it was said of.

Their words: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors, and for the limits
https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from app.mail.message import Message
from app.mail.sendgrid_http import Answer
from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain, note_of

LONGEST_WAIT = timedelta(hours=1)
"""A limit's end that is further away is not believed: windows are of seconds and minutes."""

_FIELD = re.compile(r"personalizations[.\[](\d{1,4})\b.*")
_OURS = re.compile(r"from\b.*")
"""The field of our own address, which is one setting: what is wrong with it must not fail every letter."""


class Fault(NamedTuple):
    """One thing that SendGrid found wrong."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means: each message of the request has its outcome, or goes out again."""

    outcomes: list[tuple[Message, Outcome]] = field(default_factory=list)
    again: list[list[Message]] = field(default_factory=list)
    """Requests to make in its place. None of these messages was taken."""


def judge(messages: Sequence[Message], answer: Answer, now: datetime) -> Verdict:
    """What this answer means for the messages of its request."""
    match answer.status:
        case HTTPStatus.ACCEPTED if not answer.early:
            taken_as = answer.headers.get("X-Message-Id", "")
            return all_alike(messages, Accepted(note_of(answer.status, taken_as)))
        case HTTPStatus.BAD_REQUEST:
            return _bad_request(messages, answer)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _one_by_one(messages) or _each(messages, Refused, _words(answer))
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            return _turned_away(messages, answer, wait_of(answer.headers, now))
        case status if answer.early or HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _turned_away(messages, answer)  # the key, the account, the way there: the operator can mend them
        case _:
            return _each(messages, Uncertain, _words(answer))


def all_alike(messages: Sequence[Message], outcome: Outcome) -> Verdict:
    """The same outcome for each message."""
    return Verdict([(message, outcome) for message in messages])


def closed_until(answer: Answer, now: datetime) -> datetime | None:
    """Until when SendGrid takes no further request, if it says so."""
    exhausted = answer.headers.get("X-RateLimit-Remaining", "").strip() == "0"
    if not exhausted and answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    wait = wait_of(answer.headers, now)
    return None if wait is None else now + wait


def wait_of(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long SendGrid asks us to wait, an hour at the most; none if it does not say, or the time is over."""
    for name, read in (("X-RateLimit-Reset", _epoch), ("Retry-After", _seconds_or_date)):
        try:
            wait = read(headers.get(name, ""), now)
        except (ValueError, TypeError, OverflowError):
            continue
        if wait > timedelta(0):
            return min(wait, LONGEST_WAIT)
    return None


def _epoch(text: str, now: datetime) -> timedelta:
    return timedelta(seconds=int(text) - now.timestamp())


def _seconds_or_date(text: str, now: datetime) -> timedelta:
    """RFC 9110, section 10.2.3."""
    if text.strip().isdecimal():
        return timedelta(seconds=int(text))
    date = parsedate_to_datetime(text)
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - now


def _bad_request(messages: Sequence[Message], answer: Answer) -> Verdict:
    """The whole request was turned away, so the messages that nothing was said of go out again without the others."""
    faults = _faults(answer.body)
    if any(_OURS.fullmatch(fault.field) for fault in faults):
        return _turned_away(messages, answer)
    named = {int(match[1]): fault for fault in faults if (match := _FIELD.fullmatch(fault.field))}
    bad = [(message, named[place]) for place, message in enumerate(messages) if place in named]
    if not bad:
        return _one_by_one(messages) or _each(messages, Refused, _words(answer))
    rest = [message for place, message in enumerate(messages) if place not in named]
    return Verdict(
        [
            (message, Refused(note_of(answer.status, fault.words, recipient=message.to_address)))
            for message, fault in bad
        ],
        [rest] if rest else [],
    )


def _one_by_one(messages: Sequence[Message]) -> Verdict | None:
    """Each message in a request of its own; none if this one was."""
    return Verdict(again=[[message] for message in messages]) if len(messages) > 1 else None


def _turned_away(messages: Sequence[Message], answer: Answer, wait: timedelta | None = None) -> Verdict:
    words = _words(answer)
    notes = [note_of(words, recipient=message.to_address) for message in messages]
    return Verdict(
        [(message, Deferred(note, ours=True, wait=wait)) for message, note in zip(messages, notes, strict=True)]
    )


def _each(messages: Sequence[Message], kind: type[Refused | Uncertain], words: str) -> Verdict:
    return Verdict([(message, kind(note_of(words, recipient=message.to_address))) for message in messages])


def _words(answer: Answer) -> str:
    """The status and what SendGrid says was wrong; a page of HTML from something in between is left out."""
    words = [fault.words for fault in _faults(answer.body)]
    return " ".join([str(answer.status), *words])


def _faults(body: bytes) -> list[Fault]:
    """What SendGrid found wrong; nothing if the body is not of its form."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return []
    errors = told.get("errors") if isinstance(told, dict) else None
    if not isinstance(errors, list):
        return []
    return [
        Fault(_word(error.get("field")), _word(error.get("message"))) for error in errors if isinstance(error, dict)
    ]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""

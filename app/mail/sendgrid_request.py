"""Messages as SendGrid's mail/send takes them: one request for the messages of a group, with what they have alike once.

What they do not have alike stands in each personalization as a substitution: SendGrid puts its value in the place of a
tag (https://www.twilio.com/docs/sendgrid/for-developers/sending-email/substitution-tags). Limits:
https://docs.sendgrid.com/api-reference/mail-send/limitations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final

from sendgrid.helpers.mail import (
    ApiKeyIncludedException,
    ClickTracking,
    Content,
    CustomArg,
    From,
    Ganalytics,
    Header,
    Mail,
    MimeType,
    OpenTracking,
    Personalization,
    ReplyTo,
    Subject,
    SubscriptionTracking,
    Substitution,
    To,
    TrackingSettings,
)

from app.mail.headers import UnsendableMessageError, ascii_address
from app.mail.message import Common, Message, to_mime

MOST_AT_ONCE: Final = 1_000
"""Personalizations that a request may hold."""

LARGEST_SUBSTITUTIONS: Final = 10_000
"""Bytes of tags and values that a personalization may hold."""

SENDGRIDS_FIELDS: Final = frozenset({"received", "dkim-signature", "x-sg-id", "x-sg-eid"})
"""Header fields that may not be given, beside those that no transport's further headers may name."""

_ROOM_FOR_TAGS: Final = 200
"""Bytes of the four tags, and of what JSON puts around tags and values."""

_ANY_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)
_ALL: Final = Common(slice(None), slice(None))
_SEPARATORS = re.compile(r"\s*[,;]\s*")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A text in three: what is this message's own, what it has in common with its group, what is its own again."""

    before: str
    common: str
    after: str

    @classmethod
    def of(cls, text: str, common: slice) -> _Cut:
        start, stop, _ = common.indices(len(text))
        return cls(text[:start], text[start:stop], text[stop:])


def requests(
    messages: Iterator[Message], refuse: Callable[[Message, UnsendableMessageError], None]
) -> Iterator[list[Message]]:
    """The messages of each request to make, in order; a message is taken only when the next request is asked for.

    Consecutive messages of a group share a request, unless they are not alike after all, go to the same address (a
    request may name it once only) or hold more of their own than substitutions may. The end of a group is seen by the
    message after it, which is then kept for the next request.

    Args:
        messages: What is to be sent.
        refuse: Told of each message that cannot be sent, and why.
    """
    group: list[Message] = []
    seen: set[str] = set()
    for message in messages:
        try:
            check(message)
        except UnsendableMessageError as error:
            refuse(message, error)
            continue
        alone = message.group is None or not _own_parts_fit(message)
        if not alone and group and _alike(group[0], message) and len(group) < MOST_AT_ONCE and _to(message) not in seen:
            group.append(message)
            seen.add(_to(message))
            continue
        if group and not (alone and message.group == group[0].group):
            yield group
            group = []
        if alone:
            yield [message]
        else:
            group, seen = [message], {_to(message)}
    if group:
        yield group


def check(message: Message) -> None:
    """Refuse what every other transport refuses (by writing it out as they do), and what SendGrid does not take.

    Raises:
        UnsendableMessageError: it cannot be sent as it is.
    """
    to_mime(message, _ANY_DATE)
    if any(name.lower() in SENDGRIDS_FIELDS for name in message.headers):
        raise UnsendableMessageError("a further header must not name a field that SendGrid writes")
    if not (message.subject and message.text) or message.html == "":
        raise UnsendableMessageError("SendGrid takes no empty subject, text or HTML")
    try:
        Content(MimeType.text, message.text)
        Content(MimeType.html, message.html)
    except ApiKeyIncludedException:
        raise UnsendableMessageError("it begins with what looks like a key of SendGrid's") from None


def payload(messages: Sequence[Message]) -> bytes:
    """The body of the request for these messages, all of one kind (see `requests`), as JSON."""
    first = messages[0]
    texts = [_Cut.of(message.text, _common(message).text) for message in messages]
    pages = [_Cut.of(message.html, _common(message).html) for message in messages if message.html is not None]
    tags = _tags(messages)
    text, text_values = _template(texts, next(tags), next(tags))
    page, page_values = _template(pages, next(tags), next(tags)) if pages else ("", [{} for _ in messages])
    mail = _envelope(first)
    mail.add_content(Content(MimeType.text, text))
    if pages:
        mail.add_content(Content(MimeType.html, page))
    for place, (message, own, more) in enumerate(zip(messages, text_values, page_values, strict=True)):
        # At its own place, for what SendGrid finds wrong it tells by the place; without one they are put in backwards.
        mail.add_personalization(_personalization(message, own | more), place)
    return json.dumps(mail.get(), ensure_ascii=False, separators=(",", ":")).encode()


def _own_parts_fit(message: Message) -> bool:
    common = _common(message)
    cuts = [_Cut.of(message.text, common.text)]
    if message.html is not None:
        cuts.append(_Cut.of(message.html, common.html))
    own = [part for cut in cuts for part in (cut.before, cut.after)]
    return len(json.dumps(own, ensure_ascii=False).encode()) + _ROOM_FOR_TAGS <= LARGEST_SUBSTITUTIONS


def _common(message: Message) -> Common:
    return message.common() if message.common else _ALL


def _alike(one: Message, other: Message) -> bool:
    """Whether what SendGrid takes once for a whole request is the same."""
    return _shared(one) == _shared(other)


def _shared(message: Message) -> tuple[object, ...]:
    common = _common(message)
    return (
        message.group,
        message.from_address,
        message.from_name,
        message.reply_to,
        message.reply_to_name,
        message.subject,
        message.language,
        dict(message.headers),
        message.text[common.text],
        None if message.html is None else message.html[common.html],
    )


def _to(message: Message) -> str:
    return ascii_address("To", message.to_address).lower()


def _envelope(message: Message) -> Mail:
    """What a request says once. No categories and no custom args: what is in them is kept beside the mail."""
    mail = Mail()
    mail.from_email = From(ascii_address("From", message.from_address), message.from_name or None)
    if message.reply_to is not None:
        mail.reply_to = ReplyTo(ascii_address("Reply-To", message.reply_to), message.reply_to_name or None)
    mail.subject = Subject(message.subject)
    for name, value in {**message.headers, "Content-Language": message.language}.items():
        mail.add_header(Header(name, value))
    mail.tracking_settings = TrackingSettings(
        ClickTracking(enable=False, enable_text=False),
        OpenTracking(enable=False),
        SubscriptionTracking(enable=False),
        Ganalytics(enable=False),
    )
    return mail


def _personalization(message: Message, substitutions: dict[str, str]) -> Personalization:
    personalization = Personalization()
    # SendGrid does not quote names here, and commas and semicolons would part them (sendgrid-python #291).
    name = _SEPARATORS.sub(" ", message.to_name).strip()
    personalization.add_to(To(ascii_address("To", message.to_address), name or None))
    personalization.add_custom_arg(CustomArg("delivery_id", str(message.id)))
    for tag, value in substitutions.items():
        personalization.add_substitution(Substitution(tag, value))
    return personalization


def _template(cuts: Sequence[_Cut], before: str, after: str) -> tuple[str, list[dict[str, str]]]:
    """The text with tags where the messages differ, and each one's values. What all begin or end with needs no tag."""
    values: list[dict[str, str]] = [{} for _ in cuts]
    first = cuts[0]
    start, end = first.before, first.after
    if any(cut.before != start for cut in cuts):
        start = before
        for own, cut in zip(values, cuts, strict=True):
            own[before] = cut.before
    if any(cut.after != end for cut in cuts):
        end = after
        for own, cut in zip(values, cuts, strict=True):
            own[after] = cut.after
    return start + first.common + end, values


def _tags(messages: Sequence[Message]) -> Iterator[str]:
    """Four tags that stand nowhere but where they are put, before, between and after SendGrid's replacing.

    All hold one word that no message has anywhere in its subject, its text or its HTML. No beginning of the word is an
    end of it, and it has no per cent sign, which each tag begins and ends with; so neither a text beside a tag nor two
    values beside each other can make up a second one.
    """
    first = messages[0]
    said = [first.subject, first.reply_to_name, first.reply_to or "", *first.headers.values()]
    said += [text for message in messages for text in (message.text, message.html or "")]
    word = next(word for word in map("own{}".format, count(1)) if not any(word in text for text in said))
    return (f"%{word}{letter}%" for letter in "abcd")

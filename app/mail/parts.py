"""The parts of a mail that came in, with the standard library's parser: what bounces and answers are both read by."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message

STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
FEEDBACK = frozenset({"message/feedback-report"})
RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_CODED = frozenset({"base64", "quoted-printable"})

COME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
"""Header fields that may name the address that a mail came to."""


class Part(Message):
    """A part that the parser leaves as text where it would read fields that are coded, or of a kind that it does not
    know, for a mail: it takes every `message/` for one that stands there as it is.
    """

    @property
    def kind(self) -> str:
        """The content type, as the part says."""
        return super().get_content_type()

    def get_content_type(self) -> str:
        """The content type, as the parser is to take it."""
        fields = self.kind in STATUS | FEEDBACK
        coded = self.kind.startswith("message/") and word(self, "Content-Transfer-Encoding") in _CODED
        return "text/plain" if fields or coded else self.kind


def parts(part: Part, kinds: frozenset[str]) -> Iterator[Part]:
    """The parts of these kinds that are the mail's own: one inside of a mail that it carries is not."""
    if part.kind in kinds:
        yield part
    elif part.get_content_maintype() == "multipart":
        for child in children(part):
            yield from parts(child, kinds)


def children(part: Part) -> list[Part]:
    """The parts that a part is made of."""
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Part)] if isinstance(payload, list) else []


def content(part: Part) -> bytes:
    """What a part holds, decoded; nothing where it is made of parts."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def every(part: Message, name: str) -> list[str]:
    """All values of a header field."""
    return [str(value) for value in part.get_all(name, [])]


def text(part: Message, name: str) -> str:
    """A header field's first value; empty where there is none."""
    return str(part.get(name, ""))


def word(part: Message, name: str) -> str:
    """The same, in small letters and without the blanks around it."""
    return text(part, name).strip().lower()

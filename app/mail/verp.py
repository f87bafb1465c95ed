"""Bounce addresses: envelope senders that name the delivery, so that what comes back can be told apart (VERP).

The token belongs into the envelope. The From that a person sees stays the same for every letter, since addresses that
look random are flagged (writetothem #512).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable

_TAGGED = re.compile(r"<?[^\s<>]*\+(\d{1,18})\.([0-9a-f]{16})@[^\s<>@]+>?")
_MESSAGE_ID = re.compile(r"<(\d{1,18})\.([0-9a-f]{16})@[^\s<>@]+>")

Mark = Callable[[int], str]
"""Gives a number's mark: 16 hexadecimal digits that only we can make."""


def bounce_address(mailbox: str, delivery_id: int, mark: str) -> str:
    """`name@domain` becomes `name+<delivery id>.<its mark>@domain`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{delivery_id}.{mark}@{domain}"


def read_bounce_address(address: str, mark: Mark) -> int | None:
    """The delivery that a bounce address names; none when it is no such address, or the mark is not ours."""
    return _proven(_TAGGED.fullmatch(address.strip()), mark)


def read_message_id(message_id: str, mark: Mark) -> int | None:
    """The delivery that a Message-ID of ours names; none when it is not ours."""
    return _proven(_MESSAGE_ID.fullmatch(message_id.strip()), mark)


def _proven(match: re.Match[str] | None, mark: Mark) -> int | None:
    if match is None:
        return None
    number = int(match[1])
    return number if hmac.compare_digest(mark(number), match[2]) else None

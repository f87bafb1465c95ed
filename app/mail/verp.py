"""Marked addresses: they name a delivery, with proof, so that what comes to them can be told apart.

One is the envelope's sender, which bounces come back to (VERP); another the Reply-To of a letter whose answers are
protected. The From that a person sees stays the same for every letter, since addresses that look random are flagged
(writetothem #512).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable

_TAGGED = re.compile(r"<?[^\s<>]*\+(\d{1,18})\.([0-9a-f]{16})@[^\s<>@]+>?")
_WORD = re.compile(r"[^\s,;<>()\"]+")
_MESSAGE_ID = re.compile(r"<(\d{1,18})\.([0-9a-f]{16})@[^\s<>@]+>")

Mark = Callable[[int], str]
"""Gives a number's mark: 16 hexadecimal digits that only we can make."""


def marked_address(mailbox: str, delivery_id: int, mark: str) -> str:
    """`name@domain` becomes `name+<delivery id>.<its mark>@domain`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{delivery_id}.{mark}@{domain}"


def read_marked_address(address: str, mark: Mark) -> int | None:
    """The delivery that a marked address names; none when it is no such address, or the mark is not ours."""
    return _proven(_TAGGED.fullmatch(address.strip()), mark)


def find_marked_address(values: Iterable[str], mark: Mark) -> int | None:
    """The delivery that the first address with our mark names, in texts that may hold several addresses and names."""
    for value in values:
        for word in _WORD.findall(value):
            if (number := read_marked_address(word, mark)) is not None:
                return number
    return None


def read_message_id(message_id: str, mark: Mark) -> int | None:
    """The delivery that a Message-ID of ours names; none when it is not ours."""
    return _proven(_MESSAGE_ID.fullmatch(message_id.strip()), mark)


def _proven(match: re.Match[str] | None, mark: Mark) -> int | None:
    if match is None:
        return None
    number = int(match[1])
    return number if hmac.compare_digest(mark(number), match[2]) else None

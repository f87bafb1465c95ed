"""The outlet: how an announcement leaves the house. One port; the adapter is HTTPS, and tests have a fake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent to whom."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver answered. Its words are not read."""

    status: int
    wait: timedelta | None = None
    """How long it asks us to wait."""


class NoAnswerError(Exception):
    """The receiver was not reached, or did not answer in time. The text says why in our words, and names no address."""


class Outlet(Protocol):
    """Sends posts."""

    def post(self, post: Post) -> Answer:
        """Send a post and wait for its answer. To be called from any thread, and with no transaction open.

        Raises:
            NoAnswerError: there was none, for whatever reason.
        """

"""The atlas: a service on the network that knows where postcodes lie. Without one, our own table is all there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LiveArea:
    """An area that a service named: its GSS code, and what the service calls it."""

    code: str
    name: str


class NoAnswerError(Exception):
    """The service did not answer, or not so that it can be understood. The text names no postcode."""


class Atlas(Protocol):
    """Knows the areas of postcodes."""

    def look_up(self, postcode: str) -> tuple[LiveArea, ...] | None:
        """Ask for the areas of a normalised postcode; none where the service does not know it.

        Areas that are none of ours, pseudo codes among them, may be in the answer. To be called from any thread, and
        with no transaction open: it takes some seconds at the worst.

        Raises:
            NoAnswerError: nothing is known by this answer.
        """

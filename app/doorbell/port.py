"""The doorbell: a nudge that mail is due. The database is the queue of record; a lost ring costs one sweep at most."""

from __future__ import annotations

from typing import Protocol


class Doorbell(Protocol):
    """Tells the worker that a delivery is due, if that can be done at once."""

    def ring(self, delivery_id: int) -> None:
        """Ring for a delivery whose row is committed.

        Best effort: never raises, and takes 0.2 seconds at most when nobody answers.
        """

"""Waking the worker after a command has put letters into the queue."""

from __future__ import annotations

from collections.abc import Sequence

from app.bootstrap import Platform


def ring_for(platform: Platform, delivery_ids: Sequence[int]) -> None:
    """Ring once: that wakes the worker for all of them."""
    for delivery_id in delivery_ids[:1]:
        platform.doorbell.ring(delivery_id)

"""What stands against handing a letter over, looked at just before, and where the letter goes instead.

It is asked for each of a million letters, so it reads the plain rows of `app.delivery.letters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from app.queue.brakes import Brakes
from app.queue.lanes import key_of
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState
from app.targets.freshness import is_stale


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for all letters of a batch."""

    suppressed: frozenset[str]
    """Those of the batch's addresses that must not be mailed."""
    brakes: Brakes
    reaches_people: bool
    """Whether the transport hands mail to the world: then nothing goes to an address that nobody has verified."""
    relays: bool
    """Whether there is a mailbox of ours that protected answers can come to."""
    today: date


Obstacle: TypeAlias = tuple[DeliveryState, str]
"""Where the letter goes instead, and why, as a short code."""


def obstacle_to(row: Any, digest: bytes, others: Sequence[Any], conditions: Conditions) -> Obstacle | None:
    """The first reason why a letter must not be handed over.

    Args:
        row: the letter, with its target as it is now.
        digest: of the letter as it was composed now.
        others: the further targets behind the letter's mailbox, as they are now.
        conditions: what holds for the batch.
    """
    obstacle = None
    if row.withdrawn:
        obstacle = DeliveryState.CANCELLED, "withdrawn"
    elif digest != row.text_hash:
        obstacle = DeliveryState.HELD, "text_changed"
    elif conditions.brakes.stops(BrakeScope.TARGET, row.target_id):
        obstacle = DeliveryState.HELD, "target_paused"
    elif lack := _lack(row, conditions):
        obstacle = DeliveryState.HELD, lack
    elif conditions.reaches_people and (doubt := _doubt(row, others, conditions)):
        obstacle = DeliveryState.HELD, doubt
    elif row.email in conditions.suppressed:
        obstacle = DeliveryState.SUPPRESSED, "suppressed_address"
    elif row.lane_key not in (row.email.lower(), key_of(row.email)):
        obstacle = DeliveryState.QUEUED, "address_changed"
    elif others:
        obstacle = _obstacle_behind(row, others, conditions)
    return obstacle


def _lack(row: Any, conditions: Conditions) -> str | None:
    """What is missing at one end or the other."""
    if row.archived:
        return "target_archived"
    if not row.email:
        return "no_address"
    return "no_reply_address" if row.protected and not conditions.relays else None


def _doubt(row: Any, others: Sequence[Any], conditions: Conditions) -> str | None:
    """Why it is not sure that the address leads to who is meant. One that was verified for another of those behind it
    is the same address.
    """
    if not (row.verified or any(other.verified and _same_mailbox(row, other) for other in others)):
        return "unverified_target"
    return "stale_target" if is_stale(row.stale_from, conditions.today) else None


def _obstacle_behind(row: Any, others: Sequence[Any], conditions: Conditions) -> Obstacle | None:
    """The same for the further targets behind a mailbox: the letter names each of them."""
    obstacle = None
    if any(conditions.brakes.stops(BrakeScope.TARGET, other.target_id) for other in others):
        obstacle = DeliveryState.HELD, "target_paused"
    elif any(other.archived for other in others):
        obstacle = DeliveryState.HELD, "target_archived"
    elif not all(_same_mailbox(row, other) for other in others):
        obstacle = DeliveryState.HELD, "mailbox_parted"
    elif conditions.reaches_people and any(is_stale(other.stale_from, conditions.today) for other in others):
        obstacle = DeliveryState.HELD, "stale_target"
    return obstacle


def _same_mailbox(row: Any, other: Any) -> bool:
    return bool(row.email.casefold() == other.email.casefold())

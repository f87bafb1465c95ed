"""What a hook is sent: the same bytes and the same id at every try, signed anew each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.announcements.models import Announcement
from app.hooks.outlet import Post
from app.hooks.signature import headers

USER_AGENT = "SolidarityPost-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a hook's messages go, and what signs them."""

    url: str = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One announcement as it is sent."""

    announcement_id: int
    message_id: str
    attempts: int
    """How many tries there were, with the one that comes now."""
    body: bytes = field(repr=False)

    def post_to(self, receiver: Receiver, now: datetime) -> Post:
        """The signed post of a try at this moment."""
        named = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        return Post(receiver.url, {**named, **headers(self.message_id, now, self.body, receiver.keys)}, self.body)


def message_of(row: Announcement, slugs: Mapping[int, str]) -> Message:
    """The message of an announcement; `slugs` has the campaigns' by their ids."""
    data = json.loads(row.data)
    if row.campaign_id is not None:
        data |= {"campaign": slugs[row.campaign_id], "campaign_id": row.campaign_id}
    at = row.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = json.dumps({"type": row.kind, "timestamp": at, "data": data}, separators=(",", ":"), sort_keys=True)
    return Message(row.id, message_id_of(row), row.attempts, body.encode())


def message_id_of(row: Announcement) -> str:
    """Its id: the row's, with the time, for a database that was restored gives numbers a second time."""
    return f"msg_{int(row.at.timestamp() * 1000):x}_{row.id}"

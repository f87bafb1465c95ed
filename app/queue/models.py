"""The queue of record: one row for every e-mail, and the append-only facts about it.

The rows name the campaign, action and letter that they belong to, and know nothing of what those say: rendering is the
business of the delivery room, which is above (docs/adr/0004-queue-room.md).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, enum_column
from app.queue.states import DeliveryState, EventSource, Purpose


class Delivery(Base):
    """One e-mail to be handed to a transport. The row holds no address: it is read at hand-over from whose it is."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose, "purpose"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"), unique=True)
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "state"))
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Why the row is where it is, as a short code (`unverified_target`), where the state alone does not say it."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the row was claimed for sending."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it may be handed over, or tried again."""
    lease: Mapped[str | None] = mapped_column(String(32))
    """The token of the worker's batch that has claimed the row."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    events: Mapped[list[DeliveryEvent]] = relationship(order_by="DeliveryEvent.id")


class DeliveryEvent(Base):
    """A fact about a delivery: a change of its state, who told us, and what was said. Never changed, never deleted."""

    __tablename__ = "delivery_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[EventSource] = mapped_column(enum_column(EventSource, "source"))
    from_state: Mapped[DeliveryState | None] = mapped_column(enum_column(DeliveryState, "from_state"))
    to_state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "to_state"))
    detail: Mapped[str] = mapped_column(Text, default="")
    """What was said, without addresses: a reply code and its words, or a short code of ours."""

"""Decisions about many deliveries at once, as rows: they outlive the worker that carries them out."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Base, UtcDateTime, enum_column
from app.queue.states import DeliveryState

_BIG = BigInteger().with_variant(Integer, "sqlite")


class BulkDeed(enum.StrEnum):
    """What is done to each of the deliveries."""

    RELEASE = "release"
    CANCEL = "cancel"
    SETTLE_SENT = "settle_sent"
    SETTLE_DELIVERED = "settle_delivered"
    SETTLE_BOUNCED = "settle_bounced"
    SETTLE_QUEUED = "settle_queued"
    """Send what is in doubt once more: it may arrive twice."""
    RESEND = "resend"
    """Send what was blocked once more."""


class JobState(enum.StrEnum):
    """How far a job is."""

    OPEN = "open"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class BulkJob(Base):
    """One decision about everything that a filter finds, carried out in batches from its first to its last delivery."""

    __tablename__ = "bulk_job"
    id: Mapped[int] = mapped_column(primary_key=True)
    deed: Mapped[BulkDeed] = mapped_column(enum_column(BulkDeed, "deed"))
    state: Mapped[JobState] = mapped_column(enum_column(JobState, "state"), default=JobState.OPEN)
    origin: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "origin"))
    """The state of the deliveries that are meant."""
    reason: Mapped[str | None] = mapped_column(String(40))
    """These four narrow it down; none is any."""
    campaign_id: Mapped[int | None]
    lane_id: Mapped[int | None] = mapped_column(ForeignKey("lane.id"))
    target_id: Mapped[int | None] = mapped_column(ForeignKey("target.id"))
    last_id: Mapped[int] = mapped_column(_BIG)
    """The newest delivery when the decision was taken: what comes later was not meant."""
    reached_id: Mapped[int] = mapped_column(_BIG, default=0)
    """All deliveries up to here have been looked at."""
    total: Mapped[int]
    """How many were meant when the decision was taken."""
    done: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    """Those that something else had happened to, or that the deed does not fit."""
    failed: Mapped[int] = mapped_column(default=0)
    """Those at which an error was raised; they are as they were."""
    why: Mapped[str] = mapped_column(Text)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

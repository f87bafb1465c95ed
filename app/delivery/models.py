"""What comes back from the world, and what is never mailed again."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Base, UtcDateTime, enum_column
from app.mail.reports import ReportKind


class SuppressionReason(enum.StrEnum):
    """Why an address must not be mailed."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    STAFF = "staff"


class Suppression(Base):
    """An address that must not be mailed, kept as its keyed hash: it may be a supporter's."""

    __tablename__ = "suppression"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    reason: Mapped[SuppressionReason] = mapped_column(enum_column(SuppressionReason, "reason"))
    why: Mapped[str] = mapped_column(Text)
    """What was said, without the address, or staff's own words."""
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    """The delivery that it follows from."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Standing(enum.StrEnum):
    """What became of a report."""

    APPLIED = "applied"
    """It was taken note of, and has moved its delivery where it could."""
    WAITING = "waiting"
    """Its delivery is being handed over; it is looked at again when that is settled."""
    UNATTRIBUTED = "unattributed"
    """Nobody can tell which delivery it is about."""


class ReceivedReport(Base):
    """What a provider or a receiving server reported of one mail, kept once however often it was told."""

    __tablename__ = "received_report"
    __table_args__ = (
        Index(
            "ix_received_report_open",
            "standing",
            "id",
            sqlite_where=text("standing != 'applied'"),
            postgresql_where=text("standing != 'applied'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kind: Mapped[ReportKind] = mapped_column(enum_column(ReportKind, "kind"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    lane_id: Mapped[int | None] = mapped_column(ForeignKey("lane.id"))
    """Of a report that nobody can attribute: the lane of the address that it names, where it is one of ours."""
    said: Mapped[str] = mapped_column(Text)
    standing: Mapped[Standing] = mapped_column(enum_column(Standing, "standing"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it happened, as the report says."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TestLetter(Base):
    """A sample letter on its way to the member of staff who asked for it. No supporter's: its writer is invented."""

    __test__ = False
    __tablename__ = "test_letter"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class Digest(Base):
    """The figures that a weekly mail to staff tells, as they were when it was queued. Nothing of any person's."""

    __tablename__ = "digest"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    week: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As `app.delivery.digest_notice.Week` stores itself."""


class Tally(Base):
    """A number that only grows, for the metrics: kept in the transactions that it counts."""

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    lane_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The lane that it is about; 0 where it is about none."""
    label: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))

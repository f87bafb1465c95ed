"""What is kept of running a campaign: its checks, approvals, and what is still to be done after its end."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign, CampaignState
from app.columns import Base, UtcDateTime, enum_column
from app.staff.models import StaffMember


class CheckState(enum.StrEnum):
    """asked → running → done, or failed; a worker that dies leaves it to the next one."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Check(Base):
    """The last preflight of a campaign that staff asked for, made by a worker."""

    __tablename__ = "campaign_check"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    state: Mapped[CheckState] = mapped_column(enum_column(CheckState, "state"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease: Mapped[str | None] = mapped_column(String(32))
    """The token of the worker that is at it."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letters: Mapped[int] = mapped_column(default=0)
    """How many letters were looked at so far."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """What the campaign said when it was looked at."""
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """As `app.running.reports` writes it; of the last check that was finished."""


class ApprovalState(enum.StrEnum):
    """asked → granted, declined, or withdrawn for another one."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


def _one(index: str, *, where: str) -> Index:
    return Index(index, "campaign_id", unique=True, sqlite_where=text(where), postgresql_where=text(where))


class Approval(Base):
    """A second person's word on a campaign that will send many letters: on exactly what it said, and up to how many."""

    __tablename__ = "approval"
    __table_args__ = (_one("uq_approval_asked_once", where="state = 'asked'"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    state: Mapped[ApprovalState] = mapped_column(enum_column(ApprovalState, "state"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    """What the campaign said when it was asked for; it counts for nothing else."""
    letters: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the second person said."""

    campaign: Mapped[Campaign] = relationship()
    asker: Mapped[StaffMember] = relationship(foreign_keys=[asked_by])
    decider: Mapped[StaffMember | None] = relationship(foreign_keys=[decided_by])


class Ending(Base):
    """What a worker still has to do for a campaign that is over, in batches; how far it is, its cursors say."""

    __tablename__ = "ending"
    __table_args__ = (_one("uq_ending_open_once", where="finished_at IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    state: Mapped[CampaignState] = mapped_column(enum_column(CampaignState, "state"))
    """The state that the campaign came to; in another one, nothing more is done."""
    cancels: Mapped[bool]
    """Whether letters that wait are cancelled."""
    tells: Mapped[bool]
    """Whether those who wrote are told."""
    cancelled_to: Mapped[int] = mapped_column(default=0)
    """The id of the last delivery that was looked at."""
    cancelled: Mapped[int] = mapped_column(default=0)
    told_to: Mapped[int] = mapped_column(default=0)
    """The id of the last action that was looked at."""
    told: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

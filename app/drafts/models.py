"""Drafts: campaigns that are being written, complete or not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign
from app.columns import Base, UtcDateTime
from app.staff.models import StaffMember


class CampaignDraft(Base):
    """The files of a campaign as somebody is writing them: what they lack, and what is wrong in them, is kept too."""

    __tablename__ = "campaign_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), unique=True)
    """The campaign that it became; none before it is without a mistake for the first time."""
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    """The texts of `campaign.toml`, `page.<lang>.md`, `letter.<lang>.md`, … by name."""
    image: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Its image, as `app.campaigns.pictures` makes the widest one."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counts what was saved: publishing names the revision that somebody has looked at."""
    saved_steps: Mapped[list[str]] = mapped_column(JSON)
    """The steps of the builder that somebody has saved, if only as they were: of the others nobody has decided."""
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"), index=True)
    """Whose campaign it will be, where a partner's member writes it."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign | None] = relationship()
    saver: Mapped[StaffMember | None] = relationship(foreign_keys=[saved_by])

"""What is published of the numbers that could tell where a supporter lives, or what language they speak."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Base


class PublishedColumn(Base):
    """One column of a campaign's tables of places or languages, as it stood when it was last published."""

    __tablename__ = "published_column"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    """What is counted, and by what: `letters.target`."""
    day: Mapped[date] = mapped_column(Date)
    """The campaign's day for which it was last looked at; published anew or not."""
    numbers: Mapped[dict[str, int]] = mapped_column(JSON)
    """By target, lane or language; without noughts."""

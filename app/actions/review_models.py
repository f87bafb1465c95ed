"""Letters that a person reads before they go, and what that person decided."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actions.models import Action
from app.columns import Base, UtcDateTime, enum_column
from app.privacy.fields import EncryptedText

OPEN_REVIEW = text("state = 'open'")


class ReviewState(enum.StrEnum):
    """What became of a review."""

    OPEN = "open"
    RELEASED = "released"
    SENT_BACK = "sent_back"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """Its supporter withdrew the letters before anybody decided."""


class Review(Base):
    """One action whose letters are held until a person has read them."""

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_open", "id", sqlite_where=OPEN_REVIEW, postgresql_where=OPEN_REVIEW),
        Index("ix_review_alike", "mark", sqlite_where=OPEN_REVIEW, postgresql_where=OPEN_REVIEW),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), unique=True)
    state: Mapped[ReviewState] = mapped_column(enum_column(ReviewState, "state"), default=ReviewState.OPEN)
    rules: Mapped[str] = mapped_column(String(80))
    """The rules that were tripped (`app.letters.review.Rule`), separated by spaces. What they tripped on is found anew
    by whoever reads the letter: it is the supporter's text."""
    mark: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """The keyed hash of what the supporter wrote, to find others who say the same; none where that is too short."""
    note: Mapped[str | None] = mapped_column(EncryptedText("review.note"))
    """What the supporter was told by the person who decided; none before, and when it is forgotten."""
    next_action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"), unique=True)
    """The pending action that a letter was sent back as, for its supporter to change and confirm."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    action: Mapped[Action] = relationship(foreign_keys=action_id)


class AlikeText(Base):
    """How many people have confirmed the very same words in a campaign, where those are not the campaign's own."""

    __tablename__ = "alike_text"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    count: Mapped[int]
    trusted: Mapped[bool] = mapped_column(default=False)
    """Whether a person has read it and let it go: then nobody else is held for it."""
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

"""What the public says is wrong with a target, and what staff decided. Nothing here changes the target."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime, enum_column
from app.privacy.fields import EncryptedText
from app.targets.models import Target


class CorrectionKind(enum.StrEnum):
    """What the public can say is wrong with a target."""

    LEFT = "left"
    WRONG_ADDRESS = "wrong_address"
    WRONG_NAME = "wrong_name"
    OTHER = "other"


class CorrectionState(enum.StrEnum):
    """open → accepted or dismissed, by a person."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class Correction(Base):
    """What somebody told us is wrong with a target. It changes nothing by itself."""

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    kind: Mapped[CorrectionKind] = mapped_column(enum_column(CorrectionKind, "kind"))
    words: Mapped[str] = mapped_column(EncryptedText("correction.words"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[CorrectionState] = mapped_column(
        enum_column(CorrectionState, "state"), default=CorrectionState.OPEN, index=True
    )
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the words were erased, some time after the decision."""

    target: Mapped[Target] = relationship()

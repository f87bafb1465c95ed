"""What staff have under way with the registry: files that they are looking at, addresses that they have asked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime
from app.privacy.fields import EncryptedText
from app.targets.models import Target


class Upload(Base):
    """A file that somebody of staff is about to take over; it goes when they have, or after a while."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    """Who brought it, and alone may see it."""
    name: Mapped[str] = mapped_column(EncryptedText("upload.name"))
    """What the file is called."""
    content: Mapped[str] = mapped_column(EncryptedText("upload.content"), deferred=True)
    """The file, packed; encrypted, for nobody can know what somebody uploads by mistake."""
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    """How it is to be read and what it is to fill; see `app.registrar.plans.Plan`."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AddressCheck(Base):
    """A mail to a target's address, whose reader is asked to say that it is the right one."""

    __tablename__ = "address_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)
    """What the link and the code are made of, with the secret key: this row alone opens nothing."""
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    """The address that was asked; of another one the answer says nothing."""
    member_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    """Who asked."""
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_codes: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was answered, or a later one took its place."""

    target: Mapped[Target] = relationship()

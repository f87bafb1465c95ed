"""Tokens that programs read the API with. Only a hash of each is kept."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime
from app.staff.models import StaffMember


class Scope(enum.StrEnum):
    """What a token opens."""

    REPORTS = "reports"
    """Campaigns and their figures."""
    SUPPORTERS = "supporters"
    """The people who said that we may write to them."""


class ApiToken(Base):
    """A token of one member's. It can do no more than they can, and ends with their account."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    """What its owner calls it."""
    prefix: Mapped[str] = mapped_column(String(12))
    """How it begins, for its owner to know it again."""
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[str] = mapped_column(String(80))
    """Separated by spaces."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was used last, to some minutes."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[StaffMember] = relationship()

    @property
    def opens(self) -> frozenset[Scope]:
        """What it opens."""
        return frozenset(Scope(scope) for scope in self.scopes.split())

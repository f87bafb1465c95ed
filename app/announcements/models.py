"""Who outside the house is told what happens, and what they are still to be told: the outbox of the webhooks.

An announcement is written in the transaction of the fact that it tells. It names rows and holds figures; nothing of it
is personal.
"""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime, enum_column
from app.privacy.fields import EncryptedText

LONGEST_KIND = 40
LONGEST_SAID = 120


class Happening(enum.StrEnum):
    """What others can be told of."""

    ACTION_CONFIRMED = "action.confirmed"
    LETTER_DELIVERED = "letter.delivered"
    MILESTONE = "campaign.milestone"
    STATE_CHANGED = "campaign.state_changed"
    TEST = "hook.test"
    """Somebody wants to see whether it works."""


CHOOSABLE = tuple(happening for happening in Happening if happening is not Happening.TEST)
"""What a hook may be told of; a test comes when somebody asks for one."""


class HookState(enum.StrEnum):
    """active ⇄ paused → removed."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"
    """Its address and secret are erased; the row stays, for what is being written to it at this moment."""


class Hook(Base):
    """An address outside the house that is told what happens."""

    __tablename__ = "hook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    """What its owner calls it."""
    url: Mapped[str] = mapped_column(EncryptedText("hook.url"))
    """Many such addresses are a key themselves."""
    secret: Mapped[str] = mapped_column(EncryptedText("hook.secret"))
    """What announcements are signed with; see `app.hooks.signature`."""
    old_secret: Mapped[str | None] = mapped_column(EncryptedText("hook.old_secret"))
    """The one before, which signs too until `old_secret_until`."""
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    """The campaign that it is told of; none is all of them."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    """Who of staff is told when it does not work."""
    state: Mapped[HookState] = mapped_column(enum_column(HookState, "state"), default=HookState.ACTIVE)
    why: Mapped[str] = mapped_column(String(20), default="")
    """Why it is paused, as a short code: `staff`, `failing` or `gone`."""
    failures: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be reached."""
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when nothing is sent there, after a failure."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    events: Mapped[list[HookEvent]] = relationship(
        lazy="selectin", order_by="HookEvent.kind", cascade="all, delete-orphan"
    )


class HookEvent(Base):
    """One kind of thing that a hook is told of."""

    __tablename__ = "hook_event"

    hook_id: Mapped[int] = mapped_column(ForeignKey("hook.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(LONGEST_KIND), primary_key=True)


class AnnouncementState(enum.StrEnum):
    """waiting → taken or failed; failed → waiting when its hook goes on."""

    WAITING = "waiting"
    TAKEN = "taken"
    FAILED = "failed"


class Announcement(Base):
    """What one hook is to be told, once it has happened."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index(
            "ix_announcement_waiting",
            "hook_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_announcement_hook", "hook_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hook_id: Mapped[int] = mapped_column(ForeignKey("hook.id"))
    kind: Mapped[str] = mapped_column(String(LONGEST_KIND))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    data: Mapped[str] = mapped_column(Text)
    """Ids and figures, as JSON; the same bytes are sent at every try."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When it happened."""
    state: Mapped[AnnouncementState] = mapped_column(enum_column(AnnouncementState, "state"))
    attempts: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when a worker is about it; after that another may be."""
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    """What the receiver answered last, as an HTTP status; none if it did not."""
    said: Mapped[str] = mapped_column(String(LONGEST_SAID))
    """Why there was no answer, in a few words of ours; nothing of a receiver's own."""


class Milestone(Base):
    """A round number of people that a campaign has reached, once."""

    __tablename__ = "milestone"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    people: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

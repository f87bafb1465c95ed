"""The queue of record: one row for every e-mail, the append-only facts about it, and the lanes that they leave by.

The rows name the campaign and action that they belong to, and know nothing of what those say: rendering is the
business of the delivery room, which is above (docs/adr/0004-queue-room.md).
"""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Base, UtcDateTime, enum_column, one_of
from app.queue.states import DeliveryState, EventSource, Purpose

NO_CAMPAIGN = 0
"""The campaign of mail that belongs to none."""
LETTERS = "letters"
"""What is counted beside the states: letters as such, whatever became of them."""


PASSED_THROUGH = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED)
"""The states that nearly every delivery comes through."""
LOOKED_INTO = " AND ".join(f"state <> '{state}'" for state in PASSED_THROUGH)
"""The other states, whose deliveries are found by an index; a statement that uses it says this word for word. No `IN`:
SQLite would build a table of the values for each row that is written."""


def _partial_index(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Delivery(Base):
    """One e-mail to be handed to a transport. The row holds no address: it is read at hand-over from whose it is.

    A letter's own row has the delivery's number: it is the part that never changes.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        # What a lane may take next lies side by side, however much else waits.
        _partial_index("ix_delivery_waiting", "lane_id", "campaign_id", "due_at", "id", where="state = 'queued'"),
        _partial_index("ix_delivery_leased", "lease_id", where="state = 'sending'"),
        # Letters are found by way of their action's letters, which have an index of their own.
        _partial_index("ix_delivery_of_notice", "action_id", where=f"purpose <> '{Purpose.LETTER}'"),
        # States that few deliveries end in, and that people look into: those that all pass through pay nothing.
        _partial_index("ix_delivery_for_staff", "state", "reason", "id", where=LOOKED_INTO),
        _partial_index("ix_delivery_aside", "state", "id", where=LOOKED_INTO),
        CheckConstraint("(campaign_id = 0) = (action_id IS NULL)", name="campaign"),
        one_of("purpose", Purpose),
        one_of("state", DeliveryState),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose, "purpose", checked=False))
    campaign_id: Mapped[int] = mapped_column(default=NO_CAMPAIGN)
    """Its action's campaign; `NO_CAMPAIGN` for mail to staff. A key of the queue, so it may not be empty; the action's
    own reference is the one that is watched."""
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"))
    """None for mail to staff."""
    target_id: Mapped[int | None]
    """Whom its letter is to, for the counters; none for mail of our own. The letter's own reference is the one that is
    watched."""
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "state", checked=False))
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Why the row is where it is, as a short code (`unverified_target`), where the state alone does not say it."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the row was claimed for sending."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it may be handed over, or tried again."""
    lease_id: Mapped[int | None]
    """Under which lease it was claimed last. Not watched, which each letter would pay for: the ledger looks."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def is_notice(delivery: type[Delivery]) -> ColumnElement[bool]:
    """Whether it is mail of our own. An action's are found by an index that says so in these words, and is used for
    nothing that does not say them.
    """
    return delivery.purpose != literal_column(f"'{Purpose.LETTER}'")


class Lease(Base):
    """What a worker claimed at once: the one record of how all of its deliveries came from `queued` to `sending`.

    As an event of each it would be five hundred rows that say the same (docs/adr/0033-a-lease-is-one-event.md).
    """

    __tablename__ = "lease"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    """What the worker's journal calls it."""
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it runs out."""


class DeliveryEvent(Base):
    """A fact about a delivery: a change of its state, who told us, and what was said. Never changed, never deleted.

    How a delivery began, its own row says; how it was claimed, its lease. `app.queue.story` tells all of it.
    """

    __tablename__ = "delivery_event"
    __table_args__ = (
        one_of("source", EventSource),
        one_of("from_state", DeliveryState),
        one_of("to_state", DeliveryState),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(index=True)
    """Not watched, as `Delivery.lease_id`."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[EventSource] = mapped_column(enum_column(EventSource, "source", checked=False))
    from_state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "from_state", checked=False))
    to_state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "to_state", checked=False))
    detail: Mapped[str] = mapped_column(Text, default="")
    """What was said, without addresses: a reply code and its words, or a short code of ours."""
    lease_id: Mapped[int | None]
    """Under which lease it was being sent; none for a change from any other state."""


class Lane(Base):
    """One receiving mail domain, or one mailbox that staff set apart: its pace, its hours, its circuit breaker.

    Notices to supporters and staff share one lane, whose key is `NOTICES`: their domains are theirs, and nobody else's
    business.
    """

    __tablename__ = "lane"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(254), unique=True)
    pace: Mapped[int | None]
    """Letters an hour; 0 is as fast as can be; none is the house's pace."""
    hours: Mapped[str | None] = mapped_column(String(40))
    """When letters may leave, as `app.hours` reads it; none is the house's hours."""
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the pace allows the next letter."""
    trouble: Mapped[int] = mapped_column(default=0)
    """Refusals and deferrals in a row."""
    trips: Mapped[int] = mapped_column(default=0)
    """How often the breaker has tripped since the last success; above 0 the lane lets single letters through."""
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when nothing leaves by this lane."""
    tries_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when a worker is trying the way with a single letter; nothing else is claimed meanwhile."""
    troubled_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the breaker tripped first since the last success."""
    troubled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the receiver last refused or deferred."""
    reported: Mapped[bool] = mapped_column(default=False)
    """Whether the breaker was tripped by a report, after the next server had taken the mail: then its taking one more
    proves nothing yet."""
    probed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a single letter was taken last while the breaker watched."""
    said: Mapped[str] = mapped_column(Text, default="")
    """What the receiver said last when it refused or deferred, without addresses."""


class CampaignTurn(Base):
    """When a campaign that has a pace of its own may send its next letter. Not on the campaign's row: supporters who
    confirm would wait for a worker that claims.
    """

    __tablename__ = "campaign_turn"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """As of a lane."""


class BrakeScope(enum.StrEnum):
    """What a brake stops."""

    EVERYTHING = "everything"
    """All mail, notices too."""
    LETTERS = "letters"
    CAMPAIGN = "campaign"
    LANE = "lane"
    TARGET = "target"


class Brake(Base):
    """A pause that staff (or the house itself) put on: letters are still accepted, and wait."""

    __tablename__ = "brake"
    __table_args__ = (UniqueConstraint("scope", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[BrakeScope] = mapped_column(enum_column(BrakeScope, "scope"))
    subject_id: Mapped[int]
    """The campaign's, lane's or target's id; 0 for what has none."""
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class StateCount(Base):
    """How many deliveries of one campaign in one lane are in one state; moved in the transactions that move them."""

    __tablename__ = "state_count"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """`NO_CAMPAIGN` for mail to staff."""
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "state"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))


class TargetCount(Base):
    """How many letters of one campaign to one target there are, and how many of them are in each state that a letter
    has outside the house; what is missing to the letters waits here. Moved in the transactions that move them.
    """

    __tablename__ = "target_count"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`LETTERS`, or a state."""
    count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))


class CampaignHour(Base):
    """How often something happened in one campaign in one hour: a page was seen, somebody confirmed, a letter was
    handed over. Counted in the transactions that do it; what happens again counts again.
    """

    __tablename__ = "campaign_hour"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`LETTERS`, a state that a letter came into, or what `app.actions.activity` names."""
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Whole hours since 1970, in UTC."""
    count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))


class Heartbeat(Base):
    """When a worker swept last: one row. A long silence means that what waits was meant for another time."""

    __tablename__ = "heartbeat"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

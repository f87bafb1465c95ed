"""Supporters, what they consented to, and their actions. Personal text is encrypted at rest."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actions.sources import Source
from app.campaigns.models import Campaign, LetterTemplate
from app.columns import Base, UtcDateTime, enum_column
from app.privacy.fields import EncryptedText
from app.queue.models import Delivery
from app.targets.models import Area, Target


class Supporter(Base):
    """A person, unique by normalised e-mail, which is found by its keyed hash."""

    __tablename__ = "supporter"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(EncryptedText("supporter.name"))
    email: Mapped[str] = mapped_column(EncryptedText("supporter.email"))
    email_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    unasked_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when they do not want to be asked who has answered."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Consent(Base):
    """What a supporter said, when, about hearing from the organisers: the wording they saw, and yes or no."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"), index=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    """The action that it was said with, or from whose page it was taken back."""
    given: Mapped[bool]
    wording: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ActionState(enum.StrEnum):
    """pending → confirmed → withdrawn; pending → expired."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Action(Base):
    """One supporter's one act in one campaign. Its text is kept once, whatever the number of targets."""

    __tablename__ = "action"
    __table_args__ = (
        # Several drafts may wait for confirmation; only one of them can become the supporter's act.
        Index(
            "uq_action_confirmed_once",
            "campaign_id",
            "supporter_id",
            unique=True,
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
        Index("ix_action_state_expires_at", "state", "expires_at"),
        # Those who are yet to be asked who has answered, and nobody else.
        Index(
            "ix_action_ask_at",
            "ask_at",
            sqlite_where=text("ask_at IS NOT NULL"),
            postgresql_where=text("ask_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"), index=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("letter_template.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    state: Mapped[ActionState] = mapped_column(enum_column(ActionState, "state"))
    language: Mapped[str] = mapped_column(String(12))
    """The language that the supporter reads; their mails and pages are in it."""
    source: Mapped[str] = mapped_column(String(20), default=Source.DIRECT, server_default=Source.DIRECT)
    """By which way they came: one of `app.actions.sources`."""
    sameness: Mapped[int | None]
    """How much of the letter is the template's, in percent (`app.letters.likeness`); none before it is confirmed,
    and for what was confirmed before this was looked at."""
    name: Mapped[str] = mapped_column(EncryptedText("action.name"))
    """The name that the letter is signed with."""
    postcode: Mapped[str] = mapped_column(EncryptedText("action.postcode"))
    """Normalised ("ZZ1 1AA"); empty where the campaign does not ask for it."""
    own_words: Mapped[str] = mapped_column(EncryptedText("action.own_words"))
    subject: Mapped[str | None] = mapped_column(EncryptedText("action.subject"))
    """The supporter's subject; none while it is the template's own."""
    body: Mapped[str | None] = mapped_column(EncryptedText("action.body"))
    """The supporter's version of the letter's middle; none while it is the template's own."""
    reasons: Mapped[str | None] = mapped_column(EncryptedText("action.reasons"))
    """The keys of the letter's reasons that the supporter chose, separated by spaces; none if they chose none. Which
    reasons are somebody's own may tell who they are."""
    subject_variant: Mapped[int] = mapped_column(default=0)
    """Which of the template's subjects the supporter was shown, from 0; they may have changed it since."""
    variables: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The public values that filled the template (names of area, council, campaign), as the supporter saw them."""
    protected: Mapped[bool] = mapped_column(default=False)
    """Whether those written to do not see the supporter's address: as the campaign had it when this was handed in."""
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its supporter asked to withdraw it. A letter that was being handed over then goes no second time."""
    ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From when on the days run after which its supporter is asked who has answered; none when they have been, or are
    not to be."""

    campaign: Mapped[Campaign] = relationship()
    supporter: Mapped[Supporter] = relationship()
    template: Mapped[LetterTemplate] = relationship()
    area: Mapped[Area | None] = relationship()
    choices: Mapped[list[ActionTarget]] = relationship(order_by="ActionTarget.target_id")
    parts: Mapped[list[ActionPart]] = relationship(order_by="ActionPart.id")
    letters: Mapped[list[Letter]] = relationship(back_populates="action", order_by="Letter.id")


class ActionPart(Base):
    """What an action says to one more audience: the action itself holds the letter to its first."""

    __tablename__ = "action_part"
    __table_args__ = (UniqueConstraint("action_id", "template_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    template_id: Mapped[int] = mapped_column(ForeignKey("letter_template.id"))
    subject: Mapped[str | None] = mapped_column(EncryptedText("action_part.subject"))
    """As of the action."""
    body: Mapped[str | None] = mapped_column(EncryptedText("action_part.body"))
    """As of the action."""
    subject_variant: Mapped[int] = mapped_column(default=0)
    """As of the action. Reasons are chosen for all parts at once: the action has them."""

    template: Mapped[LetterTemplate] = relationship()


class ActionTarget(Base):
    """A target that a pending action was shown and will be sent to. From its confirmation on its letters say it."""

    __tablename__ = "action_target"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), primary_key=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("action_part.id"))
    """Which letter it was shown with; none is the action's own."""

    target: Mapped[Target] = relationship()
    part: Mapped[ActionPart | None] = relationship()


class Letter(Base):
    """What an action says to one mailbox; the action's frozen text and the template version make it again.

    It is the part of a delivery that never changes, and has the delivery's number.
    """

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("action_id", "target_id"),)

    id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    """Who it is to; of several behind one mailbox the first by name."""
    recipient_id: Mapped[int] = mapped_column(ForeignKey("frozen_recipient.id"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("action_part.id"))
    """Which part of the action it says; none is the action's own text."""
    shared: Mapped[bool] = mapped_column(default=False)
    """Whether it has further addressees: a worker looks for them only then."""
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of subject and text as composed at confirmation (`app.letters.compose.ComposedLetter.digest`)."""

    action: Mapped[Action] = relationship(back_populates="letters")
    target: Mapped[Target] = relationship()
    recipient: Mapped[FrozenRecipient] = relationship(lazy="joined", innerjoin=True)
    addressees: Mapped[list[LetterAddressee]] = relationship(order_by="LetterAddressee.target_id")
    delivery: Mapped[Delivery] = relationship()


class FrozenRecipient(Base):
    """How letters name those whom they are to, as it was when they were confirmed: once for all that say the same."""

    __tablename__ = "frozen_recipient"
    __table_args__ = (UniqueConstraint("name", "organisation", "salutation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str] = mapped_column(String(200))
    salutation: Mapped[str] = mapped_column(String(200))


class LetterAddressee(Base):
    """A further target behind a letter's mailbox, whom the letter names too."""

    __tablename__ = "letter_addressee"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), primary_key=True, index=True)

    target: Mapped[Target] = relationship()


def letters_to(target_id: int) -> ColumnElement[bool]:
    """Whether a letter names the target, alone or with others behind its mailbox."""
    named = select(LetterAddressee.letter_id).where(LetterAddressee.target_id == target_id)
    return or_(Letter.target_id == target_id, Letter.id.in_(named))


class Rotation(Base):
    """How many letters of a campaign that writes to its targets in turn each of them has had."""

    __tablename__ = "rotation"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), primary_key=True)
    letters: Mapped[int]
    """Counted when they are confirmed, whatever becomes of them."""


class CampaignTally(Base):
    """How often supporters of one campaign took a step, by one thing that is the same for many of them: the way they
    came by, their language, how much of the letter is their own. See `app.actions.activity`.
    """

    __tablename__ = "campaign_tally"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The step and what it is counted by: `confirmed.language`."""
    label: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))


class Throttle(Base):
    """How often something happened in one window of time; see `app.actions.throttle`."""

    __tablename__ = "throttle"

    bucket: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """A keyed hash of what is limited (an address, a network): never the thing itself."""
    window_ends: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    count: Mapped[int]

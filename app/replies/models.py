"""Replies: what a target answered, or what a supporter told us of it; and the answers that are on their way."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime, enum_column
from app.privacy.fields import EncryptedText


class ReplyKind(enum.StrEnum):
    """How we know of a reply."""

    RELAYED = "relayed"
    """It came to us, and we passed it on."""
    TOLD = "told"
    """The supporter told us."""


class Answer(enum.StrEnum):
    """What came back to a letter."""

    ANSWERED = "answered"
    """A person's answer."""
    AUTOMATIC = "automatic"
    """An absence note or an acknowledgement that a machine wrote, and nothing more."""
    NONE = "none"
    """Nothing, as the supporter tells."""


class Reply(Base):
    """What a target answered to one letter, or what its writer told us of that."""

    __tablename__ = "reply"
    __table_args__ = (
        Index(
            "uq_reply_told_once",
            "letter_id",
            unique=True,
            sqlite_where=text("kind = 'told'"),
            postgresql_where=text("kind = 'told'"),
        ),
        Index(
            "ix_reply_noted",
            "at",
            sqlite_where=text("note IS NOT NULL"),
            postgresql_where=text("note IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), index=True)
    kind: Mapped[ReplyKind] = mapped_column(enum_column(ReplyKind, "kind"))
    answer: Mapped[Answer] = mapped_column(enum_column(Answer, "answer"))
    helpful: Mapped[bool | None]
    """Whether it helped, as the supporter tells; none where they did not say."""
    note: Mapped[str | None] = mapped_column(EncryptedText("reply.note"))
    """The supporter's words about it, for staff; erased after a year."""
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """A keyed hash of the mail that came to us, so that one which is read again is not passed on again."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it came, or was told last."""


class RelayedMail(Base):
    """An answer on its way to the supporter; deleted when it has been handed over."""

    __tablename__ = "relayed_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("reply.id"), unique=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), unique=True)
    from_name: Mapped[str] = mapped_column(EncryptedText("relayed_mail.from_name"))
    from_address: Mapped[str] = mapped_column(EncryptedText("relayed_mail.from_address"))
    subject: Mapped[str] = mapped_column(EncryptedText("relayed_mail.subject"))
    text: Mapped[str] = mapped_column(EncryptedText("relayed_mail.text"))
    attachments: Mapped[str] = mapped_column(EncryptedText("relayed_mail.attachments"))
    """Names and sizes of what came with it, as `app.replies.attachments` keeps them; the files are not kept."""
    cut: Mapped[bool]
    """Whether it was longer than what is passed on."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    reply: Mapped[Reply] = relationship()


class ReplyCount(Base):
    """To how many letters of a campaign a target answered; moved in the transactions that take replies in.

    A letter counts once, by the best that came back to it: an answer before an automatic one before none. One that
    names several behind a mailbox counts for the first of them, as the letter itself does.
    """

    __tablename__ = "reply_count"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), primary_key=True)
    answer: Mapped[Answer] = mapped_column(enum_column(Answer, "answer"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))

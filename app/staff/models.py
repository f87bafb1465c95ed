"""Those who work at `/organise`: who they are, how they sign in, and what they did.

Names and addresses are encrypted like a supporter's. Of passwords, recovery codes and sessions only hashes are kept; of
links not even that: they are signed, and the row says whether they still count (docs/adr/0019-staff-accounts.md).
"""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign
from app.columns import Base, UtcDateTime, enum_column
from app.privacy.fields import EncryptedText
from app.roles import Role


class Partner(Base):
    """An organisation that works with us. Its members see its campaigns and no others."""

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class PartnerCampaign(Base):
    """A campaign that is a partner's; several may share one."""

    __tablename__ = "partner_campaign"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, index=True)


class MemberState(enum.StrEnum):
    """invited → active ⇄ deactivated; invited → deactivated."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class StaffMember(Base):
    """Somebody who works with the platform, unique by normalised e-mail. Never deleted: the audit names them."""

    __tablename__ = "staff_member"
    __table_args__ = (CheckConstraint("(role = 'partner') = (partner_id IS NOT NULL)", name="partner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(EncryptedText("staff_member.name"))
    email: Mapped[str] = mapped_column(EncryptedText("staff_member.email"))
    email_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[Role] = mapped_column(enum_column(Role, "role"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    """Whose campaigns a partner sees; none for every other role."""
    state: Mapped[MemberState] = mapped_column(enum_column(MemberState, "state"), default=MemberState.INVITED)
    language: Mapped[str] = mapped_column(String(12))
    """The language that mails to them are in."""
    password: Mapped[str] = mapped_column(String(200), default="")
    """As `app.staff.passwords` writes it; empty while there is none, and then nothing matches."""
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("staff_member.totp_secret"))
    """What the authenticator app shares with us, in base 32; none without a second factor."""
    totp_step: Mapped[int] = mapped_column(default=0)
    """The time step of the last code that was taken: no code counts twice."""
    failures: Mapped[int] = mapped_column(default=0)
    """Sign-ins that failed in a row."""
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when no sign-in succeeds, after too many failures."""
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wants_digest: Mapped[bool | None]
    """Whether they want the weekly mail; none while they have not said, and then their role decides."""
    digested_for: Mapped[date | None]
    """The last Monday on which they were seen to with it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    partner: Mapped[Partner | None] = relationship()
    passkeys: Mapped[list[Passkey]] = relationship(lazy="selectin", order_by="Passkey.id", cascade="all, delete-orphan")

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone does not let them in."""
        return self.totp_secret is not None or bool(self.passkeys)

    def locked(self, now: datetime) -> bool:
        """Whether sign-ins are refused for now."""
        return self.locked_until is not None and self.locked_until > now


class Passkey(Base):
    """A key of somebody's phone, computer or security stick, which proves itself by a signature (WebAuthn)."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    """What the key has counted last; 0 for ever where it does not count."""
    name: Mapped[str] = mapped_column(String(80))
    """What its owner calls it."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkKind(enum.StrEnum):
    """What a link of staff's is for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 - what the link is for
    """To set another password."""
    DEMO = "demo"
    """To sign in without a password, on a developer's machine."""


class StaffLink(Base):
    """A link that works once and for a while. Its token is the signed `public_id`, so this row alone opens nothing."""

    __tablename__ = "staff_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(enum_column(LinkKind, "kind"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was used, or another took its place."""

    member: Mapped[StaffMember] = relationship()


class StaffMail(Base):
    """Whom a delivery to staff is for, and the link that it carries, or the campaign and the deed that it speaks of."""

    __tablename__ = "staff_mail"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("staff_link.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("audit_entry.id"))

    member: Mapped[StaffMember] = relationship()
    link: Mapped[StaffLink | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    deed: Mapped[AuditEntry | None] = relationship()


class RecoveryCode(Base):
    """A code that stands in for the second factor, once. The row goes when it is used."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class StaffSession(Base):
    """A browser that is signed in. The cookie holds a random token, and this row its hash."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    owes_factor: Mapped[bool]
    """Whether only the password was given so far; then this is good for the second factor and nothing else."""
    browser: Mapped[str] = mapped_column(EncryptedText("staff_session.browser"))
    """What the browser calls itself, for its owner to know it by."""
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When they last proved who they are; what matters is asked for again after a while."""

    member: Mapped[StaffMember] = relationship()


class AuditEntry(Base):
    """Who did what, when, to what. Written once: the database refuses to change or delete a row."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_actor", "actor_id", "id"), Index("ix_audit_entry_kind", "kind", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    """Who; none for the command line, and for what the house does by itself."""
    action: Mapped[str] = mapped_column(String(60))
    """What, as `kind.verb`: `staff.invited`."""
    kind: Mapped[str] = mapped_column(String(40))
    """What kind of thing it was done to."""
    object_id: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What changed, from and to. No secrets, nothing of supporters, and staff by their ids only."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Why, in the actor's words."""

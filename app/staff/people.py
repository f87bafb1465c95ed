"""Who may sign in, and as what: decided by admins, or on the command line. Every decision is in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.actions.addresses import lookup_form
from app.privacy.keys import FieldKeys
from app.queue.states import Purpose
from app.roles import SEES_ALL_CAMPAIGNS, Role
from app.staff.audit import Deed, record
from app.staff.links import end_links
from app.staff.mails import mail_change, mail_link
from app.staff.models import LinkKind, MemberState, Partner, PartnerCampaign, StaffMember
from app.staff.second_factor import forget_recovery_codes
from app.staff.sessions import end_all


class AlreadyStaffError(Exception):
    """The address is a member's already."""


class LastAdminError(Exception):
    """Nobody would be left who can invite others."""


class WrongStateError(Exception):
    """What was asked for makes no sense in the state that the member is in."""


@dataclass(frozen=True, slots=True)
class Position:
    """A role, and for a partner the name of their organisation."""

    role: Role
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is invited. Text is checked and normalised before it comes here."""

    email: str
    name: str
    language: str
    position: Position


@dataclass(frozen=True, slots=True)
class Personnel:
    """Decides about members; `actor_id` is who decides, none on the command line."""

    session: Session
    keys: FieldKeys
    actor_id: int | None
    now: datetime

    def invite(self, newcomer: Newcomer) -> tuple[StaffMember, int]:
        """Add a member and mail them an invitation; the member, and the id of the delivery.

        Raises:
            AlreadyStaffError: the address is a member's.
        """
        email_hash = self.keys.blind_index("staff_member.email", lookup_form(newcomer.email))
        if self.session.scalar(select(StaffMember.id).where(StaffMember.email_hash == email_hash)) is not None:
            raise AlreadyStaffError("That address is a member's already.")
        member = StaffMember(
            name=newcomer.name,
            email=newcomer.email,
            email_hash=email_hash,
            role=newcomer.position.role,
            partner=self._partner(newcomer.position),
            language=newcomer.language,
            created_at=self.now,
        )
        self.session.add(member)
        self.session.flush()
        self._record("staff.invited", member, after=_position_of(member))
        return member, mail_link(self.session, member, Purpose.STAFF_INVITATION, self.now)

    def invite_again(self, member: StaffMember) -> int:
        """Mail a fresh invitation; the earlier link works no more. The id of the delivery.

        Raises:
            WrongStateError: they have accepted theirs, or are deactivated.
        """
        _demand(member, MemberState.INVITED)
        self._record("staff.invited_again", member)
        return mail_link(self.session, member, Purpose.STAFF_INVITATION, self.now)

    def place(self, member: StaffMember, position: Position) -> None:
        """Give a member another role. They are signed out, so that it holds at once.

        Raises:
            LastAdminError: they are the only admin.
        """
        before = _position_of(member)
        if position.role is not Role.ADMIN:
            self._keep_an_admin(member)
        member.role, member.partner = position.role, self._partner(position)
        self.session.flush()
        if before != _position_of(member):
            end_all(self.session, member.id)
            self._record("staff.role_changed", member, before, _position_of(member))

    def deactivate(self, member: StaffMember) -> None:
        """Let a member sign in no more, from this moment on.

        Raises:
            LastAdminError: they are the only admin.
            WrongStateError: they are deactivated already.
        """
        if member.state is MemberState.DEACTIVATED:
            raise WrongStateError("They are deactivated already.")
        self._keep_an_admin(member)
        before, member.state = member.state, MemberState.DEACTIVATED
        end_all(self.session, member.id)
        for kind in LinkKind:
            end_links(self.session, member.id, kind, self.now)
        self._record("staff.deactivated", member, {"state": before}, {"state": member.state})

    def activate(self, member: StaffMember) -> int | None:
        """Let a deactivated member in again, with an invitation if they have never accepted one.

        Returns:
            The id of the invitation's delivery, if any.

        Raises:
            WrongStateError: they are not deactivated.
        """
        _demand(member, MemberState.DEACTIVATED)
        member.state = MemberState.ACTIVE if member.password else MemberState.INVITED
        self._record("staff.activated", member, {"state": MemberState.DEACTIVATED}, {"state": member.state})
        if member.state is MemberState.ACTIVE:
            return None
        return mail_link(self.session, member, Purpose.STAFF_INVITATION, self.now)

    def unlock(self, member: StaffMember) -> None:
        """Let somebody try again whom too many failures have locked out.

        Raises:
            WrongStateError: they are not locked out.
        """
        if not member.locked(self.now):
            raise WrongStateError("They are not locked out.")
        member.failures, member.locked_until = 0, None
        self._record("staff.unlocked", member)

    def reset_second_factor(self, member: StaffMember) -> int:
        """Take away a second factor that is lost, with its recovery codes, and tell the member; the delivery's id.

        Raises:
            WrongStateError: they have none.
        """
        if not member.has_second_factor:
            raise WrongStateError("They have no second factor.")
        member.totp_secret = None
        member.passkeys.clear()
        forget_recovery_codes(self.session, member.id)
        end_all(self.session, member.id)
        self._record("staff.second_factor_reset", member)
        return mail_change(self.session, member, self.now)

    def _partner(self, position: Position) -> Partner | None:
        """The partner of that name, made where there is none yet."""
        if position.role is not Role.PARTNER:
            return None
        found = self.session.scalars(select(Partner).where(Partner.name == position.partner)).one_or_none()
        return found or Partner(name=position.partner)

    def _keep_an_admin(self, member: StaffMember) -> None:
        active = (StaffMember.role == Role.ADMIN) & (StaffMember.state == MemberState.ACTIVE)
        # Locked in one order, so that of two admins who deactivate each other one comes too late.
        admins = self.session.scalars(select(StaffMember.id).where(active).order_by(StaffMember.id).with_for_update())
        if set(admins) == {member.id}:
            raise LastAdminError("They are the only admin: make somebody else one first.")

    def _record(
        self,
        action: str,
        member: StaffMember,
        before: dict[str, str] | None = None,
        after: dict[str, str] | None = None,
    ) -> None:
        record(self.session, self.actor_id, Deed(action, member.id, before or {}, after or {}), self.now)


def everybody(session: Session) -> Sequence[StaffMember]:
    """All members, whoever joined first first."""
    return session.scalars(select(StaffMember).options(joinedload(StaffMember.partner)).order_by(StaffMember.id)).all()


def sees_campaign(session: Session, member: StaffMember, campaign_id: int) -> bool:
    """Whether a campaign is one that the member may see: any, or those of their organisation."""
    if member.role in SEES_ALL_CAMPAIGNS:
        return True
    theirs = select(func.count()).where(
        PartnerCampaign.campaign_id == campaign_id, PartnerCampaign.partner_id == member.partner_id
    )
    return bool(session.scalar(theirs))


def _position_of(member: StaffMember) -> dict[str, str]:
    partner = {} if member.partner is None else {"partner": member.partner.name}
    return {"role": member.role.value, **partner}


def _demand(member: StaffMember, state: MemberState) -> None:
    if member.state is not state:
        raise WrongStateError(f"They are {member.state}.")

"""A second person's approval of a campaign that will send many letters (docs/adr/0026-running-a-campaign.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from app.campaigns.fingerprint import fingerprint_of
from app.campaigns.models import Campaign
from app.queue.brakes import take_off
from app.queue.models import Brake, BrakeScope
from app.queue.states import Purpose
from app.roles import PERMISSIONS, Permission, may
from app.running.models import Approval, ApprovalState
from app.staff.audit import APPROVAL_GRANTED, Deed, record
from app.staff.mails import mail_about
from app.staff.models import MemberState, StaffMember

OVER_APPROVED = "more letters than were approved"
"""Why the house itself puts a brake on a campaign."""


MAILED_AN_HOUR = 5
"""Requests about one campaign that the others are mailed about within an hour; later ones they see on their pages."""


class NotForThemError(Exception):
    """Nobody approves what they have asked for themselves, and not every role may."""


class LapsedError(Exception):
    """The campaign says something else now, or the request is not open any more."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """Asks for approvals, and decides about them."""

    session: Session
    threshold: int
    """Above how many letters one is needed; 0 is never."""
    now: datetime

    def allowed(self, campaign: Campaign) -> int | None:
        """How many letters the campaign may send as it is now; none is any number."""
        return None if not self.threshold else max(self.threshold, self.granted(campaign))

    def enough(self, campaign: Campaign, letters: int) -> bool:
        """Whether the campaign may be opened for so many letters."""
        allowed = self.allowed(campaign)
        return allowed is None or letters <= allowed

    def granted(self, campaign: Campaign) -> int:
        """The largest number that was approved of what the campaign says now; 0 where none was."""
        wanted = select(func.max(Approval.letters)).where(
            Approval.campaign_id == campaign.id,
            Approval.state == ApprovalState.GRANTED,
            Approval.fingerprint == fingerprint_of(campaign),
        )
        return self.session.scalar(wanted) or 0

    def ask(self, campaign: Campaign, asker: StaffMember, letters: int, note: str) -> list[int]:
        """Ask the others; an earlier request that waits is withdrawn. The mails to those who may approve, if any."""
        told_often = self._asked_lately(campaign) >= MAILED_AN_HOUR
        waiting = (Approval.campaign_id == campaign.id) & (Approval.state == ApprovalState.ASKED)
        self.session.execute(update(Approval).where(waiting).values(state=ApprovalState.WITHDRAWN))
        approval = Approval(
            campaign_id=campaign.id,
            state=ApprovalState.ASKED,
            fingerprint=fingerprint_of(campaign),
            letters=letters,
            asked_by=asker.id,
            asked_at=self.now,
            note=note,
        )
        self.session.add(approval)
        deed = Deed("campaign.approval_asked", campaign.id, after={"letters": letters}, note=note)
        record(self.session, asker.id, deed, self.now)
        others = [] if told_often else self.approvers(asker.id)
        return [self._mail(member, Purpose.STAFF_APPROVAL, campaign.id) for member in others]

    def _asked_lately(self, campaign: Campaign) -> int:
        """How often somebody has asked about the campaign within the hour."""
        lately = (Approval.campaign_id == campaign.id) & (Approval.asked_at > self.now - timedelta(hours=1))
        return self.session.scalar(select(func.count()).where(lately)) or 0

    def approvers(self, asker_id: int) -> Sequence[StaffMember]:
        """Those who may decide about what a member has asked for."""
        roles = [role for role, permissions in PERMISSIONS.items() if Permission.APPROVAL in permissions]
        wanted = select(StaffMember).where(
            StaffMember.state == MemberState.ACTIVE, StaffMember.role.in_(roles), StaffMember.id != asker_id
        )
        return self.session.scalars(wanted.order_by(StaffMember.id)).all()

    def decide(self, approval: Approval, decider: StaffMember, answer: str, *, granted: bool) -> list[int]:
        """Grant or decline. A brake that the house has put on for want of it comes off. The mail to who asked.

        Raises:
            NotForThemError: they have asked for it themselves, or their role does not approve.
            LapsedError: somebody has decided already, or the campaign says something else now.
        """
        self.session.refresh(approval, ["state"], with_for_update=True)
        if decider.id == approval.asked_by or not may(decider.role, Permission.APPROVAL):
            raise NotForThemError("A second person decides, of those who may.")
        if approval.state is not ApprovalState.ASKED or (granted and lapsed(approval)):
            raise LapsedError("It is not open any more.")
        approval.state = ApprovalState.GRANTED if granted else ApprovalState.DECLINED
        approval.decided_by, approval.decided_at, approval.answer = decider.id, self.now, answer
        action = APPROVAL_GRANTED if granted else "campaign.approval_declined"
        deed = Deed(action, approval.campaign_id, after={"letters": approval.letters}, note=answer)
        deed_id = record(self.session, decider.id, deed, self.now)
        self.session.flush()
        if granted:
            self._let_go_on(approval.campaign)
        return [self._mail(approval.asker, Purpose.STAFF_DECISION, approval.campaign_id, deed_id)]

    def _let_go_on(self, campaign: Campaign) -> None:
        on = (Brake.scope == BrakeScope.CAMPAIGN) & (Brake.subject_id == campaign.id) & (Brake.why == OVER_APPROVED)
        if self.session.scalar(select(Brake.id).where(on)) and self.enough(campaign, campaign.letter_count):
            take_off(self.session, BrakeScope.CAMPAIGN, campaign.id)

    def _mail(self, member: StaffMember, purpose: Purpose, campaign_id: int, deed_id: int | None = None) -> int:
        return mail_about(self.session, member, purpose, campaign_id, self.now, deed_id=deed_id)


def lapsed(approval: Approval) -> bool:
    """Whether the campaign says something else now than what was asked for."""
    return approval.fingerprint != fingerprint_of(approval.campaign)


def newest_of(session: Session, campaign_id: int) -> Approval | None:
    """The last approval that was asked for."""
    wanted = select(Approval).where(Approval.campaign_id == campaign_id).order_by(Approval.id.desc()).limit(1)
    return session.scalars(wanted.options(joinedload(Approval.asker), joinedload(Approval.decider))).first()


def waiting_for(session: Session, member: StaffMember) -> Sequence[Approval]:
    """The requests that a member may decide about, oldest first."""
    if not may(member.role, Permission.APPROVAL):
        return ()
    wanted = select(Approval).where(Approval.state == ApprovalState.ASKED, Approval.asked_by != member.id)
    loaded = wanted.options(joinedload(Approval.asker), joinedload(Approval.campaign).selectinload(Campaign.pages))
    return session.scalars(loaded.order_by(Approval.id)).all()

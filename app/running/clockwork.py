"""What happens to campaigns by time and by number, without a person: a part of every worker's sweep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState, OpeningHeld
from app.campaigns.timetable import Timetable, something_due
from app.db import Sessions
from app.queue.brakes import put_on
from app.queue.models import BrakeScope
from app.queue.states import Purpose
from app.roles import SEES_ALL_CAMPAIGNS, Permission, may
from app.running.approvals import OVER_APPROVED, Approvals
from app.staff.audit import Deed, record
from app.staff.mails import mail_about
from app.staff.models import MemberState, PartnerCampaign, StaffMember
from app.staff_settings import LaunchSettings

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Opens and closes campaigns at their times, and stops letters that go beyond what was approved."""

    sessions: Sessions
    settings: LaunchSettings

    def turn(self, now: datetime) -> list[int]:
        """Do what is due; the mails to staff that say what waits for them."""
        with self.sessions.read() as session:
            due = something_due(session, now) or self._any_beyond(session)
        if not due:
            return []
        with self.sessions.write() as session:
            timetable = Timetable(session, now, self.settings.most_late)
            approvals = Approvals(session, self.settings.approval_letters, now)
            mails = [mail for campaign in timetable.to_open() for mail in self._open(campaign, timetable, approvals)]
            for campaign in timetable.to_close():
                if timetable.close(campaign):
                    _note(session, "closed", campaign, now)
            mails += [mail for campaign in self._beyond(session) for mail in _stop(session, campaign, approvals)]
        return mails

    def _open(self, campaign: Campaign, timetable: Timetable, approvals: Approvals) -> Iterable[int]:
        session, now = timetable.session, timetable.now
        why = self._reason_to_wait(campaign, timetable, approvals)
        if why is None:
            if timetable.open(campaign):
                _note(session, "opened", campaign, now)
            return []
        if not timetable.hold(campaign, why):
            return []
        _note(session, "opening_held", campaign, now, note=why.value)
        return _tell_staff(session, campaign, now)

    def _reason_to_wait(self, campaign: Campaign, timetable: Timetable, approvals: Approvals) -> OpeningHeld | None:
        if timetable.is_late(campaign):
            return OpeningHeld.LATE
        expected = campaign.letters_expected
        return None if expected is None or approvals.enough(campaign, expected) else OpeningHeld.APPROVAL

    def _any_beyond(self, session: Session) -> bool:
        return bool(self.settings.approval_letters and session.scalar(select(exists().where(self._counted()))))

    def _beyond(self, session: Session) -> Iterable[Campaign]:
        if not self.settings.approval_letters:
            return ()
        return session.scalars(select(Campaign).where(self._counted()).order_by(Campaign.id)).all()

    def _counted(self) -> ColumnElement[bool]:
        """The campaigns under way that staff have opened, with more letters than need no approval."""
        more = Campaign.letter_count > self.settings.approval_letters
        return (Campaign.state == CampaignState.LIVE) & Campaign.letters_expected.is_not(None) & more


def _stop(session: Session, campaign: Campaign, approvals: Approvals) -> Iterable[int]:
    """Put the brake on where more was confirmed than was approved: letters are still taken, and wait."""
    if approvals.enough(campaign, campaign.letter_count):
        return []
    if not put_on(session, BrakeScope.CAMPAIGN, campaign.id, OVER_APPROVED, approvals.now):
        return []
    _note(session, "letters_stopped", campaign, approvals.now, note=OVER_APPROVED)
    return _tell_staff(session, campaign, approvals.now)


def _tell_staff(session: Session, campaign: Campaign, now: datetime) -> list[int]:
    """Mail to everybody who may run the campaign."""
    members = session.scalars(select(StaffMember).where(StaffMember.state == MemberState.ACTIVE)).all()
    theirs = set(session.scalars(select(PartnerCampaign.partner_id).where(PartnerCampaign.campaign_id == campaign.id)))
    return [
        mail_about(session, member, Purpose.STAFF_WAITING, campaign.id, now)
        for member in members
        if may(member.role, Permission.CAMPAIGNS) and (member.role in SEES_ALL_CAMPAIGNS or member.partner_id in theirs)
    ]


def _note(session: Session, verb: str, campaign: Campaign, now: datetime, note: str = "") -> None:
    record(session, None, Deed(f"campaign.{verb}", campaign.id, after={"state": campaign.state.value}, note=note), now)
    _log.info("campaign", slug=campaign.slug, by_itself=verb, why=note)

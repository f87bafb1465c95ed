"""The weekly mail to those who want it: what happened from Monday to Sunday, queued on the Monday after.

A member's row says for which week they have been seen to; it is moved by compare-and-swap in the transaction that
queues their mail. So of several workers one queues it, and one that dies on the way has queued nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.actions.activity import Step
from app.campaigns.models import Campaign
from app.db import Sessions
from app.delivery.digest_notice import CampaignWeek, Refusal, Week
from app.delivery.models import Digest
from app.hours import HOUSE_ZONE
from app.queue.lanes import LaneRules, nameless
from app.queue.models import LETTERS, CampaignHour
from app.queue.states import DeliveryState
from app.reporting.counters import Counters
from app.reporting.lanes import lane_stands
from app.reporting.periods import Period, Unit, periods
from app.reporting.scope import Scope, everything
from app.roles import SEES_ALL_CAMPAIGNS
from app.staff.digests import wants_digest
from app.staff.mails import mail_digest
from app.staff.models import MemberState, StaffMember
from app.statements import among

HOUR = time(8)
"""When on a Monday it is due, by the house's clock."""
LATEST = timedelta(hours=12)
"""How long after that it is still queued: who was switched off over the day tells no old news in the night."""
MOST_CAMPAIGNS = 5
"""Campaigns that it names."""
A_WEEK = timedelta(days=7)

Happened = Mapping[int, Counter[str]]


@dataclass(frozen=True, slots=True)
class DigestRound:
    """Queues the weekly mails that are due."""

    sessions: Sessions
    rules: LaneRules

    def turn(self, now: datetime) -> list[int]:
        """Queue what is due; the ids of the deliveries."""
        monday = monday_due(now)
        if monday is None:
            return []
        with self.sessions.read() as session:
            if not session.scalar(select(exists().where(_not_seen_to(monday)))):
                return []
        with self.sessions.write() as session:
            return queue_digests(session, monday, self.rules, now)


def monday_due(now: datetime) -> date | None:
    """The Monday whose mails are due now; none at most times."""
    there = now.astimezone(HOUSE_ZONE)
    monday = there.date() - timedelta(days=there.weekday())
    due = datetime.combine(monday, HOUR, HOUSE_ZONE)
    return monday if due <= there <= due + LATEST else None


def week_of(session: Session, scope: Scope, language: str, rules: LaneRules, now: datetime) -> Week:
    """The week before the one that `now` lies in."""
    period = periods(Unit.WEEKS, HOUSE_ZONE, now - A_WEEK, now)[0]
    begun = date.fromisoformat(period.label)
    happened = _happened(session, scope, period)
    total: Counter[str] = Counter()
    for counts in happened.values():
        total.update(counts)
    stands = lane_stands(session, scope, rules, now)
    return Week(
        begun=begun.isoformat(),
        ended=(begun + A_WEEK - timedelta(days=1)).isoformat(),
        people=total[Step.CONFIRMED],
        letters=total[LETTERS],
        handed_over=total[DeliveryState.SENT],
        delivered=total[DeliveryState.DELIVERED],
        people_so_far=scope.people,
        letters_so_far=scope.letters,
        held=Counters(session, scope).states[DeliveryState.HELD],
        refusing=[Refusal(nameless(one.lane.key), _day(one.lane.troubled_since)) for one in stands if one.refuses],
        campaigns=_most(scope, happened, language),
    )


def _happened(session: Session, scope: Scope, period: Period) -> Happened:
    """How often each thing happened in each campaign."""
    wanted = (
        select(CampaignHour.campaign_id, CampaignHour.what, func.sum(CampaignHour.count))
        .where(
            among(session, CampaignHour.campaign_id, scope.ids),
            CampaignHour.what.in_((Step.CONFIRMED, LETTERS, DeliveryState.SENT, DeliveryState.DELIVERED)),
            CampaignHour.hour >= period.start,
            CampaignHour.hour < period.end,
        )
        .group_by(CampaignHour.campaign_id, CampaignHour.what)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for campaign_id, what, number in session.execute(wanted):
        found[campaign_id][what] = int(number)
    return found


def _most(scope: Scope, happened: Happened, language: str) -> Sequence[CampaignWeek]:
    """The campaigns in which most people wrote; none in which nobody did."""

    def people(campaign: Campaign) -> int:
        return happened[campaign.id][Step.CONFIRMED] if campaign.id in happened else 0

    most = sorted((one for one in scope.campaigns if people(one)), key=lambda one: -people(one))[:MOST_CAMPAIGNS]
    return [CampaignWeek(one.page_in(language).title, people(one), one.confirmed_count, one.goal) for one in most]


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(HOUSE_ZONE).date().isoformat()


def _not_seen_to(monday: date) -> ColumnElement[bool]:
    earlier = or_(StaffMember.digested_for.is_(None), StaffMember.digested_for < monday)
    return (StaffMember.state == MemberState.ACTIVE) & wants_digest() & earlier


def queue_digests(session: Session, monday: date, rules: LaneRules, now: datetime) -> list[int]:
    """See to everybody who wants it, and has not been seen to on this Monday; the ids of the deliveries.

    Who has nothing to be told has been seen to as well.
    """
    told: dict[tuple[int | None, str], Week] = {}
    ids = []
    for member in session.scalars(select(StaffMember).where(_not_seen_to(monday)).order_by(StaffMember.id)).all():
        if not _take(session, member.id, monday):
            continue
        partner_id = None if member.role in SEES_ALL_CAMPAIGNS else member.partner_id
        whose = (partner_id, member.language)
        if whose not in told:
            told[whose] = week_of(session, everything(session, partner_id), member.language, rules, now)
        if not told[whose].is_silent:
            ids.append(mail_digest(session, member, now))
            session.add(Digest(delivery_id=ids[-1], week=told[whose].stored()))
    return ids


def _take(session: Session, member_id: int, monday: date) -> bool:
    """Whether it is this transaction that sees to the member."""
    swap = update(StaffMember).where(StaffMember.id == member_id, _not_seen_to(monday)).values(digested_for=monday)
    taken = session.execute(swap.returning(StaffMember.id), execution_options={"synchronize_session": False})
    return taken.first() is not None

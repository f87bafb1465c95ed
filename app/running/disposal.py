"""A draft that nobody needs is thrown away, with all that was made for it; nothing that supporters have written is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, delete, select, update
from sqlalchemy.orm import Session

from app.actions.models import Action, CampaignTally
from app.announcements.models import Hook
from app.campaigns.models import Campaign, CampaignState
from app.columns import Base
from app.drafts.models import CampaignDraft
from app.queue.brakes import take_off
from app.queue.models import BrakeScope, CampaignHour, StateCount, TargetCount
from app.staff.audit import Deed, record

_NAMED_ONLY = (CampaignTally, CampaignHour, StateCount, TargetCount)
"""What is counted of a campaign without a reference to it, such as how often its page was read."""


class NotDisposableError(Exception):
    """It is no draft, somebody has written in it, files own it, or a webhook is told of it alone."""


def may_be_thrown_away(session: Session, campaign: Campaign) -> bool:
    """Whether it is a draft of staff's in which nobody has ever written."""
    if campaign.state is not CampaignState.DRAFT or campaign.of_files:
        return False
    tied = (select(one.id).where(one.campaign_id == campaign.id).limit(1) for one in (Action, Hook))
    return all(session.scalar(wanted) is None for wanted in tied)


def throw_away(session: Session, campaign: Campaign, actor_id: int, now: datetime) -> None:
    """Delete a draft for good; the audit says that there was one, and what it was called.

    Raises:
        NotDisposableError: it has to stay.
    """
    session.refresh(campaign, ["state", "files_state"], with_for_update=True)
    if not may_be_thrown_away(session, campaign):
        raise NotDisposableError
    before = {"slug": campaign.slug, "title": campaign.page_in("en").title}
    record(session, actor_id, Deed("campaign.thrown_away", campaign.id, before), now)
    take_off(session, BrakeScope.CAMPAIGN, campaign.id)
    _let_go_of(session, campaign.id)
    session.execute(delete(Campaign).where(Campaign.id == campaign.id))


def _let_go_of(session: Session, campaign_id: int) -> None:
    """Delete what is the campaign's alone; what may be of none, as mails that staff had about it, is of none then."""
    session.execute(delete(CampaignDraft).where(CampaignDraft.campaign_id == campaign_id))
    for kind in _NAMED_ONLY:
        session.execute(delete(kind).where(kind.campaign_id == campaign_id))
    for column in _references():
        of_it = column == campaign_id
        gone = update(column.table).where(of_it).values({column.name: None}) if column.nullable else None
        session.execute(delete(column.table).where(of_it) if gone is None else gone)


def _references() -> list[Column[int]]:
    """Every column that refers to a campaign, so that none is forgotten that is added one day."""
    return [
        key.parent
        for table in reversed(Base.metadata.sorted_tables)
        for key in table.foreign_keys
        if key.column is Campaign.__table__.c.id
    ]

"""Whose campaign it is: partners see theirs and no others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.staff.audit import Deed, record
from app.staff.models import Partner, PartnerCampaign


def partners_of(session: Session, campaign: Campaign) -> set[int]:
    """The ids of the partners whose campaign it is."""
    return set(session.scalars(select(PartnerCampaign.partner_id).where(PartnerCampaign.campaign_id == campaign.id)))


def share(session: Session, campaign: Campaign, partner_ids: Collection[int], actor_id: int, now: datetime) -> None:
    """Make it the campaign of these partners and of no others; ids of nobody are passed over."""
    before = partners_of(session, campaign)
    known = {partner.id: partner.name for partner in session.scalars(select(Partner))}
    after = set(partner_ids) & set(known)
    if before == after:
        return
    mine = PartnerCampaign.campaign_id == campaign.id
    session.execute(delete(PartnerCampaign).where(mine, PartnerCampaign.partner_id.in_(before - after)))
    session.add_all(PartnerCampaign(partner_id=each, campaign_id=campaign.id) for each in after - before)
    session.flush()
    was, are = ({"partners": sorted(known[each] for each in ids)} for ids in (before, after))
    record(session, actor_id, Deed("campaign.shared", campaign.id, was, {"slug": campaign.slug, **are}), now)

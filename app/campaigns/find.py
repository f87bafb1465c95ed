"""Campaigns by their slug."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign


class UnknownCampaignError(LookupError):
    """There is no such campaign."""


def campaign_called(session: Session, slug: str) -> Campaign:
    """Return a campaign, whatever state it is in.

    Raises:
        UnknownCampaignError: there is none of that slug.
    """
    campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise UnknownCampaignError(f"There is no campaign {slug}.")
    return campaign

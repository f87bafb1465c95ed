"""Which campaigns a report is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.campaigns.models import DEFAULT_TIME_ZONE, Campaign
from app.staff.models import PartnerCampaign


@dataclass(frozen=True, slots=True)
class Scope:
    """Some campaigns, whose figures are told together; one of them, or all that somebody may see."""

    campaigns: Sequence[Campaign]
    whole: bool = False
    """Whether these are all that there are to see, and not one that was asked for."""

    @property
    def ids(self) -> Collection[int]:
        """Their ids."""
        return [campaign.id for campaign in self.campaigns]

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock divides the days: the campaign's, or the house's for several."""
        return ZoneInfo(DEFAULT_TIME_ZONE if self.whole else self.campaigns[0].time_zone)

    @property
    def people(self) -> int:
        """How many have written and not withdrawn it all."""
        return sum(campaign.confirmed_count for campaign in self.campaigns)

    @property
    def letters(self) -> int:
        """How many letters that made, whatever became of them."""
        return sum(campaign.letter_count for campaign in self.campaigns)


def everything(session: Session, partner_id: int | None) -> Scope:
    """All campaigns, or those of a partner, in the order in which the site shows them."""
    wanted = select(Campaign).order_by(Campaign.position, Campaign.slug).options(selectinload(Campaign.pages))
    if partner_id is not None:
        wanted = wanted.join(PartnerCampaign, PartnerCampaign.campaign_id == Campaign.id).where(
            PartnerCampaign.partner_id == partner_id
        )
    return Scope(session.scalars(wanted).all(), whole=True)

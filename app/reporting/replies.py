"""To how many letters each target answered, as far as anybody told us."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.replies.models import Answer, ReplyCount


def answered(session: Session, campaign: Campaign) -> Mapping[int, int]:
    """By their target, the letters of a campaign that a person answered; an automatic answer is none."""
    wanted = select(ReplyCount.target_id, ReplyCount.count).where(
        ReplyCount.campaign_id == campaign.id, ReplyCount.answer == Answer.ANSWERED
    )
    return dict(session.execute(wanted).all())

"""A campaign's image as rows: one for each width."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignImage
from app.campaigns.pictures import digest_of, render_picture


def put_image(session: Session, campaign: Campaign, content: bytes) -> bool:
    """Give the campaign this image in place of any other; returns false where it has been made from this file before.

    Its pages must say what it shows (`CampaignPage.image_alt`): whoever calls sees to that.

    Raises:
        PictureRefusedError: the file cannot be a campaign's image.
    """
    source = digest_of(content)
    if campaign.images and all(image.source_digest == source for image in campaign.images):
        return False
    renditions = render_picture(content)
    remove_image(session, campaign)
    campaign.images = [
        CampaignImage(
            width=made.width,
            height=made.height,
            content_type=made.content_type,
            content=made.content,
            digest=made.digest,
            source_digest=source,
        )
        for made in renditions
    ]
    return True


def whole_image(campaign: Campaign) -> bytes | None:
    """The campaign's image in its greatest width; none if it has none."""
    return campaign.images[-1].content if campaign.images else None


def remove_image(session: Session, campaign: Campaign) -> bool:
    """Take the campaign's image away; returns false where it has none."""
    if not campaign.images:
        return False
    campaign.images = []
    session.flush()  # the rows that come may have the widths of those that go
    return True


def image_called(session: Session, digest: str) -> CampaignImage | None:
    """A rendition by its content's digest; campaigns that were copied may share one."""
    return session.scalars(select(CampaignImage).where(CampaignImage.digest == digest).limit(1)).first()

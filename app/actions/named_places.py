"""The places that a campaign is narrowed to: found by their names first, so that nobody elsewhere is looked at."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.campaigns.matching import fits_pattern
from app.campaigns.models import Campaign
from app.statements import among
from app.targets.facts import PLACE
from app.targets.models import WARDS, Area, Target

Wanted = TypeVar("Wanted", bound=Select[Any])


def within_places(session: Session, campaign: Campaign, targets: Wanted) -> Wanted:
    """The same targets, of the areas alone that the campaign's description names; it must still be asked of each."""
    patterns = campaign.targeting.who.of_key(PLACE)
    if not patterns:
        return targets
    rows = session.execute(select(Area.id, Area.name, Area.code)).all()
    named = [id_ for id_, *texts in rows if any(fits_pattern(each, text) for each in patterns for text in texts)]
    parts = select(Area.id).where(among(session, Area.parent_id, named), Area.kind.in_(WARDS))
    return targets.where(among(session, Target.area_id, named) | Target.area_id.in_(parts))

"""Opening and closing by time. Each move is one compare-and-swap, so of several workers one makes it, and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from app.campaigns.lifecycle import UNDER_WAY
from app.campaigns.models import Campaign, CampaignState, OpeningHeld

_S = CampaignState
_OPENS = (Campaign.state == _S.SCHEDULED) & Campaign.opening_held.is_(None)
_CLOSES = Campaign.state.in_(UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Moves campaigns by their times."""

    session: Session
    now: datetime
    most_late: timedelta
    """How late a campaign may still be opened without a person's word."""

    def to_open(self) -> Sequence[Campaign]:
        """The scheduled campaigns whose time has come."""
        return self._due(_OPENS & (Campaign.opens_at <= self.now))

    def to_close(self) -> Sequence[Campaign]:
        """The campaigns under way whose end has come."""
        return self._due(_CLOSES & (Campaign.closes_at <= self.now))

    def is_late(self, campaign: Campaign) -> bool:
        """Whether too much time has passed to open it now, or it would be over already."""
        assert campaign.opens_at is not None  # noqa: S101 - it is one of `to_open`
        over = campaign.closes_at is not None and campaign.closes_at <= self.now
        return over or self.now - campaign.opens_at > self.most_late

    def open(self, campaign: Campaign) -> bool:
        """Open it, unless somebody has moved it or its time meanwhile; whether this call did."""
        still = _OPENS & (Campaign.opens_at == campaign.opens_at)
        return self._swap(campaign, still, state=_S.LIVE)

    def hold(self, campaign: Campaign, why: OpeningHeld) -> bool:
        """Leave it scheduled until a person decides; whether this call did."""
        still = _OPENS & (Campaign.opens_at == campaign.opens_at)
        return self._swap(campaign, still, opening_held=why)

    def close(self, campaign: Campaign) -> bool:
        """Close it; whether this call did. However late that is, it is never wrong."""
        return self._swap(campaign, _CLOSES & (Campaign.closes_at <= self.now), state=_S.CLOSED)

    def _due(self, which: ColumnElement[bool]) -> Sequence[Campaign]:
        return self.session.scalars(select(Campaign).where(which).order_by(Campaign.id)).all()

    def _swap(self, campaign: Campaign, still: ColumnElement[bool], **values: object) -> bool:
        statement = update(Campaign).where(Campaign.id == campaign.id, still).values(values)
        moved = self.session.scalar(statement.returning(Campaign.id).execution_options(synchronize_session=False))
        if moved is not None:
            self.session.refresh(campaign)
        return moved is not None


def something_due(session: Session, now: datetime) -> bool:
    """Whether any campaign should be opened or closed now; cheap, and most of the time no."""
    opens, closes = _OPENS & (Campaign.opens_at <= now), _CLOSES & (Campaign.closes_at <= now)
    return bool(session.scalar(select(exists().where(or_(opens, closes)))))

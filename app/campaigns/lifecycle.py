"""The states of a campaign and the moves between them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.announcements.announce import announce
from app.announcements.models import Happening
from app.campaigns.models import Campaign, CampaignState

_S = CampaignState

MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    _S.DRAFT: frozenset({_S.SCHEDULED, _S.LIVE, _S.CLOSED, _S.WON}),
    _S.SCHEDULED: frozenset({_S.DRAFT, _S.LIVE, _S.CLOSED}),
    _S.LIVE: frozenset({_S.PAUSED, _S.CLOSED, _S.WON}),
    _S.PAUSED: frozenset({_S.LIVE, _S.CLOSED, _S.WON}),
    _S.CLOSED: frozenset({_S.LIVE, _S.WON}),
    _S.WON: frozenset({_S.CLOSED}),
}
"""Every move that may happen.

No campaign in which people may have written becomes a draft again; one that is only scheduled may. A closed campaign
may open again, and a win often comes after the letters have stopped. A won campaign can only be closed, which takes
it off the start page; should it have to go on after all, closing and opening it are two decisions that leave their
trace.
"""
UNDER_WAY = (_S.LIVE, _S.PAUSED)
"""The states in which a campaign has an end ahead, and closes at its time."""


class IllegalMoveError(Exception):
    """A campaign cannot go from the state it is in to the one that was asked for."""


def move_problem(origin: CampaignState, to: CampaignState) -> str | None:
    """Why a campaign cannot go from one state to another, in words; none when it can, or is there already."""
    if origin is to or to in MOVES[origin]:
        return None
    return f"a campaign that is {origin} cannot become {to}; it can become {_listed(origin)}"


def move_campaign(session: Session, campaign: Campaign, to: CampaignState, now: datetime) -> bool:
    """Move a campaign to a state, and say whether that changed anything; who wants to know of it is told.

    The row is read again under a lock first (on SQLite a writing transaction is alone anyway), so that two moves at the
    same moment follow each other, and the second is judged by what the first made.

    Raises:
        IllegalMoveError: the table of moves has no such move.
    """
    session.flush()
    session.refresh(campaign, ["state"], with_for_update=True)
    problem = move_problem(campaign.state, to)
    if problem:
        raise IllegalMoveError(problem)
    origin, campaign.state = campaign.state, to
    if origin is to:
        return False
    campaign.opening_held = None
    if to is CampaignState.LIVE:
        campaign.keeps_sending = None
    announce(session, Happening.STATE_CHANGED, campaign.id, {"from": origin.value, "to": to.value}, now)
    return True


def _listed(origin: CampaignState) -> str:
    # In the order in which the states are defined, so that the sentence is the same each time.
    return " or ".join(state for state in CampaignState if state in MOVES[origin])

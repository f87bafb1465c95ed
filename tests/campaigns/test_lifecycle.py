"""Moving campaigns from state to state."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest
from sqlalchemy import update

from app.campaigns.lifecycle import MOVES, IllegalMoveError, move_campaign
from app.campaigns.models import Campaign, CampaignKind, CampaignState, TargetRule
from app.db import Sessions

S = CampaignState
LEGAL = {
    (S.DRAFT, S.SCHEDULED),
    (S.SCHEDULED, S.DRAFT),
    (S.SCHEDULED, S.LIVE),
    (S.SCHEDULED, S.CLOSED),
    (S.DRAFT, S.LIVE),
    (S.DRAFT, S.CLOSED),
    (S.DRAFT, S.WON),
    (S.LIVE, S.PAUSED),
    (S.LIVE, S.CLOSED),
    (S.LIVE, S.WON),
    (S.PAUSED, S.LIVE),
    (S.PAUSED, S.CLOSED),
    (S.PAUSED, S.WON),
    (S.CLOSED, S.LIVE),
    (S.CLOSED, S.WON),
    (S.WON, S.CLOSED),
}


def add_campaign(sessions: Sessions, state: CampaignState, now: datetime) -> int:
    with sessions.write() as session:
        campaign = Campaign(
            slug="abolish-reporting",
            kind=CampaignKind.LETTER,
            state=state,
            colour="#7a1f5c",
            position=1,
            target_rule=TargetRule.ALL,
            created_at=now,
        )
        session.add(campaign)
        session.flush()
        return campaign.id


def state_of(sessions: Sessions, campaign_id: int) -> CampaignState:
    with sessions.read() as session:
        return session.get_one(Campaign, campaign_id).state


@pytest.mark.parametrize(("origin", "to"), list(itertools.permutations(S, 2)))
def test_the_table_of_moves_is_kept(
    sqlite_sessions: Sessions, now: datetime, origin: CampaignState, to: CampaignState
) -> None:
    campaign_id = add_campaign(sqlite_sessions, origin, now)
    with sqlite_sessions.write() as session:
        campaign = session.get_one(Campaign, campaign_id)
        if (origin, to) in LEGAL:
            assert move_campaign(session, campaign, to, now)
        else:
            with pytest.raises(
                IllegalMoveError, match=f"a campaign that is {origin} cannot become {to}; it can become "
            ):
                move_campaign(session, campaign, to, now)
    assert state_of(sqlite_sessions, campaign_id) is (to if (origin, to) in LEGAL else origin)


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(S)


def test_staying_is_no_move(sqlite_sessions: Sessions, now: datetime) -> None:
    campaign_id = add_campaign(sqlite_sessions, S.WON, now)
    with sqlite_sessions.write() as session:
        assert not move_campaign(session, session.get_one(Campaign, campaign_id), S.WON, now)


def test_a_move_is_judged_by_the_state_in_the_database_not_by_an_old_copy(sessions: Sessions, now: datetime) -> None:
    campaign_id = add_campaign(sessions, S.LIVE, now)
    with sessions.read() as session:
        old_copy = session.get_one(Campaign, campaign_id)
    with sessions.write() as session:
        session.execute(update(Campaign).values(state=S.WON))
    with sessions.write() as session:
        session.add(old_copy)
        with pytest.raises(IllegalMoveError):
            move_campaign(session, old_copy, S.PAUSED, now)
    assert state_of(sessions, campaign_id) is S.WON

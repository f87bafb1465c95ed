"""Campaigns with a pace of their own: how many of their letters may leave now, over all lanes together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queue.models import CampaignTurn
from app.queue.pace import next_turn, slots_at
from app.statements import among, insert_or


@dataclass(slots=True)
class Allowance:
    """What one campaign may hand over now: `ids`, never more than its `slots`."""

    turn: CampaignTurn
    pace: int
    slots: int
    ids: set[int] = field(default_factory=set)

    def note_taken(self, claimed: Collection[int], now: datetime, random: Random) -> None:
        """Some of them have been claimed: set when the campaign may send its next letter."""
        if taken := len(self.ids.intersection(claimed)):
            self.turn.next_at = next_turn(self.turn.next_at, self.pace, taken, now, random)


def allowances_of(
    session: Session, paces: Mapping[int, int], now: datetime, most: int, *, lock: bool
) -> dict[int, Allowance]:
    """The allowance of each campaign that may send a letter now.

    Args:
        session: written to with `lock` only.
        paces: letters an hour by campaign.
        now: the time.
        most: the largest number that is asked for.
        lock: whether to keep them for this transaction; those that another worker keeps may send nothing here.
    """
    if not paces:
        return {}
    turns = _turns(session, paces)
    if missing := paces.keys() - turns.keys():
        turns |= _made(session, missing) if lock else {one: CampaignTurn(campaign_id=one) for one in missing}
    if lock:
        wanted = select(CampaignTurn).where(among(session, CampaignTurn.campaign_id, list(turns)))
        fresh = wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        turns = {turn.campaign_id: turn for turn in session.scalars(fresh)}
    found = {
        one: Allowance(turn, paces[one], slots_at(turn.next_at, paces[one], now, most)) for one, turn in turns.items()
    }
    return {one: allowance for one, allowance in found.items() if allowance.slots}


def _turns(session: Session, campaign_ids: Collection[int]) -> dict[int, CampaignTurn]:
    wanted = select(CampaignTurn).where(among(session, CampaignTurn.campaign_id, list(campaign_ids)))
    return {turn.campaign_id: turn for turn in session.scalars(wanted)}


def _made(session: Session, campaign_ids: Collection[int]) -> dict[int, CampaignTurn]:
    """The rows of campaigns that have none yet; another worker may be making them at this moment."""
    session.execute(
        insert_or(session, CampaignTurn).on_conflict_do_nothing(index_elements=["campaign_id"]),
        [{"campaign_id": campaign_id} for campaign_id in sorted(campaign_ids)],
    )
    return _turns(session, campaign_ids)

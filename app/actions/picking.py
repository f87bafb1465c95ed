"""Which of many targets a letter goes to: by chance, or in turn, so that each of them gets about as many.

Turns are counted when letters are confirmed. Those who write one after the other keep the counts within one of each
other; those who write at the same moment see the same counts, and chance spreads them (docs/adr/0017-targeting.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random

from sqlalchemy import Integer, select
from sqlalchemy.orm import Session

from app.actions.models import Rotation
from app.campaigns.models import Campaign, TargetRule
from app.statements import Totals, among
from app.targets.models import Target

_TURNS = Totals(Rotation, {"campaign_id": Integer(), "target_id": Integer(), "letters": Integer()})


def pick(
    session: Session, campaign: Campaign, eligible: Sequence[Target], before: Collection[int], random: Random
) -> list[Target]:
    """The targets of one letter under the rules `random` and `rotate`, in the order of `eligible`.

    Args:
        session: for the turns.
        campaign: its rule, and how many each letter goes to.
        eligible: whom the campaign writes to.
        before: the ids that an earlier step of the same letter has picked. Those that are still eligible stay, and
            nobody is added to them: the supporter has seen whom they write to.
        random: chance.
    """
    most = campaign.targeting.most
    kept = [target for target in eligible if target.id in before]
    if kept and len(before) <= most:
        return kept
    shuffled = random.sample(list(eligible), len(eligible))
    if campaign.target_rule is TargetRule.ROTATE:
        letters = letters_so_far(session, campaign, [target.id for target in eligible])
        shuffled.sort(key=lambda target: letters[target.id])  # stable: chance decides among equals
    picked = {target.id for target in shuffled[:most]}
    return [target for target in eligible if target.id in picked]


def letters_so_far(session: Session, campaign: Campaign, target_ids: Collection[int]) -> dict[int, int]:
    """How many letters of a campaign with the rule `rotate` each of these targets has had."""
    counted = select(Rotation.target_id, Rotation.letters).where(
        Rotation.campaign_id == campaign.id, among(session, Rotation.target_id, target_ids)
    )
    return dict.fromkeys(target_ids, 0) | {row.target_id: row.letters for row in session.execute(counted)}


def count_turns(session: Session, campaign: Campaign, target_ids: Collection[int]) -> None:
    """Count a letter to each of these targets, in the transaction that confirms it; other rules need no counting."""
    if campaign.target_rule is TargetRule.ROTATE:
        _TURNS.add(session, [(campaign.id, target_id, 1) for target_id in sorted(target_ids)])

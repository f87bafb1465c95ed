"""Addresses that wait to be verified are counted without looking at everybody, and are those that a look finds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.actions.everybody import everybody
from app.actions.unverified import unverified_of
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Targeting
from app.drafts.rehearse import coverage_of
from app.targets.models import Target
from tests.actions.conftest import MakeScene
from tests.support.builders import Scene
from tests.support.costs import statements

WEIR = Who.of({"name": ["*Weir*", "*Moss*", "*Upper*"]})


@pytest.fixture
def make(make_two_tiers: MakeScene, now: datetime) -> MakeScene:
    """The same, with two addresses that somebody has looked at."""

    def make(**columns: Any) -> Scene:
        scene = make_two_tiers(**columns)
        with scene.sessions.write() as session:
            for target in session.scalars(select(Target)):
                target.verified_at = None
        scene.change_target("bob-sample", verified_at=now)
        return scene

    return make


def places(*names: str) -> Who:
    return Who.of({"place": names})


@pytest.mark.parametrize("area", ["ward", "council"])
@pytest.mark.parametrize(
    "targeting",
    [
        *(Targeting(tier=tier) for tier in CampaignTier),
        Targeting(who=WEIR),
        Targeting(tier=CampaignTier.DISTRICT, exclude=(Exclusion("some", WEIR),)),
        Targeting(who=places("zedmere")),
        Targeting(who=places("Zed*", "Weirdale")),
        Targeting(who=places("Thornshire"), exclude=(Exclusion("some", WEIR),)),
        Targeting(who=places("Nowhere")),
    ],
    ids=str,
)
def test_they_are_those_that_a_look_at_everybody_finds(make: MakeScene, targeting: Targeting, area: str) -> None:
    scene = make(targeting=targeting, target_area=area)
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        assert unverified_of(session, campaign) == coverage_of(session, campaign).unverified


@pytest.mark.parametrize("rule", [rule for rule in TargetRule if rule not in (TargetRule.AREA, TargetRule.ONE)])
def test_of_lists_too(make: MakeScene, rule: TargetRule) -> None:
    scene = make(target_rule=rule)
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        assert unverified_of(session, campaign).total() == 2
        assert unverified_of(session, campaign) == coverage_of(session, campaign).unverified


def test_a_place_means_those_who_sit_for_it_or_for_its_council(make: MakeScene) -> None:
    def names(*wanted: str) -> set[str]:
        scene = make(targeting=Targeting(who=places(*wanted)), slug="-".join(wanted).lower())
        with scene.sessions.read() as session:
            found = everybody(session, session.get_one(Campaign, scene.campaign_id))
            return {meant.target.area.name for meant in found if meant.target.area}

    zedmere, thornshire, weirdale = names("Zedmere"), names("Thornshire"), names("Weirdale")
    assert all((zedmere, thornshire, weirdale))
    assert zedmere.isdisjoint(thornshire)
    assert thornshire.isdisjoint(weirdale)
    ward = min(zedmere)
    assert names(ward) == {ward}


def test_it_takes_few_statements_and_reads_nobody_where_nobody_is_described(make: MakeScene) -> None:
    for targeting, most in ((Targeting(), 1), (Targeting(who=places("Zedmere"), tier=CampaignTier.UNITARY), 3)):
        scene = make(targeting=targeting, slug=f"most-{most}")
        with scene.sessions.read() as session:
            campaign = session.get_one(Campaign, scene.campaign_id)
            with statements(scene.sessions.engine) as seen:
                assert unverified_of(session, campaign).total() > 0
        assert len(seen) == most
        assert all("GROUP BY" in statement for statement in seen[:1]) or most > 1

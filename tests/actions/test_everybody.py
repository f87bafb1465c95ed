"""Everybody whom a campaign means: the same people whom supporters would find one by one."""

from __future__ import annotations

from random import Random

import pytest

from app.actions.everybody import areas_offered, everybody
from app.actions.reach import reached_by
from app.actions.readiness import warnings
from app.actions.recipients import Wish, find_recipients
from app.actions.search import Meant
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Targeting
from tests.actions.conftest import MakeScene
from tests.support.builders import Scene
from tests.support.costs import statements

WEIR = Who.of({"name": ["*Weir*", "*Moss*", "*Upper*"]})


def meant(scene: Scene) -> list[Meant]:
    with scene.sessions.read() as session:
        return list(everybody(session, session.get_one(Campaign, scene.campaign_id)))


def names(scene: Scene) -> set[str]:
    return {one.target.name.removeprefix("Cllr ") for one in meant(scene) if one.reachable}


def found_one_by_one(scene: Scene) -> set[str]:
    """Whom supporters find who choose their area from the list."""
    chance = Random(7)  # noqa: S311 - chance, not secrecy
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        areas = [area.id for _council, group in areas_offered(session, campaign) for area in group]
        return {
            target.name.removeprefix("Cllr ")
            for area_id in areas
            for target in find_recipients(session, campaign, Wish(area_ids=[area_id]), chance).targets
        }


@pytest.mark.parametrize("area", ["ward", "council"])
@pytest.mark.parametrize(
    "targeting",
    [
        *(Targeting(tier=tier) for tier in CampaignTier),
        Targeting(who=WEIR),
        Targeting(tier=CampaignTier.DISTRICT, exclude=(Exclusion("some", WEIR),)),
        Targeting(exclude=(Exclusion("some", WEIR),)),
    ],
    ids=str,
)
def test_everybody_is_whoever_some_supporter_finds(make_two_tiers: MakeScene, targeting: Targeting, area: str) -> None:
    scene = make_two_tiers(targeting=targeting, target_area=area)
    assert names(scene) == found_one_by_one(scene) != set()


def test_those_without_an_address_and_those_left_out_are_told_apart(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(targeting=Targeting(exclude=(Exclusion("friends", WEIR),)))
    told = {one.target.name: (one.reachable, one.excluded) for one in meant(scene)}
    assert told["Cllr Eve Silent"] == (False, "")
    assert told["Cllr Dan Moss"] == (False, "friends")
    assert told["Cllr Bob Sample"] == (True, "")


def test_who_has_left_is_not_among_them(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers()
    scene.change_target("bob-sample", archived_at=scene.now)
    assert "Bob Sample" not in names(scene)


@pytest.mark.parametrize("rule", [rule for rule in TargetRule if rule is not TargetRule.AREA])
def test_of_lists_everybody_is_whoever_may_be_picked(make_two_tiers: MakeScene, rule: TargetRule) -> None:
    expected = set() if rule is TargetRule.ONE else {"ACME plc", "Bizco Ltd"}  # one of several is nobody
    assert names(make_two_tiers(target_rule=rule)) == expected


def test_the_one_who_is_described_is_everybody(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(target_rule=TargetRule.ONE, targeting=Targeting(who=Who.of({"name": ["ACME*"]})))
    assert names(scene) == {"ACME plc"}


def test_those_of_one_area_come_in_a_row_and_know_it(make_two_tiers: MakeScene) -> None:
    for kind, areas in (("ward", 7), ("council", 3)):
        told = [one.area.name for one in meant(make_two_tiers(target_area=kind, slug=kind)) if one.area]
        assert len(list(dict.fromkeys(told))) == areas
        assert [name for name in dict.fromkeys(told) for _ in range(told.count(name))] == told


def test_it_is_one_statement(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(target_area="council")
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        with statements(scene.sessions.engine) as seen:
            assert len(list(everybody(session, campaign))) == 8
    assert len(seen) == 1


# What is told of them before a launch


def told(scene: Scene) -> list[str]:
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        return [f"{one.level}: {one}" for one in warnings(session, campaign, scene.now.date())]


def test_only_those_whom_the_campaign_means_are_counted(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(targeting=Targeting(tier=CampaignTier.UNITARY, exclude=(Exclusion("friends", WEIR),)))
    assert told(scene) == [
        ("warn: 1 of 3 targets has no e-mail address. In 1 area nobody has one: Hilltop, Zedmere (1 postcode)."),
        "stop: 2 of 2 addresses are not verified: real mail to them is held.",
        "note: 1 target is left out, as the campaign's page says.",
    ]


def test_whoever_lives_where_nobody_has_an_address_may_have_others_to_write_to(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers()
    scene.change_target("fay-weir", email="")
    first = told(scene)[0]
    silent = "In 2 areas nobody has one: Weir End, Weirdale (4 postcodes); Hilltop, Zedmere (1 postcode)."
    rest = " At 1 of these 5 postcodes supporters find nobody; at the rest they write to others."
    assert first == f"warn: 2 of 8 targets have no e-mail address. {silent}{rest}"
    scene.change_target("eve-silent", email="eve@zedmere.example")
    with scene.sessions.read() as session:
        reach = reached_by(session, session.get_one(Campaign, scene.campaign_id))
    assert reach is not None
    assert reach.found == reach.all, "which is told beside it"
    silent = "In 1 area nobody has one: Weir End, Weirdale (4 postcodes)."
    others = " Supporters who live there write to others who answer for them."
    assert told(scene)[0] == f"warn: 1 of 8 targets has no e-mail address. {silent}{others}"


def test_a_campaign_that_leaves_out_everybody_is_stopped(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(targeting=Targeting(who=WEIR, exclude=(Exclusion("friends", WEIR),)))
    assert told(scene)[0] == "stop: Nobody can be written to: all are left out."


def test_a_campaign_for_one_is_stopped_while_several_fit(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(target_rule=TargetRule.ONE)
    assert told(scene) == ["stop: Nobody can be written to: none on the lists fits the description, or several do."]


def test_a_campaign_that_has_its_fallback_only_may_go(make_two_tiers: MakeScene) -> None:
    nobody = Who.of({"name": ["Nobody"]})
    scene = make_two_tiers(targeting=Targeting(who=nobody, fallback=("companies",)))
    assert told(scene) == [
        (
            "warn: Nobody but those on the campaign's fallback lists can be written to: "
            "there is no councillor of a ward here whom `who` describes (name Nobody)."
        ),
        "warn: 2 of 2 addresses on the fallback lists are not verified: real mail to them is held.",
    ]


def test_a_campaign_whose_data_are_all_stale_is_stopped(make_two_tiers: MakeScene) -> None:
    scene = make_two_tiers(targeting=Targeting(who=Who.of({"name": ["*Moss*"]})))
    scene.change_target("dan-moss", verified_at=scene.now, stale_from=scene.now.date())
    [line] = told(scene)
    assert line.startswith("stop: There was an election")
    assert "Zedmere (2026-11-24)" in line

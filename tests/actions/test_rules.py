"""The rules of campaigns on both databases: tiers, descriptions, exclusions, fallbacks, chance and turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest

from app.actions.everybody import areas_offered
from app.actions.picking import letters_so_far
from app.actions.recipients import Recipients, RecipientsUnclearError, Trouble, Wish, find_recipients
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Targeting
from app.db import Sessions
from tests.support.builders import (
    BORDER,
    CANALSIDE,
    HILLTOP,
    TWO_DIVISIONS,
    TWO_OF_EACH,
    TWO_TIERS,
    Scene,
    add_county,
    make_scene,
)

MakeScene = Callable[..., Scene]
FRIENDS = Exclusion("friends", Who.of({"party": ["Green Party"]}))
LEADERS = Who.of({"posts": ["*leader*"]})


@pytest.fixture
def make(sessions: Sessions, now: datetime) -> MakeScene:
    """Zedmere and Thornshire, and a campaign with the targeting and columns given."""

    def make(targeting: Targeting | None = None, **columns: Any) -> Scene:
        scene = make_scene(sessions, now, targeting=targeting or Targeting(), **columns)
        with sessions.write() as session:
            add_county(session, now)
        return scene

    return make


def find(scene: Scene, *, seed: int = 7, **wish: Any) -> Recipients:
    with scene.sessions.read() as session:
        chance = Random(seed)  # noqa: S311 - chance, not secrecy
        return find_recipients(session, session.get_one(Campaign, scene.campaign_id), Wish(**wish), chance)


def names(scene: Scene, **wish: Any) -> list[str]:
    return [target.name.removeprefix("Cllr ") for target in find(scene, **wish).targets]


def trouble(scene: Scene, **wish: Any) -> RecipientsUnclearError:
    with pytest.raises(RecipientsUnclearError) as unclear:
        find(scene, **wish)
    return unclear.value


def ids(scene: Scene, *external_ids: str) -> list[int]:
    return [scene.target_id(one) for one in external_ids]


# Two tiers


@pytest.mark.parametrize(
    ("tier", "people", "area"),
    [
        (CampaignTier.ALL, ["Fay Weir", "Hana Lower"], "Weir End"),
        (CampaignTier.DISTRICT, ["Fay Weir"], "Weir End"),
        (CampaignTier.COUNTY, ["Hana Lower"], "Lower Thorn"),
    ],
)
def test_in_two_tiers_the_campaign_says_which_it_is_for(
    make: MakeScene, tier: CampaignTier, people: list[str], area: str
) -> None:
    scene = make(Targeting(tier=tier))
    found = find(scene, postcode=TWO_TIERS)
    assert [target.name.removeprefix("Cllr ") for target in found.targets] == people
    assert found.area is not None
    assert found.area.name == area


@pytest.mark.parametrize(
    ("tier", "postcode"),
    [
        (CampaignTier.DISTRICT, CANALSIDE),
        (CampaignTier.COUNTY, CANALSIDE),
        (CampaignTier.UNITARY, TWO_TIERS),
        (CampaignTier.UNITARY, TWO_DIVISIONS),
    ],
)
def test_where_there_is_no_such_tier_nobody_is_written_to(make: MakeScene, tier: CampaignTier, postcode: str) -> None:
    assert trouble(make(Targeting(tier=tier)), postcode=postcode).trouble is Trouble.WRONG_TIER


def test_an_area_of_the_right_tier_may_be_chosen_instead(make: MakeScene) -> None:
    scene = make(Targeting(tier=CampaignTier.COUNTY))
    assert names(scene, postcode=CANALSIDE, area_ids=[scene.area_id("Upper Thorn")]) == ["Ivo Upper"]
    assert trouble(scene, postcode=CANALSIDE, area_ids=[scene.area_id("Hilltop")]).trouble is Trouble.WRONG_TIER


def test_the_list_of_areas_has_those_of_the_campaigns_tier(make: MakeScene) -> None:
    scene = make(Targeting(tier=CampaignTier.COUNTY))
    with scene.sessions.write() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        offered = {}
        for tier in CampaignTier:
            campaign.targeting = Targeting(tier=tier)
            offered[tier] = [
                (council, [area.name for area in areas]) for council, areas in areas_offered(session, campaign)
            ]
    zedmere = ("Zedmere", ["Canalside", "Station Road"])
    weirdale, thornshire = ("Weirdale", ["Mill Bank", "Weir End"]), ("Thornshire", ["Lower Thorn", "Upper Thorn"])
    assert offered == {
        CampaignTier.ALL: [thornshire, weirdale, zedmere],
        CampaignTier.DISTRICT: [weirdale],
        CampaignTier.COUNTY: [thornshire],
        CampaignTier.UNITARY: [zedmere],
    }


def test_a_ward_and_a_division_are_both_asked_about(make: MakeScene) -> None:
    scene = make()
    unclear = trouble(scene, postcode=TWO_OF_EACH)
    assert unclear.trouble is Trouble.POSTCODE_STRADDLES
    assert [[area.name for area in question.areas] for question in unclear.questions] == [
        ["Mill Bank", "Weir End"],
        ["Lower Thorn", "Upper Thorn"],
    ]
    answers = [scene.area_id("Mill Bank"), scene.area_id("Upper Thorn")]
    assert trouble(scene, postcode=TWO_OF_EACH, area_ids=answers[:1]).trouble is Trouble.POSTCODE_STRADDLES
    assert names(scene, postcode=TWO_OF_EACH, area_ids=answers) == ["Gil Bank", "Ivo Upper"]


def test_on_a_border_the_answer_decides_how_many_tiers_there_are(make: MakeScene) -> None:
    scene = make()
    assert trouble(scene, postcode=BORDER).trouble is Trouble.POSTCODE_STRADDLES
    assert names(scene, postcode=BORDER, area_ids=[scene.area_id("Canalside")]) == ["Bob Sample", "Carla Verde"]
    assert names(scene, postcode=BORDER, area_ids=[scene.area_id("Weir End")]) == ["Fay Weir", "Hana Lower"]


# Whom the campaign describes, and whom it leaves out


def test_the_leader_of_the_supporters_council_can_be_written_to(make: MakeScene) -> None:
    scene = make(Targeting(who=LEADERS), target_area="council")
    scene.change_target("gil-bank", attributes={"posts": ["Leader of the Council"]})
    found = find(scene, postcode=TWO_TIERS)
    assert [target.name for target in found.targets] == ["Cllr Gil Bank"]
    assert found.area is not None
    assert found.area.name == "Weirdale"
    assert trouble(scene, postcode=CANALSIDE).trouble is Trouble.NOBODY_HERE


def test_the_list_of_areas_has_only_those_with_somebody_who_is_meant(make: MakeScene) -> None:
    scene = make(Targeting(who=LEADERS))
    scene.change_target("ivo-upper", attributes={"posts": ["Deputy leader"]})
    with scene.sessions.read() as session:
        ((council, areas),) = areas_offered(session, session.get_one(Campaign, scene.campaign_id))
    assert (council, [area.name for area in areas]) == ("Thornshire", ["Upper Thorn"])


def test_who_is_left_out_is_told_with_the_reason(make: MakeScene) -> None:
    scene = make(Targeting(exclude=(FRIENDS,)))
    scene.change_target("bob-sample", party="green party")
    found = find(scene, postcode=CANALSIDE)
    assert [target.name for target in found.targets] == ["Cllr Carla Verde"]
    assert [(each.target.name, each.key) for each in found.excluded] == [("Cllr Bob Sample", "friends")]


def test_where_everybody_is_left_out_no_fallback_is_written_to(make: MakeScene) -> None:
    scene = make(Targeting(exclude=(FRIENDS,), fallback=("companies",)))
    for one in ("bob-sample", "carla-verde"):
        scene.change_target(one, party="Green Party")
    unclear = trouble(scene, postcode=CANALSIDE)
    assert unclear.trouble is Trouble.ALL_EXCLUDED
    assert len(unclear.search.excluded) == 2
    assert trouble(scene, postcode=CANALSIDE, area_ids=[scene.area_id("Station Road")]).trouble is Trouble.ALL_EXCLUDED


def test_exclusions_hold_on_lists_too(make: MakeScene) -> None:
    scene = make(Targeting(exclude=(Exclusion("friends", Who.of({"name": ["ACME*"]})),)), target_rule=TargetRule.CHOOSE)
    assert trouble(scene, target_ids=ids(scene, "acme")).trouble is Trouble.NOT_CHOSEN
    found = find(scene, target_ids=ids(scene, "acme", "bizco"))
    assert [target.name for target in found.targets] == ["Bizco Ltd"]
    assert [each.target.name for each in found.excluded] == ["ACME plc"]


# Nobody is found


def test_the_fallback_is_written_to_when_nobody_here_has_an_address(make: MakeScene) -> None:
    scene = make(Targeting(fallback=("companies",)))
    found = find(scene, postcode=HILLTOP)
    assert [target.name for target in found.targets] == ["ACME plc", "Bizco Ltd"]
    assert found.instead_of is Trouble.NOBODY_HERE
    assert found.area is not None
    assert (found.area.name, found.postcode) == ("Hilltop", HILLTOP)


def test_another_tier_leads_to_the_fallback_only_who_wants_it(make: MakeScene) -> None:
    scene = make(Targeting(tier=CampaignTier.COUNTY, fallback=("companies",)))
    assert trouble(scene, postcode=CANALSIDE).trouble is Trouble.WRONG_TIER
    found = find(scene, postcode=CANALSIDE, instead=True)
    assert found.instead_of is Trouble.WRONG_TIER
    assert found.area is not None
    assert found.area.name == "Canalside"
    assert names(scene, postcode=TWO_TIERS, instead=True) == ["Hana Lower"]


def test_a_letter_to_the_fallback_does_not_guess_a_ward_either(make: MakeScene) -> None:
    scene = make(Targeting(tier=CampaignTier.UNITARY, fallback=("companies",)))
    assert trouble(scene, postcode=TWO_OF_EACH).trouble is Trouble.WRONG_TIER
    unclear = trouble(scene, postcode=TWO_OF_EACH, instead=True)
    assert unclear.trouble is Trouble.POSTCODE_STRADDLES
    found = find(scene, postcode=TWO_OF_EACH, instead=True, area_ids=[scene.area_id("Mill Bank")])
    assert found.area is not None
    assert found.area.name == "Mill Bank"


def test_the_fallback_serves_lists_with_nobody_on_them(make: MakeScene) -> None:
    scene = make(Targeting(fallback=("councillors",)), target_rule=TargetRule.ONE, target_lists="nobody")
    found = find(scene)
    assert found.instead_of is Trouble.NOBODY_LISTED
    assert len(found.targets) == 3


def test_without_a_fallback_those_with_a_postal_address_are_told(make: MakeScene) -> None:
    scene = make()
    scene.change_target("eve-silent", address="Town Hall / Zedmere")
    unclear = trouble(scene, postcode=HILLTOP)
    assert unclear.trouble is Trouble.NOBODY_HERE
    assert [target.address for target in unclear.search.mute] == ["Town Hall / Zedmere"]


# One, several, some


def test_one_is_written_to_and_two_that_are_alike_are_not(make: MakeScene) -> None:
    scene = make(Targeting(who=Who.of({"name": ["* plc"]})), target_rule=TargetRule.ONE)
    assert names(scene) == ["ACME plc"]
    scene.change_target("mute", name="Mute plc")
    assert trouble(scene).trouble is Trouble.NOBODY_LISTED


def test_a_supporter_may_choose_up_to_a_number(make: MakeScene) -> None:
    scene = make(Targeting(most=2), target_rule=TargetRule.CHOOSE, target_lists="councillors county")
    three = ids(scene, "bob-sample", "fay-weir", "ivo-upper")
    assert names(scene, target_ids=three[:1]) == ["Bob Sample"]
    assert names(scene, target_ids=three[1:]) == ["Fay Weir", "Ivo Upper"]
    assert trouble(scene, target_ids=three).trouble is Trouble.TOO_MANY_CHOSEN
    assert trouble(scene, target_ids=[999_999]).trouble is Trouble.NOT_CHOSEN


EVERYBODY = ["Bob Sample", "Carla Verde", "Dan Moss", "Fay Weir", "Gil Bank", "Hana Lower", "Ivo Upper"]


@pytest.fixture(params=[TargetRule.RANDOM, TargetRule.ROTATE])
def picking(request: pytest.FixtureRequest, make: MakeScene) -> Scene:
    """A campaign that picks two of seven councillors for each letter."""
    return make(Targeting(most=2), target_rule=request.param, target_lists="councillors county")


def test_as_many_are_picked_as_the_campaign_says(picking: Scene) -> None:
    picked = [tuple(names(picking, seed=seed)) for seed in range(30)]
    assert all(len(pair) == 2 and sorted(pair) == list(pair) for pair in picked)
    assert {name for pair in picked for name in pair} == set(EVERYBODY)


def test_all_are_picked_where_there_are_fewer(picking: Scene) -> None:
    for one in ("bob-sample", "carla-verde", "dan-moss", "fay-weir", "gil-bank", "hana-lower"):
        picking.change_target(one, email="")
    assert names(picking) == ["Ivo Upper"]


def test_those_picked_at_an_earlier_step_stay(picking: Scene) -> None:
    pair = ids(picking, "bob-sample", "ivo-upper")
    for seed in range(5):
        assert names(picking, target_ids=pair, seed=seed) == ["Bob Sample", "Ivo Upper"]
    picking.change_target("ivo-upper", archived_at=picking.now)
    assert names(picking, target_ids=pair) == ["Bob Sample"], "nobody is added whom the supporter has not seen"
    picking.change_target("bob-sample", archived_at=picking.now)
    assert len(names(picking, target_ids=pair)) == 2


def test_a_form_cannot_ask_for_more_or_for_others(picking: Scene) -> None:
    three = ids(picking, "bob-sample", "carla-verde", "dan-moss")
    assert len(names(picking, target_ids=three)) == 2
    assert set(names(picking, target_ids=ids(picking, "acme", "eve-silent"))) <= set(EVERYBODY)


def write_and_confirm(scene: Scene, number: int, chance: Random) -> list[int]:
    """One supporter's letter, from the first step to its confirmation; the ids of those it went to."""
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        targets = find_recipients(session, campaign, Wish(), chance).targets
    scene.confirmed(f"supporter-{number}@supporter.example", targets=targets, wish=Wish())
    return [target.id for target in targets]


@pytest.mark.parametrize("most", [1, 3])
def test_turns_are_even_to_within_one_letter(make: MakeScene, most: int) -> None:
    scene = make(Targeting(most=most), target_rule=TargetRule.ROTATE, target_lists="councillors county")
    chance, letters = Random(most), Counter[int]()  # noqa: S311 - chance, not secrecy
    for number in range(300 if most == 1 and scene.sessions.engine.dialect.name == "sqlite" else 40):
        letters.update(write_and_confirm(scene, number, chance))
        counts = [letters[one] for one in ids(scene, *TARGETS)] if number > 10 else [0]
        assert max(counts) - min(counts) <= 1
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        assert letters_so_far(session, campaign, ids(scene, *TARGETS)) == dict(letters)


TARGETS = ("bob-sample", "carla-verde", "dan-moss", "fay-weir", "gil-bank", "hana-lower", "ivo-upper")


def test_those_who_write_at_the_same_moment_are_spread_by_chance_and_then_evened_out(make: MakeScene) -> None:
    scene = make(Targeting(most=1), target_rule=TargetRule.ROTATE, target_lists="councillors county")
    chance = Random(3)  # noqa: S311 - chance, not secrecy
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        at_once = [find_recipients(session, campaign, Wish(), chance).targets for _ in range(35)]
    letters = Counter(target.id for targets in at_once for target in targets)
    assert len(letters) == 7
    for number, targets in enumerate(at_once):
        scene.confirmed(f"at-once-{number}@supporter.example", targets=targets, wish=Wish())
    for number in range(max(letters.values()) * 7 - 35):
        letters.update(write_and_confirm(scene, number, chance))
    assert set(letters.values()) == {max(letters.values())}


def test_a_letter_that_is_not_confirmed_takes_nobodys_turn(make: MakeScene) -> None:
    scene = make(Targeting(most=1), target_rule=TargetRule.ROTATE, target_lists="companies")
    scene.pending(wish=Wish())
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        assert set(letters_so_far(session, campaign, ids(scene, "acme", "bizco")).values()) == {0}


def test_what_is_left_open_is_kept_with_the_campaign(make: MakeScene) -> None:
    targeting = Targeting(CampaignTier.COUNTY, 3, LEADERS, (FRIENDS,), ("companies",))
    scene = make(targeting)
    with scene.sessions.read() as session:
        assert session.get_one(Campaign, scene.campaign_id).targeting == targeting
    with scene.sessions.write() as session:
        session.get_one(Campaign, scene.campaign_id).targeting = replace(targeting, most=4)
    with scene.sessions.read() as session:
        assert session.get_one(Campaign, scene.campaign_id).targeting.most == 4

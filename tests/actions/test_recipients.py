"""Who a letter goes to."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import pytest

from app.actions.recipients import Recipients, RecipientsUnclearError, Trouble, Wish, find_recipients
from app.actions.search import search_lists
from app.campaigns.models import Campaign, TargetRule
from app.db import Sessions
from app.targets.models import Target
from tests.support.builders import CANALSIDE, HILLTOP, STATION_ROAD, STRADDLING, UNKNOWN, Scene, make_scene

CANALSIDE_COUNCILLORS = ["Cllr Bob Sample", "Cllr Carla Verde"]


@pytest.fixture
def choose(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """A campaign in which the supporter chooses a company."""
    return make_scene(sqlite_sessions, now, target_rule=TargetRule.CHOOSE)


@pytest.fixture
def everyone(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """A campaign that writes to everyone on its list."""
    return make_scene(sqlite_sessions, now, target_rule=TargetRule.ALL)


def find(scene: Scene, **wish: Any) -> Recipients:
    with scene.sessions.read() as session:
        return find_recipients(session, session.get_one(Campaign, scene.campaign_id), Wish(**wish), chance())


def chance() -> Random:
    return Random(7)  # noqa: S311 - chance, not secrecy


def names(scene: Scene, **wish: Any) -> list[str]:
    return [target.name for target in find(scene, **wish).targets]


def trouble(scene: Scene, **wish: Any) -> RecipientsUnclearError:
    with pytest.raises(RecipientsUnclearError) as unclear:
        find(scene, **wish)
    return unclear.value


def test_a_postcode_leads_to_everybody_who_answers_for_its_area(scene: Scene) -> None:
    found = find(scene, postcode="zz11aa ")
    assert [target.name for target in found.targets] == CANALSIDE_COUNCILLORS
    assert found.postcode == CANALSIDE
    assert found.area is not None
    assert found.area.name == "Canalside"


def test_the_area_of_the_campaigns_kind_is_taken(sqlite_sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sqlite_sessions, now, target_role="mp", target_area="constituency")
    assert trouble(scene, postcode=CANALSIDE).trouble is Trouble.NOBODY_HERE
    with scene.sessions.write() as session:
        session.add(
            Target(
                list_id=1,
                external_id="mp",
                role="mp",
                name="Mo Pee MP",
                salutation="Dear Ms Pee",
                email="mo.pee@parliament.example",
                area_id=scene.area_id("Zedmere and Thornby"),
            )
        )
    found = find(scene, postcode=CANALSIDE)
    assert [target.name for target in found.targets] == ["Mo Pee MP"]
    assert found.area is not None
    assert found.area.name == "Zedmere and Thornby"


def test_without_a_postcode_or_an_area_one_is_asked_for(sqlite_scene: Scene) -> None:
    assert trouble(sqlite_scene).trouble is Trouble.POSTCODE_MISSING


def test_a_mistyped_postcode_is_said_to_be_one(sqlite_scene: Scene) -> None:
    assert trouble(sqlite_scene, postcode="Z").trouble is Trouble.POSTCODE_MALFORMED


def test_a_postcode_that_nobody_knows_is_said_to_be_so(sqlite_scene: Scene) -> None:
    assert trouble(sqlite_scene, postcode=UNKNOWN).trouble is Trouble.POSTCODE_UNKNOWN


def test_a_straddling_postcode_is_asked_about_and_not_guessed(scene: Scene) -> None:
    unclear = trouble(scene, postcode=STRADDLING)
    assert unclear.trouble is Trouble.POSTCODE_STRADDLES
    (question,) = unclear.questions
    assert [area.name for area in question.areas] == ["Canalside", "Station Road"]


@pytest.mark.parametrize(
    ("ward", "expected"), [("Canalside", CANALSIDE_COUNCILLORS), ("Station Road", ["Cllr Dan Moss"])]
)
def test_the_choice_between_the_areas_of_a_straddling_postcode_counts(
    sqlite_scene: Scene, ward: str, expected: list[str]
) -> None:
    found = find(sqlite_scene, postcode=STRADDLING, area_ids=[sqlite_scene.area_id(ward)])
    assert [target.name for target in found.targets] == expected
    assert found.postcode == STRADDLING


@pytest.mark.parametrize("elsewhere", ["Hilltop", "Zedmere", "Zedmere and Thornby"])
def test_a_choice_beside_the_areas_of_a_straddling_postcode_does_not(sqlite_scene: Scene, elsewhere: str) -> None:
    unclear = trouble(sqlite_scene, postcode=STRADDLING, area_ids=[sqlite_scene.area_id(elsewhere)])
    assert unclear.trouble is Trouble.POSTCODE_STRADDLES


def test_a_clear_postcode_overrules_an_area_that_it_does_not_lie_in(sqlite_scene: Scene) -> None:
    assert names(sqlite_scene, postcode=STATION_ROAD, area_ids=[sqlite_scene.area_id("Canalside")]) == ["Cllr Dan Moss"]


def test_an_area_may_be_chosen_instead_of_a_postcode(scene: Scene) -> None:
    found = find(scene, area_ids=[scene.area_id("Canalside")])
    assert [target.name for target in found.targets] == CANALSIDE_COUNCILLORS
    assert found.postcode == ""


def test_an_unknown_postcode_goes_into_the_letter_beside_a_chosen_area(sqlite_scene: Scene) -> None:
    found = find(sqlite_scene, postcode=UNKNOWN, area_ids=[sqlite_scene.area_id("Canalside")])
    assert (len(found.targets), found.postcode) == (2, UNKNOWN)


def test_a_mistyped_postcode_does_not_beside_a_chosen_area(sqlite_scene: Scene) -> None:
    found = find(sqlite_scene, postcode="Z", area_ids=[sqlite_scene.area_id("Canalside")])
    assert (len(found.targets), found.postcode) == (2, "")


@pytest.mark.parametrize("area", ["Zedmere", "Zedmere and Thornby"])
def test_a_chosen_area_of_another_kind_is_none(sqlite_scene: Scene, area: str) -> None:
    assert trouble(sqlite_scene, area_ids=[sqlite_scene.area_id(area)]).trouble is Trouble.POSTCODE_UNKNOWN


@pytest.mark.parametrize("area_id", [0, -1, 999_999])
def test_a_chosen_area_that_is_not_there_is_none(scene: Scene, area_id: int) -> None:
    assert trouble(scene, area_ids=[area_id]).trouble is Trouble.POSTCODE_UNKNOWN


def test_who_has_no_address_is_not_offered(sqlite_scene: Scene) -> None:
    assert trouble(sqlite_scene, postcode=HILLTOP).trouble is Trouble.NOBODY_HERE
    sqlite_scene.change_target("bob-sample", email="")
    assert names(sqlite_scene, postcode=CANALSIDE) == ["Cllr Carla Verde"]


def test_who_has_left_is_not_offered(sqlite_scene: Scene) -> None:
    sqlite_scene.change_target("bob-sample", archived_at=sqlite_scene.now)
    assert names(sqlite_scene, postcode=CANALSIDE) == ["Cllr Carla Verde"]
    sqlite_scene.change_target("carla-verde", archived_at=sqlite_scene.now)
    assert trouble(sqlite_scene, postcode=CANALSIDE).trouble is Trouble.NOBODY_HERE


def test_the_one_who_is_chosen_is_written_to(choose: Scene) -> None:
    found = find(choose, target_ids=[choose.target_id("bizco")], postcode=CANALSIDE)
    assert [target.name for target in found.targets] == ["Bizco Ltd"]
    assert (found.area, found.postcode) == (None, "")


@pytest.mark.parametrize("external_id", ["mute", "bob-sample"])
def test_only_who_is_on_the_lists_and_has_an_address_can_be_chosen(choose: Scene, external_id: str) -> None:
    assert trouble(choose, target_ids=[choose.target_id(external_id)]).trouble is Trouble.NOT_CHOSEN


def test_a_choice_is_asked_for_where_one_is_needed(choose: Scene) -> None:
    assert trouble(choose).trouble is Trouble.NOT_CHOSEN
    with choose.sessions.read() as session:
        offered = search_lists(session, session.get_one(Campaign, choose.campaign_id)).reachable
    assert [target.name for target in offered] == ["ACME plc", "Bizco Ltd"]


def test_who_has_left_cannot_be_chosen(choose: Scene) -> None:
    choose.change_target("acme", archived_at=choose.now)
    assert trouble(choose, target_ids=[choose.target_id("acme")]).trouble is Trouble.NOT_CHOSEN


def test_everyone_on_the_lists_who_has_an_address_is_written_to(everyone: Scene) -> None:
    assert names(everyone) == ["ACME plc", "Bizco Ltd"]
    everyone.change_target("acme", archived_at=everyone.now)
    everyone.change_target("bizco", email="")
    assert trouble(everyone).trouble is Trouble.NOBODY_LISTED

"""Where a supporter lives: one tier or two, postcodes that straddle, and questions instead of guesses."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.places import Place, fits, of_kind, place_of, tier_at
from app.campaigns.targeting import CampaignTier
from app.targets.models import Area, AreaKind
from app.targets.tiers import Tier

K, T = AreaKind, CampaignTier


def area(number: int, code: str, kind: AreaKind, parent: Area | None = None) -> Area:
    return Area(id=number, code=code, name=code, kind=kind, parent=parent, parent_id=parent.id if parent else None)


ZEDMERE = area(1, "Z09000001", K.COUNCIL)
THORNSHIRE = area(2, "Z10000001", K.COUNTY)
WEIRDALE = area(3, "Z07000001", K.COUNCIL, THORNSHIRE)
MILLMOOR = area(4, "Z07000002", K.COUNCIL, THORNSHIRE)
FENSHIRE = area(5, "Z10000002", K.COUNTY)
FENLAND = area(6, "Z07000003", K.COUNCIL, FENSHIRE)
LOST = area(7, "Z07000004", K.COUNCIL)
"""A district whose county the registry does not name."""

CANALSIDE, HILLTOP = area(11, "Z05000001", K.WARD, ZEDMERE), area(12, "Z05000002", K.WARD, ZEDMERE)
WEIR_END, LOCKS = area(13, "Z05000003", K.WARD, WEIRDALE), area(14, "Z05000004", K.WARD, WEIRDALE)
MILL_BANK = area(15, "Z05000005", K.WARD, MILLMOOR)
REEDS = area(16, "Z05000006", K.WARD, FENLAND)
NOWHERE = area(17, "Z05000007", K.WARD, LOST)
LOWER, UPPER = area(21, "Z58000001", K.DIVISION, THORNSHIRE), area(22, "Z58000002", K.DIVISION, THORNSHIRE)
FENS = area(23, "Z58000003", K.DIVISION, FENSHIRE)
SEAT, OTHER_SEAT = area(31, "Z14000001", K.CONSTITUENCY), area(32, "Z14000002", K.CONSTITUENCY)
EVERYWHERE = (
    *(ZEDMERE, THORNSHIRE, WEIRDALE, MILLMOOR, FENSHIRE, FENLAND, LOST),
    *(CANALSIDE, HILLTOP, WEIR_END, LOCKS, MILL_BANK, REEDS, NOWHERE, LOWER, UPPER, FENS, SEAT, OTHER_SEAT),
)


def find(*known: Area, tier: CampaignTier = T.ALL, answers: Sequence[Area] = (), kind: AreaKind = K.WARD) -> Place:
    return place_of(known, [answer.id for answer in answers], kind, tier)


def asked(place: Place) -> list[tuple[AreaKind, Sequence[Area]]]:
    assert not place.areas
    return [(question.kind, question.areas) for question in place.questions]


@pytest.mark.parametrize(
    ("known", "tier", "areas", "elsewhere"),
    [
        ([CANALSIDE], T.ALL, [CANALSIDE], []),
        ([CANALSIDE], T.UNITARY, [CANALSIDE], []),
        ([CANALSIDE], T.DISTRICT, [], [CANALSIDE]),
        ([CANALSIDE], T.COUNTY, [], [CANALSIDE]),
        ([WEIR_END, LOWER], T.ALL, [WEIR_END, LOWER], []),
        ([WEIR_END, LOWER], T.DISTRICT, [WEIR_END], [LOWER]),
        ([WEIR_END, LOWER], T.COUNTY, [LOWER], [WEIR_END]),
        ([WEIR_END, LOWER], T.UNITARY, [], [WEIR_END, LOWER]),
        ([LOWER], T.COUNTY, [LOWER], []),
        ([], T.ALL, [], []),
    ],
)
def test_a_campaign_writes_to_the_tiers_that_it_is_for(
    known: list[Area], tier: CampaignTier, areas: list[Area], elsewhere: list[Area]
) -> None:
    place = find(*known, tier=tier)
    assert (place.areas, place.elsewhere) == (areas, elsewhere)
    assert not place.questions


def test_two_wards_are_asked_about() -> None:
    assert asked(find(CANALSIDE, HILLTOP)) == [(K.WARD, [CANALSIDE, HILLTOP])]
    assert find(CANALSIDE, HILLTOP, answers=[HILLTOP]).areas == [HILLTOP]


def test_two_divisions_are_asked_about_where_the_county_is_written_to() -> None:
    assert asked(find(WEIR_END, LOWER, UPPER)) == [(K.DIVISION, [LOWER, UPPER])]
    assert find(WEIR_END, LOWER, UPPER, answers=[UPPER]).areas == [WEIR_END, UPPER]
    assert find(WEIR_END, LOWER, UPPER, tier=T.DISTRICT).areas == [WEIR_END]


def test_both_are_asked_at_once_and_an_answer_to_one_leaves_the_other() -> None:
    known = (WEIR_END, LOCKS, LOWER, UPPER)
    assert asked(find(*known)) == [(K.WARD, [WEIR_END, LOCKS]), (K.DIVISION, [LOWER, UPPER])]
    half = find(*known, answers=[LOCKS])
    assert [question.answer for question in half.questions] == [LOCKS, None]
    assert find(*known, answers=[LOCKS, LOWER]).areas == [LOCKS, LOWER]


def test_wards_are_not_asked_about_where_they_make_no_difference() -> None:
    assert find(WEIR_END, LOCKS, LOWER, tier=T.COUNTY).areas == [LOWER]
    assert find(CANALSIDE, HILLTOP, tier=T.COUNTY).elsewhere == [CANALSIDE, HILLTOP]


def test_on_the_border_of_a_county_the_ward_decides_whether_there_is_a_division() -> None:
    known = (CANALSIDE, WEIR_END, LOWER)
    for tier in (T.ALL, T.COUNTY, T.DISTRICT, T.UNITARY):
        assert asked(find(*known, tier=tier)) == [(K.WARD, [CANALSIDE, WEIR_END])]
    assert find(*known, answers=[CANALSIDE]).areas == [CANALSIDE]
    assert find(*known, answers=[WEIR_END]).areas == [WEIR_END, LOWER]
    assert find(*known, answers=[CANALSIDE], tier=T.COUNTY).elsewhere == [CANALSIDE]


def test_a_division_of_another_county_than_the_wards_does_not_count() -> None:
    known = (WEIR_END, REEDS, LOWER, FENS)
    assert find(*known, answers=[REEDS]).areas == [REEDS, FENS]
    assert find(*known, answers=[REEDS, LOWER]).areas == [REEDS, FENS]


def test_a_district_without_a_known_county_keeps_its_divisions() -> None:
    assert find(NOWHERE, LOWER).areas == [NOWHERE, LOWER]
    assert tier_at(NOWHERE) is Tier.DISTRICT


def test_whole_councils_are_known_by_their_parts() -> None:
    assert find(CANALSIDE, HILLTOP, kind=K.COUNCIL).areas == [ZEDMERE]
    assert find(WEIR_END, LOWER, UPPER, kind=K.COUNCIL).areas == [WEIRDALE, THORNSHIRE]
    assert find(WEIR_END, kind=K.COUNCIL, tier=T.COUNTY).areas == [THORNSHIRE]
    assert find(WEIRDALE, kind=K.COUNCIL).areas == [WEIRDALE, THORNSHIRE]


def test_two_councils_are_asked_about() -> None:
    known = (CANALSIDE, WEIR_END, LOWER)
    assert asked(find(*known, kind=K.COUNCIL)) == [(K.COUNCIL, [ZEDMERE, WEIRDALE])]
    assert find(*known, kind=K.COUNCIL, answers=[ZEDMERE]).areas == [ZEDMERE]


def test_constituencies_have_no_tiers() -> None:
    assert find(SEAT, CANALSIDE, kind=K.CONSTITUENCY).areas == [SEAT]
    assert asked(find(SEAT, OTHER_SEAT, kind=K.CONSTITUENCY)) == [(K.CONSTITUENCY, [SEAT, OTHER_SEAT])]


def test_a_place_whose_division_is_not_known_is_not_said_to_have_no_county() -> None:
    assert find(WEIR_END, tier=T.COUNTY).lacks(T.COUNTY)
    assert find(LOWER, tier=T.DISTRICT).lacks(T.DISTRICT)
    assert not find(CANALSIDE, tier=T.COUNTY).lacks(T.COUNTY)
    assert not find(WEIR_END, LOWER, tier=T.UNITARY).lacks(T.UNITARY)


places = st.lists(st.sampled_from(EVERYWHERE), max_size=6, unique=True)
answers = st.sets(st.sampled_from([one.id for one in EVERYWHERE]), max_size=4)
kinds = st.sampled_from([K.WARD, K.COUNCIL, K.CONSTITUENCY])
tiers = st.sampled_from(CampaignTier)


@given(places, answers, kinds, tiers)
def test_nothing_is_guessed(known: list[Area], said: Collection[int], kind: AreaKind, tier: CampaignTier) -> None:
    place = place_of(known, said, kind, tier)
    possible = [*of_kind(known, K(kind)), *of_kind(known, K.DIVISION), *of_kind(known, K.COUNTY)]
    assert all(one in possible and fits(one, tier) for one in place.areas)
    assert not any(fits(one, tier) for one in place.elsewhere)
    for one in place.areas:
        rivals = [other for other in of_kind(known, one.kind) if other is not one]
        could = [other for other in rivals if one.kind not in (K.DIVISION, K.COUNTY) or other.parent is one.parent]
        assert one.id in said or not could or one.kind is K.COUNTY
    assert len(place.areas) <= 2
    assert not (place.questions and (place.areas or place.elsewhere))


@given(places, kinds, tiers, st.data())
def test_answering_every_question_settles_it(
    known: list[Area], kind: AreaKind, tier: CampaignTier, data: st.DataObject
) -> None:
    said: set[int] = set()
    for _round in range(3):
        place = place_of(known, said, kind, tier)
        for question in place.questions:
            if question.answer is None:
                said.add(data.draw(st.sampled_from(list(question.areas))).id)
    assert not place_of(known, said, kind, tier).questions

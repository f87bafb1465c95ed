"""How many of the country's postcodes find somebody to write to: what supporters find who try them all."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.actions.everybody import areas_offered, everybody
from app.actions.lookup import ForAll
from app.actions.reach import Outcome, best_outcome, reached_by
from app.actions.recipients import RecipientsUnclearError, Trouble, Wish, find_recipients
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Targeting
from app.db import Sessions
from app.targets.areas import area_ids, store_areas
from app.targets.lists import ListHead, store_list
from app.targets.models import Area, AreaKind, ListOwner, Target
from app.targets.postcode_sets import SourceHead, gather, store_postcodes
from app.targets.records import AreaRecord, PostcodeRecord, TargetRecord, TargetRole
from tests.support.builders import COMPANIES, COUNCILLORS, SOURCE, Scene, add_campaign, add_county, make_scene
from tests.support.costs import statements

WARD, DIVISION, COUNCIL, COUNTY = AreaKind.WARD, AreaKind.DIVISION, AreaKind.COUNCIL, AreaKind.COUNTY
COUNCILS = (
    AreaRecord("Z10000001", "Thornshire", COUNTY),
    AreaRecord("Z07000001", "Weirdale", COUNCIL, "Z10000001"),
    AreaRecord("Z07000002", "Milldale", COUNCIL, "Z10000001"),
    AreaRecord("Z07000003", "A district of a county that is not known", COUNCIL),
    AreaRecord("Z09000001", "Zedmere", COUNCIL),
)
PARTS = tuple(
    AreaRecord(f"{prefix}{number:06}", f"{kind} {number}", kind, council)
    for number, (prefix, kind, council) in enumerate(
        [
            *[("Z05", WARD, council.code) for council in COUNCILS[1:] for _ in range(2)],
            *[("Z58", DIVISION, "Z10000001")] * 3,
        ]
    )
)
SEATS = (*PARTS, AreaRecord("Z14000001", "Zedmere and Thornby", AreaKind.CONSTITUENCY))
GREEN, LEADER = Who.of({"party": ["green*"]}), Who.of({"posts": ["*leader*"]})


# Random registries


def add_registry(session: Session, chance: Random, now: datetime) -> list[str]:
    """A small registry of two tiers and one, by chance; its postcodes, all of them in use."""
    store_areas(session, [*COUNCILS, *SEATS], demo=True)
    for slug, targets in (("holders", _holders(chance)), ("companies", COMPANIES)):
        store_list(session, ListHead(slug, slug, ListOwner.FILES, SOURCE, demo=True), targets, now)
    records = [
        PostcodeRecord(f"ZZ{number} 1AA", frozenset(area.code for area in _whereabouts(chance))) for number in range(14)
    ]
    store_postcodes(session, SourceHead("postcodes", SOURCE, demo=True), gather(records))
    return [record.postcode for record in records]


def _holders(chance: Random) -> Iterator[TargetRecord]:
    """Up to two office holders of each seat, and now and then of a council whose ward nobody knows."""
    seats = [*SEATS, *SEATS, *chance.sample(COUNCILS, 2)]
    for number, seat in enumerate(chance.sample(seats, len(seats) - chance.randrange(8))):
        yield TargetRecord(
            f"holder-{number}",
            TargetRole.MP if seat.kind is AreaKind.CONSTITUENCY else TargetRole.COUNCILLOR,
            f"Cllr Number {number}",
            "Dear Councillor",
            email=f"{number}@zedmere.example" if chance.random() < 0.6 else "",
            party=chance.choice(["Green Party", "Blue Party"]),
            attributes={"posts": ["Leader of the Council"]} if chance.random() < 0.3 else {},
            area_code=seat.code,
        )


def _whereabouts(chance: Random) -> list[AreaRecord]:
    """The areas of a postcode: up to two of each kind, some of what they lie in, or none at all."""
    wards, divisions = PARTS[:8], PARTS[8:]
    straddling = [0, 1, 1, 1, 2]
    parts = [*chance.sample(wards, chance.choice(straddling)), *chance.sample(divisions, chance.choice(straddling))]
    around = [area for area in COUNCILS if area.code in {part.parent_code for part in parts} and chance.random() < 0.7]
    return [*parts, *around, *(SEATS[-1:] if chance.random() < 0.8 else [])]


def some_campaign(session: Session, chance: Random, now: datetime, slug: str) -> Campaign:
    """A campaign by area, its targeting by chance."""
    role, area = chance.choice([("councillor", "ward"), ("councillor", "council"), ("mp", "constituency")])
    targeting = Targeting(
        tier=CampaignTier.ALL if role == "mp" else chance.choice(list(CampaignTier)),
        who=chance.choice([Who(), Who(), GREEN, LEADER]),
        exclude=chance.choice([(), (Exclusion("friends", GREEN),), (Exclusion("leaders", LEADER),)]),
        fallback=chance.choice([(), ("companies",)]),
    )
    return add_campaign(session, now, slug=slug, target_role=role, target_area=area, targeting=targeting)


def ends(session: Session, campaign: Campaign, wish: Wish) -> Iterator[Outcome]:
    """Where supporters of one postcode end, whatever they answer to what they are asked."""
    try:
        found = find_recipients(session, campaign, wish, Random(1))  # noqa: S311 - chance, not secrecy
    except RecipientsUnclearError as unclear:
        match unclear.trouble:
            case Trouble.POSTCODE_STRADDLES:
                question = next(question for question in unclear.questions if question.answer is None)
                for area in question.areas:
                    yield from ends(session, campaign, replace(wish, area_ids=[*wish.area_ids, area.id]))
            case Trouble.WRONG_TIER:
                yield Outcome.ANOTHER_TIER
                if not wish.instead:
                    yield from ends(session, campaign, replace(wish, instead=True))
            case Trouble.ALL_EXCLUDED:
                yield Outcome.EXCLUDED
            case _:
                yield Outcome.NOBODY
    else:
        yield Outcome.FALLBACK if found.instead_of else Outcome.FOUND


@pytest.mark.parametrize("seed", range(8))
def test_the_share_is_what_supporters_of_all_postcodes_find(sessions: Sessions, now: datetime, seed: int) -> None:
    chance, best_first = Random(seed), list(Outcome)  # noqa: S311 - chance, not secrecy
    with sessions.write() as session:
        known = add_registry(session, chance, now)
        for number in range(10):
            campaign = some_campaign(session, chance, now, f"campaign-{number}")
            found = Counter(
                min(ends(session, campaign, Wish(postcode=postcode)), key=best_first.index) for postcode in known
            )
            reach = reached_by(session, campaign)
            assert reach is not None
            assert reach.postcodes == found, campaign.targeting
            assert reach.all == len(known)


@pytest.mark.parametrize("seed", range(8))
def test_the_list_of_areas_has_those_that_are_reached(sessions: Sessions, now: datetime, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - chance, not secrecy
    with sessions.write() as session:
        add_registry(session, chance, now)
        for number in range(10):
            campaign = some_campaign(session, chance, now, f"campaign-{number}")
            offered = {area.id for _council, areas in areas_offered(session, campaign) for area in areas}
            assert offered == {one.area.id for one in everybody(session, campaign) if one.area and one.reachable}


# One registry that is easy to see through


def outcomes(scene: Scene) -> dict[Outcome, int]:
    with scene.sessions.read() as session:
        reach = reached_by(session, session.get_one(Campaign, scene.campaign_id))
    assert reach is not None
    return {outcome: number for outcome, number in reach.postcodes.items() if number}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, {Outcome.FOUND: 7, Outcome.NOBODY: 1}),
        ({"targeting": Targeting(fallback=("companies",))}, {Outcome.FOUND: 7, Outcome.FALLBACK: 1}),
        ({"targeting": Targeting(fallback=("nobodies",))}, {Outcome.FOUND: 7, Outcome.NOBODY: 1}),
        ({"targeting": Targeting(tier=CampaignTier.COUNTY)}, {Outcome.FOUND: 4, Outcome.ANOTHER_TIER: 4}),
        (
            {"targeting": Targeting(tier=CampaignTier.COUNTY, fallback=("companies",))},
            {Outcome.FOUND: 4, Outcome.FALLBACK: 4},
        ),
        ({"target_area": "council"}, {Outcome.FOUND: 8}),
        (
            {"target_area": "council", "targeting": Targeting(who=Who.of({"name": ["*Moss"]}))},
            {Outcome.FOUND: 5, Outcome.NOBODY: 3},
        ),
        (
            {"targeting": Targeting(exclude=(Exclusion("friends", Who.of({"name": ["*Sample", "*Verde", "*Weir"]})),))},
            {Outcome.FOUND: 6, Outcome.EXCLUDED: 1, Outcome.NOBODY: 1},
        ),
        ({"target_role": "mp", "target_area": "constituency"}, {Outcome.NOBODY: 8}),
    ],
    ids=str,
)
def test_what_the_postcodes_of_zedmere_and_thornshire_lead_to(
    sessions: Sessions, now: datetime, columns: dict[str, Any], expected: dict[Outcome, int]
) -> None:
    scene = make_scene(sessions, now, **columns)
    with sessions.write() as session:
        add_county(session, now)
    assert outcomes(scene) == expected


def test_a_campaign_that_asks_for_no_postcode_has_no_share(sqlite_sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sqlite_sessions, now, target_rule=TargetRule.ALL)
    with scene.sessions.read() as session:
        assert reached_by(session, session.get_one(Campaign, scene.campaign_id)) is None


def test_without_postcodes_nothing_is_counted(sqlite_scene: Scene) -> None:
    with sqlite_scene.sessions.write() as session:
        store_postcodes(session, SourceHead("postcodes", SOURCE, demo=True), gather([]))
        reach = reached_by(session, session.get_one(Campaign, sqlite_scene.campaign_id))
        assert reach is not None
        assert reach.all == 0


def test_a_whole_country_takes_as_few_statements(scene: Scene) -> None:
    with scene.sessions.write() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        with statements(scene.sessions.engine) as before:
            reached_by(session, campaign)
        session.execute(insert(Target), _crowd(session, 2_000))
        session.execute(update(Target).where(Target.external_id == "eve-silent").values(email="eve@zedmere.example"))
        session.expunge_all()
        campaign = session.get_one(Campaign, scene.campaign_id)
        with statements(scene.sessions.engine) as after:
            reach = reached_by(session, campaign)
    assert reach is not None
    assert reach.found == reach.all
    assert len(before) == len(after) <= 4


def test_nothing_of_what_was_read_is_kept(sqlite_scene: Scene) -> None:
    with sqlite_scene.sessions.read() as session:
        campaign = session.get_one(Campaign, sqlite_scene.campaign_id)
        lookup = ForAll(session, campaign, everybody(session, campaign))
        nowhere, hilltop = [], [area for area in session.scalars(select(Area)) if area.name == "Hilltop"]
        assert {best_outcome(campaign, known, lookup) for known in (nowhere, hilltop)} == {Outcome.NOBODY}
        kept = weakref.ref(lookup)
        gc.disable()
        try:
            del lookup
            assert kept() is None, "tens of thousands of rows would wait for the garbage to be collected"
        finally:
            gc.enable()


def _crowd(session: Session, number: int) -> list[dict[str, Any]]:
    ids = area_ids(session)
    list_id = session.scalars(select(Target.list_id).where(Target.external_id == "bob-sample")).one()
    return [
        {
            "list_id": list_id,
            "external_id": f"one-of-{place}",
            "role": "councillor",
            "name": f"Cllr {place}",
            "salutation": "Dear Councillor",
            "area_id": ids[COUNCILLORS[place % 3].area_code],
        }
        for place in range(number)
    ]

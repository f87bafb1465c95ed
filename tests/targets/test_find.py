"""Who can be written to, by place and by list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.facts import facts_of
from app.targets.find import areas_with_targets, by_council, targets_for_area, targets_of_lists
from app.targets.models import Area, AreaKind, Target
from app.targets.records import AreaRecord, TargetRole
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE, BOB, CHARLIE, places, statements, targets

MP = replace(ALICE, external_id="mp", role=TargetRole.MP, name="Dora Field", area_code="Z14000001")


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    """Bob and Alice for Canalside, Charlie for Hilltop, Dora in Parliament, and an archived councillor."""
    gone = replace(ALICE, external_id="gone", name="Aaron Gone")
    with sessions.write() as session:
        for people in ((BOB, ALICE, CHARLIE, gone), (BOB, ALICE, CHARLIE)):
            sync_datasets(session, [places(), targets("people", *people), targets("mps", MP)], now, include_demo=True)
    return sessions


def area_named(sessions: Sessions, name: str) -> Area:
    with sessions.read() as session:
        return session.scalars(select(Area).where(Area.name == name)).one()


def test_the_targets_of_an_area_come_by_name_without_those_archived(registry: Sessions) -> None:
    canalside = area_named(registry, "Canalside")
    with registry.read() as session:
        found = targets_for_area(session, "councillor", canalside)
    assert [target.name for target in found] == ["Alice Sample", "Bob Verde"]


def test_the_targets_of_an_area_are_those_of_the_role_asked_for(registry: Sessions) -> None:
    constituency = area_named(registry, "Zedmere and Thornby")
    with registry.read() as session:
        assert [target.name for target in targets_for_area(session, "mp", constituency)] == ["Dora Field"]
        assert targets_for_area(session, "councillor", constituency) == []


def test_the_targets_of_lists_come_by_name(registry: Sessions) -> None:
    with registry.read() as session:
        assert [target.name for target in targets_of_lists(session, ["mps", "people"])] == [
            "Alice Sample",
            "Bob Verde",
            "Charlie Moss",
            "Dora Field",
        ]
        assert targets_of_lists(session, ["nobody"]) == []
        assert targets_of_lists(session, []) == []


def test_areas_with_somebody_who_has_an_address_come_by_council_and_name(registry: Sessions, now: datetime) -> None:
    more = (
        AreaRecord("Z09000002", "Alderley", AreaKind.COUNCIL),
        AreaRecord("Z05000007", "Weir", AreaKind.WARD, "Z09000002"),
        AreaRecord("Z05000008", "Nobody's Ward", AreaKind.WARD, "Z09000002"),
    )
    with registry.write() as session:
        charlie = replace(CHARLIE, email="charlie.moss@zedmere.example")
        silent = replace(BOB, external_id="silent", area_code="Z05000008", email="")
        people = targets("people", charlie, ALICE, replace(BOB, area_code="Z05000007"), silent)
        sync_datasets(session, [places(*more), people], now, include_demo=True)
    with registry.read() as session:
        found = by_council(areas_with_targets(session, "councillor", AreaKind.WARD))
    assert [(council, [area.name for area in areas]) for council, areas in found] == [
        ("Alderley", ["Weir"]),
        ("Zedmere", ["Canalside", "Hilltop"]),
    ]


def test_areas_without_a_council_stand_under_no_name(registry: Sessions) -> None:
    with registry.read() as session:
        ((council, areas),) = by_council(areas_with_targets(session, "mp", AreaKind.CONSTITUENCY))
    assert (council, [area.name for area in areas]) == ("", ["Zedmere and Thornby"])


def test_each_question_is_one_query_with_all_that_a_page_shows(registry: Sessions) -> None:
    canalside = area_named(registry, "Canalside")
    with registry.read() as session, statements(session) as seen:
        for target in targets_for_area(session, "councillor", canalside):
            assert (target.list.slug, target.area and target.area.parent and target.area.parent.name) == (
                "people",
                "Zedmere",
            )
        assert len(seen) == 1
        for _, areas in by_council(areas_with_targets(session, "councillor", AreaKind.WARD)):
            assert all(area.parent for area in areas)
        assert len(seen) == 2


def test_the_targets_of_a_whole_council_are_those_of_its_wards(registry: Sessions) -> None:
    zedmere = area_named(registry, "Zedmere")
    with registry.read() as session, statements(session) as seen:
        found = targets_for_area(session, "councillor", zedmere)
        assert len(seen) == 1
    assert [target.name for target in found] == ["Alice Sample", "Bob Verde", "Charlie Moss"]


def test_whole_councils_with_somebody_who_has_an_address_are_found(registry: Sessions) -> None:
    with registry.read() as session:
        ((county, councils),) = by_council(areas_with_targets(session, "councillor", AreaKind.COUNCIL))
        assert areas_with_targets(session, "councillor", AreaKind.COUNTY) == []
    assert (county, [council.name for council in councils]) == ("", ["Zedmere"])


def test_facts_of_a_target_are_its_attributes_and_columns(registry: Sessions) -> None:
    with registry.read() as session:
        target = targets_of_lists(session, ["mps"])[0]
    target.attributes = {"posts": ["Minister"], "party": ["shadowed"]}
    target.party = "Orchard Alliance"
    facts = facts_of(target)
    assert (facts["posts"], facts["party"], facts["name"]) == (["Minister"], ["Orchard Alliance"], ["Dora Field"])
    assert "organisation" not in facts or facts["organisation"] != [""]


def test_the_area_is_read_only_for_who_asks_for_the_place(registry: Sessions) -> None:
    """Hundreds of targets whose area nobody asks for cost no statement each."""
    with registry.read() as session:
        target = session.scalars(select(Target).where(Target.area_id.is_not(None)).order_by(Target.id).limit(1)).one()
        facts = facts_of(target)
        assert (facts.get("name"), "area" in vars(target)) == ([target.name], False)
        place = facts.get("place")
        assert place is not None
        assert target.area is not None
        assert place[:2] == [target.area.name, target.area.code]
        assert dict(facts)["place"] == place

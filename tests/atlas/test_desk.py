"""What our table does not know is asked for, kept, and found; a service that fails changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.atlas.desk import AtlasDesk
from app.atlas.port import LiveArea, NoAnswerError
from app.atlas.valve import Valve
from app.db import Sessions
from app.targets.find import targets_for_area
from app.targets.importers.parsed import Parsed, Place
from app.targets.models import Area, AreaKind, Election
from app.targets.postcode_answers import KEPT, OLD, UNKNOWN_KEPT, forget_answers
from app.targets.postcode_models import PostcodeAnswer
from app.targets.postcodes import LIVE, find
from app.targets.records import Council
from app.targets.sync import sync_datasets
from tests.support.fakes import FakeClock
from tests.support.looking import areas_of_kind
from tests.targets.examples import ALICE_ROW, places, postcodes
from tests.targets.examples import load as load_councillors

POSTCODE = "HX1 1AA"
TOWN, CALDERDALE = LiveArea("E05001386", "Town"), LiveArea("E08000033", "Calderdale")
ADUR = (
    LiveArea("E05007565", "Hillside"),
    LiveArea("E07000223", "Adur"),
    LiveArea("E10000032", "West Sussex"),
    LiveArea("E58001617", "Southwick"),
)


@dataclass
class FakeAtlas:
    """Answers from a table, or fails."""

    sessions: Sessions
    answer: tuple[LiveArea, ...] | Exception | None = (TOWN, CALDERDALE)
    asked: list[str] = field(default_factory=list)

    def look_up(self, postcode: str) -> tuple[LiveArea, ...] | None:
        self.asked.append(postcode)
        with self.sessions.write() as session:  # would wait in vain if the desk had a transaction open
            session.add(Election(body_code="K02000001", held_on=date(2000, 1, len(self.asked)), source="a test"))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def clock(now: datetime) -> FakeClock:
    return FakeClock(now)


@pytest.fixture
def atlas(sessions: Sessions) -> FakeAtlas:
    return FakeAtlas(sessions)


@pytest.fixture
def desk(sessions: Sessions, atlas: FakeAtlas, clock: FakeClock) -> AtlasDesk:
    return AtlasDesk(sessions, atlas, Valve(lambda: clock().timestamp()), clock)


def known(sessions: Sessions, postcode: str = POSTCODE) -> dict[str, str] | None:
    """The names of a postcode's areas by their codes."""
    with sessions.read() as session:
        found = find(session, postcode)
    return None if found is None else {area.code: area.name for area in found.areas}


def load(sessions: Sessions, now: datetime, as_of: date) -> None:
    """Let our own table know the postcode."""
    source = postcodes("codes", {POSTCODE: "Z05000001 Z09000001"}, demo=False, as_of=as_of)
    with sessions.write() as session:
        sync_datasets(session, [places(demo=False), source], now, include_demo=True)


def test_what_nobody_knew_is_asked_once_and_found(sessions: Sessions, desk: AtlasDesk, atlas: FakeAtlas) -> None:
    assert known(sessions) is None
    for typed in ("hx11aa", "HX1 1AA", " HX1-1AA "):
        desk.learn(typed)
    assert atlas.asked == [POSTCODE]
    assert known(sessions) == {"E05001386": "Town", "E08000033": "Calderdale"}
    with sessions.read() as session:
        (ward,) = areas_of_kind(session, POSTCODE, AreaKind.WARD)
        found = find(session, POSTCODE)
    assert ward.parent is not None
    assert ward.parent.name == "Calderdale"
    assert found is not None
    assert [origin.name for origin in found.origins] == [LIVE]


def test_two_tiers_come_with_what_lies_in_what(sessions: Sessions, desk: AtlasDesk, atlas: FakeAtlas) -> None:
    atlas.answer = (*ADUR, LiveArea("E12000008", "South East"), LiveArea("E99999999", "nothing"))
    desk.learn("BN43 5AA")
    with sessions.read() as session:
        areas = {area.kind: area for area in session.scalars(select(Area))}
        parents = {kind: area.parent.kind if area.parent else None for kind, area in areas.items()}
    assert parents == {
        AreaKind.WARD: AreaKind.COUNCIL,
        AreaKind.COUNCIL: AreaKind.COUNTY,
        AreaKind.DIVISION: AreaKind.COUNTY,
        AreaKind.COUNTY: None,
    }


def test_names_that_the_registry_has_stay(sessions: Sessions, desk: AtlasDesk, atlas: FakeAtlas) -> None:
    desk.learn(POSTCODE)
    atlas.answer = (replace(TOWN, name="Town Ward"), replace(CALDERDALE, name="Calderdale Borough Council"))
    desk.learn("HX1 1AB")
    assert known(sessions, "HX1 1AB") == {"E05001386": "Town", "E08000033": "Calderdale"}


def test_what_the_service_does_not_know_is_not_asked_again_for_a_week(
    sessions: Sessions, desk: AtlasDesk, atlas: FakeAtlas, clock: FakeClock
) -> None:
    atlas.answer = None
    desk.learn(POSTCODE)
    clock.advance(UNKNOWN_KEPT - timedelta(hours=1))
    desk.learn(POSTCODE)
    assert (len(atlas.asked), known(sessions)) == (1, None)
    clock.advance(timedelta(hours=2))
    atlas.answer = (TOWN, CALDERDALE)
    desk.learn(POSTCODE)
    assert known(sessions) is not None


def test_what_our_table_knows_is_not_asked(
    sessions: Sessions, desk: AtlasDesk, atlas: FakeAtlas, now: datetime
) -> None:
    load(sessions, now, now.date() - OLD)
    desk.learn(POSTCODE)
    assert atlas.asked == []


def test_what_our_table_knows_from_long_ago_is_asked_and_the_answer_counts(
    sessions: Sessions, desk: AtlasDesk, now: datetime
) -> None:
    load(sessions, now, now.date() - OLD - timedelta(days=1))
    desk.learn(POSTCODE)
    assert known(sessions) == {"E05001386": "Town", "E08000033": "Calderdale"}


def test_a_newer_edition_goes_before_an_answer(sessions: Sessions, desk: AtlasDesk, clock: FakeClock) -> None:
    desk.learn(POSTCODE)
    load(sessions, clock(), clock().date() + timedelta(days=1))
    assert known(sessions) == {"Z05000001": "Canalside", "Z09000001": "Zedmere"}


def test_where_the_service_fails_our_own_table_answers_and_nobody_asks_for_a_minute(
    sessions: Sessions, desk: AtlasDesk, atlas: FakeAtlas, clock: FakeClock
) -> None:
    load(sessions, clock(), date(2001, 1, 1))
    atlas.answer = NoAnswerError("TimeoutError")
    desk.learn(POSTCODE)
    desk.learn("HX1 1AB")
    assert len(atlas.asked) == 1
    assert known(sessions) == {"Z05000001": "Canalside", "Z09000001": "Zedmere"}
    clock.advance(timedelta(minutes=1))
    atlas.answer = (TOWN, CALDERDALE)
    desk.learn("HX1 1AB")
    assert known(sessions, "HX1 1AB") is not None


@pytest.mark.parametrize("typed", ["", "nowhere", "ZZ1 1AA", "HX1"])
def test_what_is_no_postcode_or_nobodys_is_not_asked(desk: AtlasDesk, atlas: FakeAtlas, typed: str) -> None:
    desk.learn(typed)
    assert atlas.asked == []


def test_without_a_service_nothing_happens(sessions: Sessions, clock: FakeClock) -> None:
    AtlasDesk(sessions, None, Valve(lambda: 0.0), clock).learn(POSTCODE)
    assert known(sessions) is None


def test_the_councillors_of_a_ward_known_by_name_are_found_by_an_answer(
    sessions: Sessions, desk: AtlasDesk, now: datetime
) -> None:
    row = replace(ALICE_ROW, place=Place(AreaKind.WARD, "Town"))
    with sessions.write() as session:
        council = Council("E08000033", "Calderdale")
        load_councillors(session, now, Parsed((row,)), council=council)
    desk.learn(POSTCODE)
    with sessions.read() as session:
        (ward,) = areas_of_kind(session, POSTCODE, AreaKind.WARD)
        assert [target.name for target in targets_for_area(session, "councillor", ward)] == ["Alice Sample"]


def test_answers_are_removed_after_ninety_days(sessions: Sessions, desk: AtlasDesk, clock: FakeClock) -> None:
    desk.learn(POSTCODE)
    with sessions.write() as session:
        forget_answers(session, clock() + KEPT - timedelta(hours=1))
        assert session.scalar(select(func.count()).select_from(PostcodeAnswer)) == 1
        forget_answers(session, clock() + KEPT + timedelta(hours=1))
        assert session.scalar(select(func.count()).select_from(PostcodeAnswer)) == 0

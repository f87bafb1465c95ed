"""Two readings of a table of places at different times tell nothing of what a few people did in between."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.actions.recipients import Wish
from app.bootstrap import build_platform
from app.campaigns.models import Campaign
from app.config import Config
from app.reporting.cells import LEAST, Leaf, Protected, coarse
from app.reporting.models import PublishedColumn
from app.reporting.publication import PublicationRound, after
from app.reporting.report import CAMPAIGN, Inquiry, make_table
from app.worker.rounds import publish_figures
from tests.reporting.conftest import fill, publish_all, scope_of
from tests.reporting.test_figures import RULES
from tests.support.builders import CANALSIDE, STATION_ROAD, Scene, make_scene
from tests.support.fakes import FakeClock

OF_PLACES = ("targets", "party", "council", "tier", "area", "languages", "lanes")
A_DAY = timedelta(days=1)
WARDS = 6
FEW = range(1, LEAST)

changes = st.lists(
    st.dictionaries(st.integers(0, WARDS - 1), st.integers(-6, 14), max_size=WARDS), min_size=2, max_size=8
)
"""What happens to the numbers of some wards between one day and the next; they may fall, as held letters do."""
councils = st.lists(st.sampled_from(("north", "south")), min_size=WARDS, max_size=WARDS)


def shown(numbers: Mapping[str, int], councils: list[str]) -> dict[Hashable, int | None]:
    """Every cell of the tables: of each ward, each council, and all."""
    leaves = [Leaf(numbers.get(str(ward), 0), ward, (councils[ward], "all")) for ward in range(WARDS)]
    protected = Protected(leaves)
    cells: dict[Hashable, int | None] = {ward: coarse(protected.leaf(ward)) for ward in range(WARDS)}
    return cells | {group: coarse(value) for table in (0, 1) for group, value in protected.sums(table).items()}


def readings(days: list[dict[int, int]], councils: list[str]) -> list[dict[Hashable, int | None]]:
    current: dict[str, int] = {}
    published: Mapping[str, int] = {}
    told = []
    for day in days:
        for ward, change in day.items():
            current[str(ward)] = max(0, current.get(str(ward), 0) + change)
        published = after(published, current, LEAST)
        told.append(shown(published, councils))
    return told


@settings(max_examples=300, deadline=None)
@given(changes, councils)
def test_no_two_readings_of_a_cell_or_of_the_rest_without_it_differ_by_a_few(
    days: list[dict[int, int]], councils: list[str]
) -> None:
    for one, other in combinations(readings(days, councils), 2):
        for cell in one.keys() & other.keys():
            before, now = one[cell], other[cell]
            if before is None or now is None:
                continue
            assert abs(now - before) not in FEW, cell
            for whole in {"all", councils[cell] if isinstance(cell, int) else "all"}:
                sum_before, sum_now = one.get(whole), other.get(whole)
                if sum_before is not None and sum_now is not None:
                    assert abs((sum_now - now) - (sum_before - before)) not in FEW, (whole, cell)


@settings(max_examples=300, deadline=None)
@given(changes, st.integers(LEAST, 3 * LEAST))
def test_a_day_with_little_to_tell_changes_nothing(days: list[dict[int, int]], enough: int) -> None:
    published: Mapping[str, int] = {}
    current: dict[str, int] = {}
    for day in days:
        for ward, change in day.items():
            current[str(ward)] = max(0, current.get(str(ward), 0) + change)
        following = after(published, current, enough)
        wards = {*published, *current}
        moved = sum(abs(following.get(ward, 0) - published.get(ward, 0)) for ward in wards)
        assert moved == 0 or moved >= enough
        assert following in (published, {ward: number for ward, number in current.items() if number})
        published = following


def tables(scene: Scene) -> dict[str, object]:
    with scene.sessions.read() as session:
        asked = Inquiry(session, scope_of(scene), RULES, scene.now)
        made = {name: make_table(asked, name) for name in OF_PLACES}
    return {name: list(one.rows) for name, one in made.items() if one is not None}


def days_of(scene: Scene) -> set[str]:
    with scene.sessions.read() as session:
        return {row.isoformat() for row in session.scalars(select(PublishedColumn.day))}


def test_a_letter_between_two_readings_is_not_to_be_seen(scene: Scene) -> None:
    before = tables(scene)
    assert before["council"], "there is something to be read"
    scene.confirmed("new@supporter.example", wish=Wish(postcode=STATION_ROAD))
    publish_all(scene, scene.now + timedelta(minutes=5))
    assert tables(scene) == before, "not on the same day"
    publish_all(scene, scene.now + A_DAY)
    assert tables(scene) == before, "nor on the next: it would tell where the one lives who wrote"


def test_what_many_wrote_is_published_on_the_next_day(scene: Scene) -> None:
    before = tables(scene)
    for number in range(12):
        scene.confirmed(f"new{number}@supporter.example", wish=Wish(postcode=(CANALSIDE, STATION_ROAD)[number % 2]))
    publish_all(scene, scene.now + timedelta(hours=1))
    assert tables(scene) == before
    publish_all(scene, scene.now + A_DAY)
    now = tables(scene)
    assert now != before
    # What makes a table is typed by what all of them have; that of targets has its columns written down.
    letters = [row[CAMPAIGN["targets"].columns.index("letters")] for row in now["targets"]]  # type: ignore[attr-defined]
    assert letters == [20, 20, 10], "18, 18 and 10, told to the nearest five"


def test_the_day_is_the_campaigns(scene: Scene) -> None:
    with scene.sessions.write() as session:
        session.get_one(Campaign, scene.campaign_id).time_zone = "Pacific/Auckland"
    publish_all(scene, scene.now + timedelta(hours=1))
    before_midnight = scene.now.replace(hour=10, minute=30) + A_DAY
    publish_all(scene, before_midnight)
    assert days_of(scene) == {before_midnight.date().isoformat()}
    publish_all(scene, before_midnight + timedelta(hours=1))
    assert days_of(scene) == {(before_midnight + A_DAY).date().isoformat()}


def test_a_worker_that_comes_second_finds_nothing_to_do(scene: Scene) -> None:
    rounds = PublicationRound(scene.sessions)
    assert rounds.turn(scene.now) == 0, "it was done when the scene was made"
    assert rounds.turn(scene.now + A_DAY) == 1
    assert rounds.turn(scene.now + A_DAY) == 0


def test_a_round_of_the_worker_publishes(make_config: Callable[..., Config], sqlite_url: str, now: datetime) -> None:
    platform = build_platform(make_config(DATABASE_URL=sqlite_url), clock=FakeClock(now))
    scene = fill(make_scene(platform.sessions, now - A_DAY))
    before = tables(scene)
    for number in range(12):
        scene.confirmed(f"new{number}@supporter.example", wish=Wish(postcode=STATION_ROAD))
    publish_figures(platform)
    assert tables(scene) != before
    platform.sessions.engine.dispose()


@pytest.mark.parametrize("number", range(30))
def test_a_number_is_told_to_the_nearest_five(number: int) -> None:
    told = coarse(number)
    assert told is not None
    assert told % LEAST == 0
    assert abs(told - number) <= LEAST // 2

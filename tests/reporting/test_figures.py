"""The figures of a campaign with letters in every state: they add up, and are what the rows say."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from app.actions.activity import Step
from app.campaigns.models import TargetRule
from app.delivery.ledger import differences
from app.hours import Hours
from app.queue.lanes import LaneRules
from app.queue.states import DeliveryState
from app.reporting.counters import Counters
from app.reporting.overview import first_number
from app.reporting.periods import Unit, by_time
from app.reporting.report import CAMPAIGN, HOUSE, Inquiry, make_table
from app.reporting.scope import everything
from app.reporting.tables import Table
from app.web.organise.report_tables import WORDS
from tests.reporting.conftest import scope_of
from tests.support.builders import Scene

RULES = LaneRules(60, Hours())
LATER = timedelta(days=1, hours=2)


LETTERS = "FROM delivery WHERE purpose = 'letter'"


def table(scene: Scene, name: str) -> Table:
    with scene.sessions.read() as session:
        made = make_table(Inquiry(session, scope_of(scene), RULES, scene.now + LATER), name)
    assert made is not None
    return made


def numbers(scene: Scene, statement: str) -> dict[str, int]:
    with scene.sessions.engine.connect() as connection:
        return {str(row[0]): int(row[1]) for row in connection.execute(text(statement))}


def test_the_states_are_those_of_the_rows_and_sum_to_the_letters_that_were_confirmed(scene: Scene) -> None:
    states = table(scene, "states")
    told = dict(zip(states.column("state"), states.column("letters"), strict=True))
    rows = numbers(scene, "SELECT state, count(*) FROM delivery WHERE purpose = 'letter' GROUP BY state")
    assert set(rows) == set(DeliveryState), "every state is there"
    assert told == rows
    letters = numbers(scene, "SELECT 'all', count(*) FROM letter")["all"]
    assert sum(told.values()) == letters == scope_of(scene).letters


def test_the_ledger_holds_with_all_its_counters(scene: Scene) -> None:
    with scene.sessions.read() as session:
        assert list(differences(session)) == []


def test_a_counter_that_is_wrong_is_named(scene: Scene) -> None:
    for name, words in {
        "target_count": "target ",
        "campaign_hour": "hour ",
        "campaign_tally": ".source",
    }.items():
        with scene.sessions.engine.begin() as connection:
            wrong = f"UPDATE {name} SET count = count + 1 WHERE NOT EXISTS (SELECT 1 FROM campaign WHERE id = 0)"  # noqa: S608 - ours
            connection.execute(text(wrong))
        with scene.sessions.read() as session:
            assert any(words in line and "the counter says" in line for line in differences(session)), name


def test_a_delivery_that_counts_for_another_target_is_named(scene: Scene) -> None:
    with scene.sessions.engine.begin() as connection:
        last = "SELECT max(id) FROM delivery WHERE purpose = 'letter'"
        connection.execute(text(f"UPDATE delivery SET target_id = target_id + 1 WHERE id = ({last})"))  # noqa: S608 - ours
    with scene.sessions.read() as session:
        assert any("another target" in line for line in differences(session))


def test_the_funnel_tells_where_people_drop_out(scene: Scene) -> None:
    funnel = table(scene, "funnel")
    told = dict(zip(funnel.column("stage"), funnel.column("number"), strict=True))
    handed_over = f"SELECT 'all', count(*) {LETTERS} AND state IN ('sent', 'delivered', 'bounced', 'complained')"
    assert told == {
        "viewed": 90,
        "started": 40,
        "submitted": 19,
        "confirmed": 16,
        "letters": numbers(scene, "SELECT 'all', count(*) FROM letter")["all"],
        "handed_over": numbers(scene, handed_over)["all"],
        "arrived": told["arrived"],
    }
    rates = dict(zip(funnel.column("stage"), funnel.column("rate"), strict=True))
    assert rates["viewed"] is None
    assert rates["letters"] is None
    assert rates["started"] == round(40 / 90, 4)
    assert rates["confirmed"] == round(16 / 19, 4)


def test_the_first_number_is_how_many_wrote(scene: Scene) -> None:
    with scene.sessions.read() as session:
        first = first_number(Counters(session, scope_of(scene)), scene.now + timedelta(hours=3))
    assert (first.people, first.letters, first.since) == (16, 28, scene.now.replace(minute=0))
    assert first.today == 15, "the sixteenth confirmed after midnight in London"
    assert first.week == 16


def test_every_period_sums_to_the_whole(scene: Scene) -> None:
    for unit in Unit:
        with scene.sessions.read() as session:
            made = by_time(Counters(session, scope_of(scene)), scene.now + LATER)[unit]
        assert sum(made.column(Step.CONFIRMED)) == 16  # type: ignore[arg-type] # no number is withheld here
        assert sum(made.column("letters")) == 28  # type: ignore[arg-type]
        events = "SELECT 'all', count(*) FROM delivery_event e JOIN delivery d ON d.id = e.delivery_id"
        events += " WHERE d.purpose = 'letter' AND e.to_state = 'sent'"
        assert sum(made.column("sent")) == numbers(scene, events)["all"]  # type: ignore[arg-type]


def test_small_numbers_of_places_are_withheld_and_what_would_give_them_away(sqlite_scene: Scene) -> None:
    assert not table(sqlite_scene, "targets").rows, "four letters to one ward, and everybody knows the sum"
    assert table(sqlite_scene, "council").column("letters") == [30], "28, to the nearest five"


def test_targets_that_are_nobodys_place_are_told_in_full(sqlite_scene: Scene) -> None:
    with sqlite_scene.sessions.engine.begin() as connection:
        connection.execute(text(f"UPDATE campaign SET target_rule = '{TargetRule.ALL}', target_lists = 'councillors'"))  # noqa: S608 - ours
    assert table(sqlite_scene, "targets").column("letters") == [12, 12, 4]
    areas = table(sqlite_scene, "area")
    assert dict(zip(areas.column("area"), areas.column("letters"), strict=True)) == {
        "Canalside, Zedmere": 24,
        "Station Road, Zedmere": 4,
    }


def test_a_language_of_few_is_withheld(sqlite_scene: Scene) -> None:
    languages = table(sqlite_scene, "languages")
    assert "ar" not in languages.column("language") or languages.column("confirmed") == [None, None]
    assert 12 not in languages.column("confirmed"), "four and twelve, and everybody knows that sixteen confirmed"


def test_own_words_are_told_from_letters_left_as_they_were(sqlite_scene: Scene) -> None:
    words = table(sqlite_scene, "words")
    told = dict(zip(words.column("sameness_from"), words.column("letters"), strict=True))
    assert told[100] == 8
    assert sum(told.values()) == 16  # type: ignore[arg-type]


def test_ways_are_told_by_the_word_of_the_link(sqlite_scene: Scene) -> None:
    sources = table(sqlite_scene, "sources")
    rows = {row[0]: row[1:] for row in sources.rows}
    assert rows["share"] == (90, 40, 0, 0, 0.0)
    assert rows["direct"] == (0, 0, 19, 16, None)


def test_every_table_can_be_made_of_a_campaign_and_of_all(sqlite_scene: Scene) -> None:
    with sqlite_scene.sessions.read() as session:
        whole = everything(session, None)
        for scope, names in ((scope_of(sqlite_scene), CAMPAIGN), (whole, HOUSE)):
            for name in names:
                made = make_table(Inquiry(session, scope, RULES, sqlite_scene.now), name)
                assert made is not None
                assert made.name == name
                assert tuple(made.columns) == tuple(names[name].columns), "as programs are told beforehand"
                assert all(len(row) == len(made.columns) for row in made.rows)
                for column in made.columns:
                    words = {isinstance(cell, str) for cell in made.column(column) if cell is not None}
                    assert words <= {column in WORDS}, "pages tell words from numbers by the column"
        assert make_table(Inquiry(session, whole, RULES, sqlite_scene.now), "targets") is None, "it divides places"


def test_no_table_of_all_campaigns_divides_people_or_places() -> None:
    assert set(HOUSE) == {"campaigns", "funnel", "states", "lanes", "sources", "hours", "days", "weeks"}

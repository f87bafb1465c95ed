"""The migrations are the only way the schema is made; they must make what the models say, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, select, text

from app.campaigns.models import Campaign
from app.campaigns.targeting import Targeting
from app.db import Sessions, make_engine
from app.delivery.desk import release_all
from app.delivery.ledger import differences
from app.privacy.keys import FieldKeys
from app.queue.models import Delivery, DeliveryEvent, Lease
from app.queue.states import DeliveryState, Purpose
from app.queue.story import story_of
from app.rows import metadata
from app.schema import MIGRATIONS, BrokenReferencesError, check, upgrade
from app.targets.models import Area
from app.targets.postcode_blocks import unpack
from app.targets.postcode_counts import groups_with_counts
from app.targets.postcode_models import PostcodeBlock
from app.targets.postcode_sources import describe_sources
from app.targets.postcodes import find, postcode_key
from tests.delivery.conftest import Office
from tests.support.builders import Scene
from tests.support.fakes import FakeClock, FakeTransport
from tests.support.first_schema import LETTERS, NOTICES, TARGETS, fill


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path, keys: FieldKeys) -> Iterator[Engine]:
    """An engine on a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    else:
        url = request.getfixturevalue("empty_postgresql")()
    engine = make_engine(url, keys)
    yield engine
    engine.dispose()


def test_from_nothing_to_what_the_models_say(empty_engine: Engine) -> None:
    assert check(empty_engine) != []
    upgrade(empty_engine)
    assert check(empty_engine) == []


def test_a_second_upgrade_changes_nothing(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    upgrade(empty_engine)
    assert check(empty_engine) == []


def test_two_upgrades_at_once_take_turns(empty_engine: Engine) -> None:
    threads = [threading.Thread(target=upgrade, args=(empty_engine,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert check(empty_engine) == []


def test_a_table_that_the_models_do_not_know_is_a_difference(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stray (id INTEGER PRIMARY KEY)"))
    assert any("stray" in difference for difference in check(engine))


def test_a_check_that_lacks_a_state_is_a_difference(postgresql_url: str, keys: FieldKeys) -> None:
    engine = make_engine(postgresql_url, keys)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE campaign DROP CONSTRAINT ck_campaign_state"))
        connection.execute(text("ALTER TABLE campaign ADD CONSTRAINT ck_campaign_state CHECK (state IN ('live'))"))
    [difference] = check(engine)
    assert difference.startswith("constraint ck_campaign_state of campaign")
    engine.dispose()


def test_every_constraint_has_the_name_that_the_code_looks_for(engine: Engine) -> None:
    inspector = inspect(engine)
    for table in metadata.sorted_tables:
        unique = {constraint["name"] for constraint in inspector.get_unique_constraints(table.name)}
        assert all(name and name.startswith(f"uq_{table.name}_") for name in unique)
        assert inspector.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"


def test_references_are_watched_again_after_an_upgrade(sqlite_url: str, keys: FieldKeys) -> None:
    engine = make_engine(sqlite_url, keys)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_an_upgrade_that_would_leave_a_dangling_reference_is_refused(sqlite_url: str, keys: FieldKeys) -> None:
    engine = make_engine(sqlite_url, keys)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        connection.execute(text("INSERT INTO area_group_member (group_id, area_id) VALUES (1, 1)"))
        connection.commit()
        connection.invalidate()
    with pytest.raises(BrokenReferencesError):
        upgrade(engine)
    engine.dispose()


def lanes_of_deliveries(engine: Engine) -> dict[int, str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT delivery.id, key FROM delivery JOIN lane ON lane.id = lane_id"))
        return {row.id: row.key for row in rows}


def test_what_the_first_schema_kept_gets_lanes_and_counters(empty_engine: Engine, now: datetime) -> None:
    upgrade(empty_engine, "0001")
    fill(empty_engine, now)
    upgrade(empty_engine, "0002")
    by_target = ["zedmere.example", "zedmere.example", "landlord.example", "unknown.invalid"]
    letters = dict(enumerate(by_target * 4, 1))
    notices = dict.fromkeys(range(len(LETTERS) + 1, len(LETTERS) + 1 + len(NOTICES)), "notices")
    assert lanes_of_deliveries(empty_engine) == letters | notices
    with empty_engine.connect() as connection:
        counters = connection.execute(text("SELECT key, state, count FROM state_count JOIN lane ON lane.id = lane_id"))
        counted = Counter({(row.key, row.state): row.count for row in counters})
        campaigns = connection.execute(text("SELECT slug, letter_count, time_zone FROM campaign ORDER BY id")).all()
    states = dict(enumerate([*LETTERS, *NOTICES.values()], 1))
    assert counted == Counter((key, states[number]) for number, key in (letters | notices).items())
    assert [tuple(row) for row in campaigns] == [
        ("warm-homes", len(LETTERS), "Europe/London"),
        ("dry-homes", 0, "Europe/London"),
    ]


def test_what_waited_at_the_first_schema_is_delivered_at_the_newest(
    empty_engine: Engine, now: datetime, tmp_path: Path
) -> None:
    upgrade(empty_engine, "0001")
    fill(empty_engine, now)
    upgrade(empty_engine)
    sessions, transport, clock = Sessions(empty_engine), FakeTransport(reaches_people=True), FakeClock(now)
    office = Office(Scene(sessions, now, 1), transport, clock, tmp_path / "journal")
    assert check(empty_engine) == differences_in(sessions) == []
    before = office.scene.states()
    office.sweep(after=timedelta(minutes=1))
    ways = {"queued": "sent", "sending": "uncertain"}
    expected = [ways.get(state, state) for state in LETTERS]
    for number in (4, 16):  # they wait for an address
        expected[number - 1] = "held"
    assert office.scene.states(Purpose.LETTER) == expected
    assert office.scene.states()[len(LETTERS) :] == ["sent", "sent", "sent"]
    came = Counter(message.id for message in transport.messages)
    assert set(came.values()) == {1}
    assert len(came) == len([state for state in before if state == "queued"]) - 2 + 1
    office.scene.change_target("4", email="found@council.example")
    assert release_all(sessions, "no_address", "they have one now", clock.now) == expected.count("held")
    office.deliver()
    assert office.scene.states(Purpose.LETTER) == ["sent" if state == "held" else state for state in expected]
    assert lanes_of_deliveries(empty_engine)[4] == "council.example"
    assert differences_in(sessions) == []


def test_times_that_sqlite_kept_as_text_are_the_same_in_eight_bytes(tmp_path: Path, keys: FieldKeys) -> None:
    engine, now = make_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}", keys), datetime(2026, 3, 29, 1, 2, 3, 45, UTC)
    upgrade(engine, "0001")
    fill(engine, now)
    with engine.begin() as connection:
        before = connection.execute(text("SELECT id, due_at, created_at FROM delivery ORDER BY id")).all()
    upgrade(engine)
    with Sessions(engine).read() as session:
        after = session.execute(select(Delivery.id, Delivery.due_at, Delivery.created_at).order_by(Delivery.id)).all()
        kept = session.scalar(text("SELECT DISTINCT typeof(due_at) FROM delivery"))
    assert kept == "integer"
    assert [tuple(row) for row in after] == [(row.id, told(row.due_at), told(row.created_at)) for row in before]
    assert len(after) > 1
    engine.dispose()


def test_claims_that_were_events_become_leases_and_every_story_stays(empty_engine: Engine, now: datetime) -> None:
    upgrade(empty_engine, "0001")
    fill(empty_engine, now)
    upgrade(empty_engine, "0023")
    with empty_engine.connect() as connection:
        rows = connection.execute(text("SELECT delivery_id, from_state, to_state FROM delivery_event ORDER BY id"))
        before = [(row.delivery_id, row.from_state, row.to_state) for row in rows]
        held = {row.id for row in connection.execute(text("SELECT id FROM delivery WHERE state = 'sending'"))}
    upgrade(empty_engine)
    sessions = Sessions(empty_engine)
    assert (check(empty_engine), differences_in(sessions)) == ([], [])
    with sessions.read() as session:
        deliveries = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        after = [
            (delivery.id, change.from_state, change.to_state)
            for delivery in deliveries
            for change in story_of(session, delivery)
        ]
        tokens = dict(
            session.execute(select(Delivery.id, Lease.token).join(Lease, Lease.id == Delivery.lease_id)).all()
        )
        facts = session.scalars(select(DeliveryEvent)).all()
        assert {delivery.lease_id is None for delivery in deliveries if delivery.attempts == 0} == {True}
    assert sorted(after, key=str) == sorted(before, key=str)
    assert {number for number, token in tokens.items() if token == "old"} >= held
    assert {DeliveryState.SENDING} == {fact.from_state for fact in facts if fact.lease_id is not None}
    assert len(tokens) > len(held) > 0


def multiply_deliveries(engine: Engine, times: int) -> None:
    """Copy every delivery with its events, as often; none of the copies has a letter of its own."""
    with engine.begin() as connection:
        for table, named in (("delivery", "letter_id"), ("delivery_event", "delivery_id")):
            columns = [column["name"] for column in inspect(connection).get_columns(table)]
            shifted = {"id": "id + :step", named: "NULL" if table == "delivery" else f"{named} + :step"}
            cells = ", ".join(shifted.get(column, column) for column in columns)
            names = ", ".join(columns)
            copy = f"INSERT INTO {table} ({names}) SELECT {cells} FROM {table} WHERE id <= :last"  # noqa: S608 - ours
            last = connection.execute(text(f"SELECT max(id) FROM {table}")).scalar_one()  # noqa: S608 - ours
            step = connection.execute(text("SELECT max(id) FROM delivery_event")).scalar_one()
            for number in range(1, times):
                connection.execute(text(copy), {"step": number * step, "last": last})


def test_claims_become_leases_in_steps_that_grow_with_their_number_alone(
    tmp_path: Path, keys: FieldKeys, now: datetime
) -> None:
    taken: list[int] = []
    for times in (50, 200):
        engine, steps = make_engine(f"sqlite:///{tmp_path / str(times)}.sqlite3", keys), Counter[str]()
        upgrade(engine, "0001")
        fill(engine, now)
        upgrade(engine, "0023")
        multiply_deliveries(engine, times)
        engine.dispose()
        event.listen(
            engine,
            "connect",
            lambda driver, _record, steps=steps: driver.set_progress_handler(lambda: steps.update(all=1), 100),
        )
        upgrade(engine, "0024")
        taken.append(steps["all"])
        engine.dispose()
    assert 0 < taken[1] < 6 * taken[0], "four times as many claims"


_LETTERS_OF_OLD = """
    SELECT delivery.id, letter.action_id, letter.target_id, text_hash, target_name, target_organisation, salutation,
        reply.answer, letter_addressee.target_id
    FROM delivery JOIN letter ON letter.id = delivery.letter_id
    LEFT JOIN reply ON reply.letter_id = letter.id LEFT JOIN letter_addressee ON letter_addressee.letter_id = letter.id
    ORDER BY delivery.id
"""
_LETTERS_ANEW = """
    SELECT letter.id, letter.action_id, letter.target_id, text_hash, name, organisation, salutation,
        reply.answer, letter_addressee.target_id
    FROM letter JOIN frozen_recipient ON frozen_recipient.id = recipient_id
    LEFT JOIN reply ON reply.letter_id = letter.id LEFT JOIN letter_addressee ON letter_addressee.letter_id = letter.id
    ORDER BY letter.id
"""


def test_letters_that_had_numbers_of_their_own_are_all_there_under_their_deliveries(
    empty_engine: Engine, now: datetime
) -> None:
    upgrade(empty_engine, "0001")
    fill(empty_engine, now)
    upgrade(empty_engine, "0025")
    with empty_engine.begin() as connection:
        for number, answer in ((1, "answered"), (2, "none"), (16, "automatic")):
            told = {"number": number, "answer": answer, "at": now.isoformat()}
            connection.execute(
                text("INSERT INTO reply (letter_id, kind, answer, at) VALUES (:number, 'told', :answer, :at)"), told
            )
            connection.execute(text("INSERT INTO letter_addressee VALUES (:number, 3)"), {"number": number})
        connection.execute(text("INSERT INTO action_target (action_id, target_id) VALUES (1, 1), (1, 2), (5, 3)"))
        before = connection.execute(text(_LETTERS_OF_OLD)).all()
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert connection.execute(text(_LETTERS_ANEW)).all() == before
        assert connection.execute(text("SELECT action_id, target_id FROM action_target")).all() == [(5, 3)]
        assert connection.execute(text("SELECT count(*) FROM frozen_recipient")).scalar() == len(TARGETS)
    assert (len(before), sum(row.answer is not None for row in before)) == (len(LETTERS), 3)
    assert (check(empty_engine), differences_in(Sessions(empty_engine))) == ([], [])


def test_a_letter_without_a_delivery_stops_the_upgrade_and_changes_nothing(empty_engine: Engine, now: datetime) -> None:
    upgrade(empty_engine, "0001")
    fill(empty_engine, now)
    upgrade(empty_engine, "0026")
    with empty_engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET letter_id = NULL WHERE id = 3"))
    with pytest.raises(RuntimeError, match="letters without a delivery: 1"):
        upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM letter")).scalar() == len(LETTERS)


def told(time: str | None) -> datetime | None:
    return None if time is None else datetime.strptime(time, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)


def fill_postcodes(engine: Engine) -> dict[str, tuple[str, int]]:
    """Write postcodes of two sources a row each, as the schema 0004 kept them; each with its source and its ward."""
    inwards = [f"{figure}{letters}" for figure in range(10) for letters in ("AA", "ZZ", "BD")]
    told = {
        f"{outward} {inward}": ("codes", number % 3)
        for outward in ("ZZ1", "M1", "ZZ99", "EC1A")
        for number, inward in enumerate(inwards)
    }
    told |= {"ZZ1 4XY": ("more", 0), "GIR 0AA": ("more", 2)}
    sources, wards = ("codes", "more"), ("Canalside", "Station Road", "Hilltop")
    with engine.begin() as connection:

        def insert(table: str, **columns: Any) -> None:
            values = ", ".join(f":{name}" for name in columns)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"), columns)  # noqa: S608 - names of ours

        for number, slug in enumerate(sources, 1):
            about = {"source": "a test", "as_of": "2026-11-01", "licence": "CC0-1.0", "demo": False}
            insert("postcode_source", id=number, slug=slug, **about)
        for number, name in enumerate(wards, 1):
            insert("area", id=number, code=f"Z0500000{number}", name=name, kind="ward", demo=False, successors="")
            insert("area_group", id=number + 300, signature=str(number))
            insert("area_group_member", group_id=number + 300, area_id=number)
        for postcode, (slug, ward) in told.items():
            insert("postcode", key=postcode_key(postcode), source_id=sources.index(slug) + 1, group_id=ward + 301)
    return {postcode: (slug, wards[ward]) for postcode, (slug, ward) in told.items()}


def test_postcodes_that_had_a_row_each_are_found_in_their_blocks(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0004")
    told = fill_postcodes(empty_engine)
    upgrade(empty_engine)
    assert check(empty_engine) == []
    with Sessions(empty_engine).read() as session:
        found = {postcode: find(session, postcode) for postcode in told}
        counted = {name: sum(1 for _, ward in told.values() if ward == name) for _, name in told.values()}
        names = dict(session.execute(select(Area.id, Area.name)).all())
        counts = {names[next(iter(group.area_ids))]: group.live for group in groups_with_counts(session)}
        packed = session.scalars(select(PostcodeBlock.entries)).all()
        sources = {one.slug: (one.live, one.terminated) for one in describe_sources(session)}
        assert find(session, "ZZ1 9XY") is None
    assert {
        postcode: (one.origins[0].name, one.areas[0].name) for postcode, one in found.items() if one is not None
    } == told
    assert counts == counted
    assert sources == {"codes": (120, 0), "more": (2, 0)}
    assert [unpack(entries).pack() for entries in packed] == list(packed), "the layout is the one that is written today"


def test_campaigns_from_before_there_were_descriptions_mean_everybody(empty_engine: Engine, now: datetime) -> None:
    upgrade(empty_engine, "0001")
    fill(empty_engine, now)
    upgrade(empty_engine)
    with Sessions(empty_engine).read() as session:
        campaigns = session.scalars(select(Campaign)).all()
        assert [(campaign.target_rule, campaign.targeting) for campaign in campaigns] == [("all", Targeting())] * 2
        assert [page.excluded for campaign in campaigns for page in campaign.pages] == [{}]


def differences_in(sessions: Sessions) -> list[str]:
    with sessions.read() as session:
        return list(differences(session))


def test_numbers_follow_each_other_and_there_is_no_way_down() -> None:
    scripts = sorted((MIGRATIONS / "versions").glob("*.py"))
    assert [script.name[:5] for script in scripts] == [f"{number:04}_" for number in range(1, len(scripts) + 1)]
    assert not any("def downgrade" in script.read_text(encoding="utf-8") for script in scripts)

"""The migrations are the only way the schema is made; they must make what the models say, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from app.db import make_engine
from app.privacy.keys import FieldKeys
from app.rows import metadata
from app.schema import MIGRATIONS, BrokenReferencesError, check, upgrade


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


def test_numbers_follow_each_other_and_there_is_no_way_down() -> None:
    scripts = sorted((MIGRATIONS / "versions").glob("*.py"))
    assert [script.name[:5] for script in scripts] == [f"{number:04}_" for number in range(1, len(scripts) + 1)]
    assert not any("def downgrade" in script.read_text(encoding="utf-8") for script in scripts)

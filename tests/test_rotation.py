"""Rewriting personal fields with the newest key."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import insert, select, text, update

from app.actions.models import Action, Supporter
from app.db import Sessions, make_engine
from app.privacy.keys import FieldKeys, UndecryptableError, key_id_of, new_key
from app.rotation import BATCH, rotate_keys
from tests.conftest import FIELD_KEYS, INDEX_KEY
from tests.support.builders import ALICE, BOB, Scene, make_scene, with_segment
from tests.support.dumps import dump
from tests.support.threads import together

NEW = f"newest:{new_key()}"
ROTATED = FieldKeys.parse(f"{NEW},{FIELD_KEYS}", INDEX_KEY)
NEW_ONLY = FieldKeys.parse(NEW, INDEX_KEY)
TOLD = {"own_words": "My neighbour fears the letter box.", "subject": "My subject", "body": "My middle."}


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """A campaign with a letter of its own for Cllr Verde."""
    return make_scene(sessions, now, **with_segment(now, "verde", "carla-verde"))


@contextmanager
def opened(url: str, keys: FieldKeys) -> Iterator[Sessions]:
    """The database as a platform with other keys opens it."""
    engine = make_engine(url, keys)
    try:
        yield Sessions(engine)
    finally:
        engine.dispose()


def rotate(url: str) -> int:
    with opened(url, ROTATED) as sessions:
        return rotate_keys(sessions, ROTATED)


def key_ids(sessions: Sessions) -> set[bytes]:
    """The ids of the keys that wrote what stands in the database."""
    with sessions.read() as session:
        values = [
            *session.execute(text("SELECT name, postcode, own_words, subject, body FROM action")),
            *session.execute(text("SELECT subject, body FROM action_part")),
            *session.execute(text("SELECT name, email FROM supporter")),
        ]
    return {key_id_of(bytes(value)) for row in values for value in row if value is not None}


def told(sessions: Sessions) -> list[tuple[str | None, ...]]:
    with sessions.read() as session:
        return [
            (
                *(
                    row.name,
                    row.postcode,
                    row.own_words,
                    row.subject,
                    row.body,
                    row.supporter.name,
                    row.supporter.email,
                ),
                *(text for part in row.parts for text in (part.subject, part.body)),
            )
            for row in session.scalars(select(Action).order_by(Action.id))
        ]


def test_after_it_the_newest_key_alone_reads_everything(scene: Scene, database_url: str) -> None:
    scene.submit(ALICE, **TOLD, further=[("Their subject", "Their middle.")])
    scene.submit(BOB)
    before = told(scene.sessions)
    assert key_ids(scene.sessions) == {b"test"}
    assert rotate(database_url) == 5 + 2 + 3 + 2 * 2
    assert key_ids(scene.sessions) == {b"newest"}
    with opened(database_url, NEW_ONLY) as sessions:
        assert told(sessions) == before


def test_nothing_but_the_encrypted_values_changes(scene: Scene, database_url: str) -> None:
    scene.confirmed(**TOLD)
    before = dump(scene.sessions.engine)
    rotate(database_url)
    after = dump(scene.sessions.engine)
    assert {table for table in after if after[table] != before[table]} == {"action", "supporter"}
    with opened(database_url, NEW_ONLY) as sessions, sessions.read() as session:
        assert session.execute(text("SELECT email_hash FROM supporter")).all() == [
            (ROTATED.blind_index("supporter.email", ALICE),)
        ]


def test_a_second_run_finds_nothing_to_do(scene: Scene, database_url: str) -> None:
    scene.submit()
    rotate(database_url)
    before = dump(scene.sessions.engine)
    assert rotate(database_url) == 0
    assert dump(scene.sessions.engine) == before


def test_it_takes_many_batches_in_its_stride(scene: Scene, database_url: str) -> None:
    with scene.sessions.write() as session:
        scene.submit(session=session)
        row = session.execute(select(*Action.__table__.columns)).one()._asdict()
        del row["id"]
        copies = [row | {"public_id": uuid.uuid4(), "own_words": f"Number {n}"} for n in range(2 * BATCH)]
        session.execute(insert(Action), copies)
    before = told(scene.sessions)
    assert rotate(database_url) == 3 * (2 * BATCH + 1) + 2
    with opened(database_url, NEW_ONLY) as sessions:
        assert told(sessions) == before


def test_it_goes_on_where_it_was_stopped(scene: Scene, database_url: str) -> None:
    scene.submit(ALICE)
    scene.submit(BOB)
    with opened(database_url, ROTATED) as sessions, sessions.write() as session:
        session.execute(update(Action).values(name="Alice Adams"))
    assert key_ids(scene.sessions) == {b"test", b"newest"}
    assert rotate(database_url) == 2 * 2 + 2 * 2
    assert key_ids(scene.sessions) == {b"newest"}


def test_a_value_whose_key_is_lost_stops_it_and_is_left_as_it_is(scene: Scene, database_url: str) -> None:
    scene.submit()
    before = dump(scene.sessions.engine)
    with opened(database_url, NEW_ONLY) as sessions, pytest.raises(UndecryptableError):
        rotate_keys(sessions, NEW_ONLY)
    assert dump(scene.sessions.engine) == before


def test_what_is_erased_while_it_runs_stays_erased(scene: Scene, database_url: str) -> None:
    scene.submit()
    erased = threading.Event()

    def erase_slowly() -> None:
        with scene.sessions.write() as session:
            session.execute(update(Supporter).values(name="", email=""))
            erased.set()
            threading.Event().wait(0.3)  # the other has begun by then

    def rotate_meanwhile() -> None:
        erased.wait(5)
        rotate(database_url)

    work: tuple[Callable[[], None], ...] = (erase_slowly, rotate_meanwhile)
    together(*work)
    assert key_ids(scene.sessions) == {b"newest"}
    with opened(database_url, NEW_ONLY) as sessions, sessions.read() as session:
        supporter = session.scalars(select(Supporter)).one()
        assert (supporter.name, supporter.email) == ("", "")

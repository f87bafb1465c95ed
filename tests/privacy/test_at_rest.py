"""What somebody who steals the database can read."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, select, text

from app.actions.models import Action, Supporter
from app.actions.retention import expire_actions
from app.db import Sessions, make_engine
from app.privacy.keys import FieldKeys, UndecryptableError
from tests.support.builders import CANALSIDE, CONFIRM_WITHIN, Scene, make_scene, with_segment
from tests.support.dumps import raw_bytes

TOLD = {
    "email": "Quirina.Oxenfoord@Supporter.example",
    "name": "Quirina Oxenfoord-Łubieńska",
    "own_words": "My neighbour Bartholomew fears the letter box.",
    "subject": "A subject that nobody else would write",
    "body": "A middle that nobody else would write.",
    "network": "203.0.113.77",
}
REASON = "a-reason-that-nobody-else-would-choose"
FURTHER = ("Another subject that nobody else would write", "Another middle that nobody else would write.")
SECRETS = [
    *TOLD.values(),
    *FURTHER,
    REASON,
    "quirina.oxenfoord",
    "quirina",
    "oxenfoord",
    "Łubieńska",
    "Bartholomew",
    CANALSIDE,
    "203.0.113",
]


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """A campaign with a letter of its own for Cllr Verde."""
    return make_scene(sessions, now, **with_segment(now, "verde", "carla-verde"))


def readable(engine: Engine) -> list[str]:
    """Which secrets stand in the database, in whatever case."""
    heap = raw_bytes(engine).lower()
    return [secret for secret in SECRETS if secret.lower().encode() in heap]


@pytest.mark.parametrize("stage", ["pending", "confirmed", "withdrawn", "expired"])
def test_nothing_personal_can_be_read(scene: Scene, stage: str) -> None:
    action_id = scene.pending(**TOLD, further=[FURTHER], reasons=[REASON])
    if stage in ("confirmed", "withdrawn"):
        scene.confirm(action_id)
    if stage == "withdrawn":
        scene.withdraw(action_id)
    if stage == "expired":
        with scene.sessions.write() as session:
            expire_actions(session, scene.now + CONFIRM_WITHIN)
    assert readable(scene.sessions.engine) == []


def test_the_search_would_find_what_stands_there(scene: Scene) -> None:
    scene.submit(**TOLD)
    assert b"Cllr Bob Sample" in raw_bytes(scene.sessions.engine)
    with scene.sessions.write() as session:
        session.execute(text("UPDATE target SET party = :said"), {"said": TOLD["own_words"]})
    assert readable(scene.sessions.engine) == [TOLD["own_words"], "Bartholomew"]


def test_the_same_rows_are_clear_to_who_has_the_keys(scene: Scene) -> None:
    action_id = scene.pending(**TOLD, reasons=[REASON])
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert (action.name, action.own_words, action.body) == (TOLD["name"], TOLD["own_words"], TOLD["body"])
        assert action.reasons == REASON
        assert action.supporter.email == TOLD["email"]


def test_other_keys_read_nothing(scene: Scene, database_url: str) -> None:
    scene.submit()
    stranger = make_engine(database_url, FieldKeys.random())
    with Sessions(stranger).read() as session, pytest.raises(UndecryptableError):
        session.scalars(select(Supporter)).all()
    stranger.dispose()


def test_a_value_that_was_moved_to_another_column_is_not_taken_for_its_own(scene: Scene) -> None:
    action_id = scene.pending(**TOLD)
    with scene.sessions.write() as session:
        session.execute(text("UPDATE action SET own_words = name"))
    with scene.sessions.read() as session, pytest.raises(UndecryptableError, match=r"action\.own_words"):
        session.get_one(Action, action_id)

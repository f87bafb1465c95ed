"""Forgetting what nobody confirmed."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime

from sqlalchemy import func, insert, select, text

from app.actions import retention
from app.actions.models import Action, ActionState, ActionTarget, Consent, Supporter
from app.actions.retention import expire_actions
from app.queue.states import Purpose
from tests.support.builders import ALICE, BOB, CONFIRM_WITHIN, Scene
from tests.support.dumps import dump
from tests.support.threads import together

OWN = {"own_words": "My neighbour fears the letter box.", "subject": "My subject", "body": "My middle."}


def expire(scene: Scene, *, now: datetime | None = None) -> int:
    with scene.sessions.write() as session:
        return expire_actions(session, now or scene.now + CONFIRM_WITHIN)


def supporters(scene: Scene) -> list[tuple[str, str]]:
    with scene.sessions.read() as session:
        return [(row.name, row.email) for row in session.scalars(select(Supporter).order_by(Supporter.id))]


def test_an_expired_letter_keeps_nothing_of_its_writer(scene: Scene) -> None:
    action_id = scene.pending(**OWN, reasons=["work"], consent=True)
    assert expire(scene) == 1
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert action.state is ActionState.EXPIRED
        assert (action.name, action.postcode, action.own_words) == ("", "", "")
        assert (action.subject, action.body, action.area_id) == (None, None, None)
        assert action.variables == {}
        for table in (Consent, ActionTarget):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        raw = session.execute(text("SELECT subject, body, reasons, area_id FROM action")).one()
    assert raw == (None, None, None, None)
    assert supporters(scene) == [("", "")]


def test_the_place_somebody_lives_in_is_forgotten_everywhere(scene: Scene) -> None:
    scene.submit()
    expire(scene)
    for table in ("action", "supporter", "consent", "delivery", "delivery_event"):
        assert "Canalside" not in repr(dump(scene.sessions.engine)[table])


def test_the_forgotten_address_finds_nobody(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.submit()
    expire(scene)
    scene.submit(now=scene.now + CONFIRM_WITHIN)
    assert supporters(scene) == [("", ""), ("Alice Adams", ALICE)]


def test_a_letter_that_may_still_be_confirmed_stays(scene: Scene) -> None:
    old, young = scene.pending(ALICE), scene.pending(BOB, now=scene.now + CONFIRM_WITHIN / 2)
    assert expire(scene) == 1
    with scene.sessions.read() as session:
        assert session.get_one(Action, old).state is ActionState.EXPIRED
        assert session.get_one(Action, young).name == "Alice Adams"
    assert supporters(scene)[1] == ("Alice Adams", BOB)


def test_who_has_anything_else_here_is_not_forgotten(scene: Scene) -> None:
    scene.pending(**OWN)
    kept = scene.confirmed(**OWN)
    assert expire(scene) == 1
    assert supporters(scene) == [("Alice Adams", ALICE)]
    with scene.sessions.read() as session:
        action = session.get_one(Action, kept)
        assert (action.name, action.own_words) == ("Alice Adams", OWN["own_words"])
        assert session.scalars(select(Consent.action_id)).all() == [kept]


def test_who_withdrew_is_not_forgotten_by_an_older_draft(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.pending()
    scene.withdraw(scene.confirmed())
    expire(scene)
    assert supporters(scene) == [("Alice Adams", ALICE)]


def test_expiring_again_changes_nothing(scene: Scene) -> None:
    scene.submit()
    expire(scene)
    before = dump(scene.sessions.engine)
    assert expire(scene) == 0
    assert dump(scene.sessions.engine) == before


def test_the_rows_stay_so_that_the_figures_add_up(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.submit()
    expire(scene)
    with scene.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 1
    assert [delivery.purpose for delivery in scene.deliveries()] == [Purpose.CONFIRMATION]


def test_many_are_expired_a_batch_at_a_time(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    with scene.sessions.write() as session:
        scene.submit(session=session)
        row = session.execute(select(*Action.__table__.columns)).one()._asdict()
        del row["id"]
        copies = [row | {"public_id": uuid.uuid4()} for _ in range(retention.BATCH + 2)]
        session.execute(insert(Action), copies)
    assert [expire(scene) for _ in range(3)] == [retention.BATCH, 3, 0]
    assert supporters(scene) == [("", "")]


def test_a_letter_that_is_being_confirmed_is_not_erased_under_it(scene: Scene) -> None:
    action_id = scene.pending(**OWN)
    waiting = threading.Event()

    def confirm_slowly() -> None:
        with scene.sessions.write() as session:
            scene.confirm_in(session, action_id)
            waiting.set()
            threading.Event().wait(0.3)  # the other has begun by then

    def expire_meanwhile() -> None:
        waiting.wait(5)
        expire(scene)

    together(confirm_slowly, expire_meanwhile)
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert (action.state, action.name) == (ActionState.CONFIRMED, "Alice Adams")
        assert session.scalar(select(func.count()).select_from(Consent)) == 1


def test_a_supporter_who_writes_again_at_that_moment_is_not_forgotten(scene: Scene) -> None:
    scene.submit()
    later = scene.now + CONFIRM_WITHIN
    waiting = threading.Event()

    def submit_slowly() -> None:
        with scene.sessions.write() as session:
            scene.submit(session=session, now=later)
            waiting.set()
            threading.Event().wait(0.3)  # the other has begun by then

    def expire_meanwhile() -> None:
        waiting.wait(5)
        expire(scene)

    together(submit_slowly, expire_meanwhile)
    assert supporters(scene) == [("Alice Adams", ALICE)]

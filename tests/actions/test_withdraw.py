"""Withdrawing what has not gone."""

from __future__ import annotations

import pytest

from app.actions.models import Action, ActionState
from app.queue.models import Delivery
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.support.builders import Scene
from tests.support.dumps import dump
from tests.support.threads import together

S = DeliveryState
LETTER = Purpose.LETTER


def state_of(scene: Scene, action_id: int) -> ActionState:
    with scene.sessions.read() as session:
        return session.get_one(Action, action_id).state


def walk(scene: Scene, delivery_id: int, *path: DeliveryState) -> None:
    """Move a queued delivery along a path of states."""
    with scene.sessions.write() as session:
        for to in path:
            origin = session.get_one(Delivery, delivery_id, populate_existing=True).state
            assert move(session, [delivery_id], Move(origin, to, EventSource.WORKER), scene.now) == [delivery_id]


def test_when_nothing_has_gone_the_whole_act_is_withdrawn(scene: Scene) -> None:
    action_id = scene.confirmed()
    assert scene.withdraw(action_id) == 2
    assert scene.states(LETTER) == [S.CANCELLED] * 2
    assert state_of(scene, action_id) is ActionState.WITHDRAWN
    assert scene.count() == 0


def test_who_withdrew_may_write_anew(scene: Scene) -> None:
    scene.withdraw(scene.confirmed())
    again = scene.confirmed()
    assert state_of(scene, again) is ActionState.CONFIRMED
    assert scene.states(LETTER) == [S.CANCELLED] * 2 + [S.QUEUED] * 2
    assert scene.count() == 1


@pytest.mark.parametrize(
    "path", [[S.SENDING], [S.SENDING, S.SENT], [S.SENDING, S.UNCERTAIN], [S.SENDING, S.SENT, S.DELIVERED]]
)
def test_what_has_gone_cannot_be_called_back(sqlite_scene: Scene, path: list[DeliveryState]) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed()
    gone, _ = scene.deliveries(LETTER)
    walk(scene, gone.id, *path)
    assert scene.withdraw(action_id) == 1
    assert scene.states(LETTER) == [path[-1], S.CANCELLED]
    assert state_of(scene, action_id) is ActionState.CONFIRMED
    assert scene.count() == 1


def test_when_all_has_gone_nothing_changes(scene: Scene) -> None:
    action_id = scene.confirmed()
    for delivery in scene.deliveries(LETTER):
        walk(scene, delivery.id, S.SENDING, S.SENT)
    before = dump(scene.sessions.engine)
    assert scene.withdraw(action_id) == 0
    assert dump(scene.sessions.engine) == before


def test_a_letter_that_is_held_is_withdrawn_too(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed()
    held, _ = scene.deliveries(LETTER)
    walk(scene, held.id, S.HELD)
    assert scene.withdraw(action_id) == 2
    assert state_of(scene, action_id) is ActionState.WITHDRAWN


def test_withdrawing_again_changes_nothing(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed()
    scene.withdraw(action_id)
    before = dump(scene.sessions.engine)
    assert scene.withdraw(action_id) == 0
    assert dump(scene.sessions.engine) == before


def test_what_was_withdrawn_in_parts_is_withdrawn_in_the_end(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed()
    claimed, _ = scene.deliveries(LETTER)
    walk(scene, claimed.id, S.SENDING)
    assert scene.withdraw(action_id) == 1
    walk(scene, claimed.id, S.QUEUED)
    assert scene.withdraw(action_id) == 1
    assert state_of(scene, action_id) is ActionState.WITHDRAWN
    assert scene.count() == 0


def test_a_letter_that_was_never_confirmed_has_nothing_to_withdraw(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    before = dump(scene.sessions.engine)
    assert scene.withdraw(action_id) == 0
    assert dump(scene.sessions.engine) == before


def test_withdrawing_at_one_moment_counts_once(scene: Scene) -> None:
    action_id = scene.confirmed()
    scene.confirmed("bob@supporter.example")
    assert sorted(together(*[lambda: scene.withdraw(action_id)] * 3)) == [0, 0, 2]
    assert scene.count() == 1


def test_only_the_letters_of_the_act_itself_are_cancelled(scene: Scene) -> None:
    action_id = scene.confirmed()
    other = scene.confirmed("bob@supporter.example")
    scene.withdraw(action_id)
    assert [delivery.state for delivery in scene.deliveries(LETTER, action_id=other)] == [S.QUEUED] * 2
    assert scene.states(Purpose.THANK_YOU) == [S.QUEUED] * 2


def test_the_event_says_that_the_supporter_did_it(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed()
    scene.withdraw(action_id)
    cancelled = scene.deliveries(LETTER)[0]
    assert cancelled.reason == "withdrawn"
    event = scene.story(cancelled.id)[-1]
    assert (event.source, event.from_state, event.to_state) == (EventSource.SUPPORTER, S.QUEUED, S.CANCELLED)

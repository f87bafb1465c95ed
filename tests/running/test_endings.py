"""After a campaign's end: what waits is cancelled, who wrote is told; in batches, once each, whoever dies meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, event, insert

from app.campaigns.models import Campaign, CampaignState
from app.db import WRITING, Sessions
from app.delivery.ledger import differences
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.running.endings import BATCH, begin_ending, last_ending, to_be_told, wind_up
from app.running.models import Ending
from tests.support.builders import Scene, make_scene
from tests.support.costs import Steps
from tests.support.threads import together

PEOPLE = 23


@pytest.fixture
def written(scene: Scene) -> Scene:
    """Many have written; some have not confirmed."""
    for number in range(PEOPLE):
        scene.confirmed(f"person-{number}@supporter.example")
    for number in range(3):
        scene.pending(f"waiting-{number}@supporter.example")
    return scene


def end(scene: Scene, state: CampaignState, *, cancels: bool, tells: bool) -> None:
    with scene.sessions.write() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        campaign.state, campaign.keeps_sending = state, not cancels
        session.flush()
        begin_ending(session, campaign, cancels=cancels, tells=tells, now=scene.now)


def ending(scene: Scene) -> Ending:
    with scene.sessions.read() as session:
        found = last_ending(session, scene.campaign_id)
    assert found is not None
    return found


def told(scene: Scene) -> Counter[int | None]:
    """How many mails of a win each action has."""
    return Counter(delivery.action_id for delivery in scene.deliveries(Purpose.WON))


def finish(scene: Scene, at_once: int = BATCH) -> None:
    for _round in range(100):
        wind_up(scene.sessions, scene.now, at_once=at_once)
        if ending(scene).finished_at is not None:
            return
    raise AssertionError("it never ends")


def test_letters_are_cancelled_and_people_told_in_batches_and_the_books_add_up(written: Scene) -> None:
    end(written, CampaignState.WON, cancels=True, tells=True)
    wind_up(written.sessions, written.now, at_once=5)
    assert (ending(written).cancelled, ending(written).told) == (5, 5)
    finish(written, at_once=5)
    assert set(written.states(Purpose.LETTER)) == {DeliveryState.CANCELLED}
    assert set(told(written).values()) == {1}
    assert (len(told(written)), ending(written).told, ending(written).cancelled) == (PEOPLE, PEOPLE, 2 * PEOPLE)
    with written.sessions.read() as session:
        assert list(differences(session)) == []


def test_whom_to_tell_costs_the_same_however_many_letters_there_are(sqlite_sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sqlite_sessions, now)
    for number in range(PEOPLE):
        scene.confirmed(f"person-{number}@supporter.example")
    row = {column.name: getattr(scene.deliveries(Purpose.LETTER)[0], column.name) for column in Delivery.__table__.c}
    del row["id"]
    taken = []
    for more in (0, 2000):
        with scene.sessions.write() as session:
            if more:
                session.execute(insert(Delivery), [row] * more)
            with Steps(session) as steps:
                assert to_be_told(session, scene.campaign_id) == PEOPLE
            taken.append(steps.taken)
    assert taken[1] < 2 * taken[0]


class KilledError(BaseException):
    """The worker is gone just before its transaction is kept."""


def test_a_worker_that_dies_in_a_batch_has_done_nothing_of_it(written: Scene) -> None:
    end(written, CampaignState.WON, cancels=False, tells=True)
    wind_up(written.sessions, written.now, at_once=5)

    def die(connection: Connection) -> None:
        if connection.get_execution_options().items() >= WRITING.items():
            raise KilledError

    event.listen(written.sessions.engine, "commit", die)
    with pytest.raises(KilledError):
        wind_up(written.sessions, written.now, at_once=5)
    event.remove(written.sessions.engine, "commit", die)
    assert (ending(written).told, len(told(written))) == (5, 5)
    finish(written, at_once=5)
    assert (len(told(written)), set(told(written).values())) == (PEOPLE, {1})


def test_several_workers_tell_nobody_twice(written: Scene) -> None:
    end(written, CampaignState.WON, cancels=True, tells=True)

    def work() -> None:
        for _round in range(10):
            wind_up(written.sessions, written.now, at_once=3)

    together(work, work, work)
    finish(written)
    assert (len(told(written)), set(told(written).values())) == (PEOPLE, {1})


def test_a_letter_that_comes_back_to_the_queue_is_cancelled_too(written: Scene) -> None:
    [first, *_rest] = [delivery.id for delivery in written.deliveries(Purpose.LETTER)]
    with written.sessions.write() as session:
        session.get_one(Delivery, first).state = DeliveryState.SENDING
    end(written, CampaignState.CLOSED, cancels=True, tells=False)
    wind_up(written.sessions, written.now)
    wind_up(written.sessions, written.now)
    assert ending(written).finished_at is None, "one is still in a worker's hands"
    with written.sessions.write() as session:
        session.get_one(Delivery, first).state = DeliveryState.QUEUED
    finish(written)
    assert set(written.states(Purpose.LETTER)) == {DeliveryState.CANCELLED}


def test_who_opens_it_again_ends_the_work_of_its_end(written: Scene) -> None:
    end(written, CampaignState.CLOSED, cancels=True, tells=False)
    written.move_campaign(CampaignState.LIVE)
    finish(written)
    assert set(written.states(Purpose.LETTER)) == {DeliveryState.QUEUED}


def test_only_those_whose_letters_stand_confirmed_are_told_and_never_again(written: Scene) -> None:
    gone = written.confirmed("gone@supporter.example")
    written.withdraw(gone)
    with written.sessions.read() as session:
        assert to_be_told(session, written.campaign_id) == PEOPLE
    end(written, CampaignState.WON, cancels=False, tells=True)
    finish(written)
    assert gone not in told(written)
    written.move_campaign(CampaignState.CLOSED)
    end(written, CampaignState.WON, cancels=False, tells=True)
    finish(written)
    assert set(told(written).values()) == {1}
    assert ending(written).begun_at < written.now + timedelta(seconds=1)

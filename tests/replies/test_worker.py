"""What the worker's rounds do about replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.bootstrap import Platform, build_platform
from app.campaigns.models import Replies
from app.config import Config
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.replies.models import RelayedMail
from app.worker.delivering import DeliveryWorker
from app.worker.rounds import ask_who_answered, forget_passed_on
from tests.replies.conftest import BOB, answer
from tests.support.builders import ALICE, Scene, make_scene
from tests.support.fakes import FakeClock, FakeDoorbell, FakeTransport

MakePlatform = Callable[..., tuple[Platform, Scene]]


@pytest.fixture
def house(make_config: Callable[..., Config], sqlite_url: str, now: datetime) -> Iterator[MakePlatform]:
    """A house with a letter that has gone; settings may be given."""
    made: list[Platform] = []

    def make(**settings: str) -> tuple[Platform, Scene]:
        config = make_config(DATABASE_URL=sqlite_url, **settings)
        built = build_platform(config, clock=FakeClock(now))
        made.append(replace(built, transport=FakeTransport(), doorbell=FakeDoorbell()))
        scene = make_scene(built.sessions, now, replies=Replies.PROTECTED)
        scene.confirmed()
        return made[-1], scene

    yield make
    for platform in made:
        platform.sessions.engine.dispose()


def one_round(platform: Platform, *, after: timedelta = timedelta()) -> None:
    """Sweep once, some time later."""
    clock, transport = platform.clock, platform.transport
    assert isinstance(clock, FakeClock)
    assert isinstance(transport, FakeTransport)
    clock.advance(after)
    worker = DeliveryWorker(platform)
    worker._sweep()
    worker.stop()
    forget_passed_on(platform)
    ask_who_answered(platform)


def states(platform: Platform, purpose: Purpose) -> list[DeliveryState]:
    with platform.sessions.read() as session:
        return list(session.scalars(select(Delivery.state).where(Delivery.purpose == purpose)))


def test_an_answer_is_deleted_in_the_round_that_passes_it_on(house: MakePlatform) -> None:
    platform, _scene = house()
    one_round(platform)
    assert isinstance(platform.transport, FakeTransport)
    reply_to = platform.transport.to(BOB)[0].reply_to
    assert reply_to is not None
    with platform.sessions.write() as session:
        platform.inbox.take_in(session, answer(reply_to), "", platform.clock())
    with platform.sessions.read() as session:
        assert len(session.scalars(select(RelayedMail.id)).all()) == 1
    one_round(platform)
    with platform.sessions.read() as session:
        assert session.scalars(select(RelayedMail.id)).all() == []
    assert states(platform, Purpose.REPLY) == [DeliveryState.SENT]


def test_supporters_are_asked_after_as_many_days_as_the_house_says(house: MakePlatform) -> None:
    platform, _scene = house(REPLY_SURVEY_DAYS="3")
    one_round(platform)
    one_round(platform, after=timedelta(days=2))
    assert states(platform, Purpose.REPLY_SURVEY) == []
    one_round(platform, after=timedelta(days=1))
    one_round(platform)
    one_round(platform, after=timedelta(days=1))
    assert states(platform, Purpose.REPLY_SURVEY) == [DeliveryState.SENT]
    assert isinstance(platform.transport, FakeTransport)
    assert platform.transport.to(ALICE)[-1].subject == "Did they answer? Abolish reporting"


def test_a_house_that_asks_nobody_asks_nobody(house: MakePlatform) -> None:
    platform, _scene = house(REPLY_SURVEY_DAYS="0")
    one_round(platform)
    one_round(platform, after=timedelta(days=20))
    assert states(platform, Purpose.REPLY_SURVEY) == []

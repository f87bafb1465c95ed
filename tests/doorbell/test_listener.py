"""Answering rings with a real RQ worker on a real Redis, which comes and goes."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.doorbell.embedded import EmbeddedRedis
from app.doorbell.listener import Listener
from app.doorbell.queue import QueueDoorbell

SOON = timedelta(milliseconds=50)
PATIENCE_SECONDS = 20


class Deliveries:
    """What was rung for."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.changed = threading.Condition()

    def __call__(self, delivery_id: int) -> None:
        with self.changed:
            self.ids.append(delivery_id)
            self.changed.notify_all()

    def wait_for(self, delivery_id: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: delivery_id in self.ids, PATIENCE_SECONDS), f"no {delivery_id}"


def ask_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def meanwhile(*steps: Callable[[], object]) -> Iterator[None]:
    """Take the steps in another thread while the main one listens, and ask it to stop after them."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for step in steps:
                step()
        except BaseException as failure:  # noqa: BLE001 - raised again below, in the test's own thread
            failures.append(failure)
        finally:
            ask_to_stop()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()
    if failures:
        raise failures[0]


def ringer(server: EmbeddedRedis, delivery_id: int) -> Callable[[], None]:
    return lambda: QueueDoorbell(server.url, time.monotonic).ring(delivery_id)


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries()


def test_each_ring_is_answered_with_its_id(own_redis: EmbeddedRedis, deliveries: Deliveries) -> None:
    own_redis.ensure_running()
    rings = [ringer(own_redis, 7), ringer(own_redis, 8), lambda: deliveries.wait_for(8)]
    with meanwhile(*rings):
        Listener(own_redis.url, deliveries).listen(threading.Event())
    assert deliveries.ids == [7, 8]


def test_a_signal_ends_the_wait_for_rings(own_redis: EmbeddedRedis, deliveries: Deliveries) -> None:
    own_redis.ensure_running()
    stopping, before = threading.Event(), signal.getsignal(signal.SIGTERM)
    began = time.monotonic()
    with meanwhile(lambda: time.sleep(0.5)):
        Listener(own_redis.url, deliveries).listen(stopping)
    assert stopping.is_set()
    assert time.monotonic() - began < 5
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_delivery_under_way_is_finished_before_the_stop(own_redis: EmbeddedRedis) -> None:
    own_redis.ensure_running()
    finished: list[int] = []
    begun = threading.Event()

    def slow(delivery_id: int) -> None:
        begun.set()
        time.sleep(0.5)
        finished.append(delivery_id)

    with meanwhile(ringer(own_redis, 1), ringer(own_redis, 2), begun.wait):
        Listener(own_redis.url, slow).listen(threading.Event())
    assert finished == [1]


def test_a_delivery_that_fails_does_not_end_the_listening(own_redis: EmbeddedRedis, deliveries: Deliveries) -> None:
    own_redis.ensure_running()

    def fail_first(delivery_id: int) -> None:
        deliveries(delivery_id)
        if delivery_id == 1:
            raise RuntimeError("the first one fails")

    with meanwhile(ringer(own_redis, 1), ringer(own_redis, 2), lambda: deliveries.wait_for(2)):
        Listener(own_redis.url, fail_first).listen(threading.Event())
    assert deliveries.ids == [1, 2]


def test_a_redis_that_comes_late_is_found(own_redis: EmbeddedRedis, deliveries: Deliveries) -> None:
    attempts = itertools.count(1)

    def start_at_the_third_attempt() -> None:
        if next(attempts) == 3:
            own_redis.ensure_running()

    def ring_until_heard() -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not deliveries.ids and time.monotonic() < until:
            ringer(own_redis, 3)()
            time.sleep(0.05)

    with meanwhile(ring_until_heard):
        Listener(own_redis.url, deliveries, before=start_at_the_third_attempt, rest=SOON).listen(threading.Event())
    assert 3 in deliveries.ids


def test_a_redis_that_dies_between_rings_is_found_again(own_redis: EmbeddedRedis, deliveries: Deliveries) -> None:
    steps = [
        ringer(own_redis, 1),
        lambda: deliveries.wait_for(1),
        own_redis.stop,
        lambda: _wait_until(own_redis.answers),
        ringer(own_redis, 2),
        lambda: deliveries.wait_for(2),
    ]
    own_redis.ensure_running()
    with meanwhile(*steps):
        Listener(own_redis.url, deliveries, before=own_redis.ensure_running, rest=SOON).listen(threading.Event())
    assert deliveries.ids == [1, 2]


def test_a_redis_that_dies_during_a_delivery_does_not_disturb_it(
    own_redis: EmbeddedRedis, deliveries: Deliveries
) -> None:
    def end_redis_first(delivery_id: int) -> None:
        if delivery_id == 1:
            own_redis.stop()
        deliveries(delivery_id)

    own_redis.ensure_running()
    steps = [
        ringer(own_redis, 1),
        lambda: deliveries.wait_for(1),
        lambda: _wait_until(own_redis.answers),
        ringer(own_redis, 2),
        lambda: deliveries.wait_for(2),
    ]
    with meanwhile(*steps):
        Listener(own_redis.url, end_redis_first, before=own_redis.ensure_running, rest=SOON).listen(threading.Event())
    assert deliveries.ids == [1, 2]


def test_without_any_redis_a_signal_still_ends_the_listening(own_redis: EmbeddedRedis, deliveries: Deliveries) -> None:
    with meanwhile(lambda: time.sleep(0.3)):
        Listener(own_redis.url, deliveries).listen(threading.Event())
    assert deliveries.ids == []


def _wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)

"""Ringing: one job with one id, and no harm when Redis is away."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from app.doorbell.embedded import EmbeddedRedis
from app.doorbell.port import Doorbell
from app.doorbell.queue import QueueDoorbell, connect, deliveries_queue
from app.doorbell.silent import SilentDoorbell


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_ring_is_one_job_that_carries_the_id_and_nothing_else(
    redis_server: EmbeddedRedis, redis_client: Redis
) -> None:
    QueueDoorbell(redis_server.url, time.monotonic).ring(41)
    [job] = deliveries_queue(redis_client).jobs
    assert (job.func_name, job.args, job.kwargs) == ("worker.deliver_due", [41], {})
    stored = redis_client.hget(job.key, "data")
    assert isinstance(stored, bytes)
    assert json.loads(zlib.decompress(stored)) == ["worker.deliver_due", None, [41], {}]


def test_a_ring_does_not_wait_for_long(redis_server: EmbeddedRedis, redis_client: Redis) -> None:
    QueueDoorbell(redis_server.url, time.monotonic).ring(41)
    [job] = deliveries_queue(redis_client).jobs
    assert 0 < redis_client.ttl(job.key) <= 300


def test_without_redis_nothing_is_raised_and_the_log_has_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    doorbell = QueueDoorbell(f"unix://{tmp_path}/none.sock", Clock())
    with caplog.at_level(logging.WARNING):
        doorbell.ring(1)
        doorbell.ring(2)
    assert len(caplog.records) == 1


def test_after_a_failure_the_doorbell_rests_and_then_rings_again(own_redis: EmbeddedRedis) -> None:
    clock = Clock()
    doorbell = QueueDoorbell(own_redis.url, clock, rest=timedelta(seconds=5))
    doorbell.ring(1)
    own_redis.ensure_running()
    clock.seconds += 4.9
    doorbell.ring(2)
    clock.seconds += 0.2
    doorbell.ring(3)
    with connect(own_redis.url) as client:
        assert [job.args for job in deliveries_queue(client).jobs] == [[3]]


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of something that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in taken:
            connection.close()


def test_a_redis_that_never_answers_costs_a_fifth_of_a_second_at_most(silent_server: str) -> None:
    doorbell = QueueDoorbell(silent_server, time.monotonic)
    began = time.monotonic()
    doorbell.ring(1)
    assert time.monotonic() - began < 0.2
    doorbell.ring(2)
    assert time.monotonic() - began < 0.2


def test_an_address_of_another_kind_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="scheme"):
        QueueDoorbell("https://redis.example", time.monotonic)


def test_the_silent_doorbell_is_a_doorbell() -> None:
    doorbell: Doorbell = SilentDoorbell()
    doorbell.ring(1)

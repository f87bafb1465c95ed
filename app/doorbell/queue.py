"""The doorbell on RQ: a job that carries one id and nothing else.

A job is worth nothing once the worker has swept, so none is kept, none is tried again, and none waits for long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue

QUEUE_NAME = "deliveries"
JOB = "worker.deliver_due"
ANSWER_WITHIN = timedelta(seconds=0.1)
_WAITS = timedelta(minutes=5)
_FAILURE_KEPT = timedelta(hours=1)
_NO_LIMIT = -1  # RQ's limit raises in the midst of a hand-over; the batch and the mail's own time-outs bound a job

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def connect(url: str, answer_within: timedelta = ANSWER_WITHIN) -> Redis:
    """A client of `unix:///path`, `redis://` or `rediss://` that tries each thing once. Nothing is contacted yet.

    Raises:
        ValueError: the address is of another kind.
    """
    seconds = answer_within.total_seconds()
    return Redis.from_url(
        url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=Retry(NoBackoff(), retries=0)
    )


def deliveries_queue(connection: Redis) -> Queue:
    """The one queue, as both its ends must open it."""
    return Queue(QUEUE_NAME, connection=connection, serializer="json", default_timeout=_NO_LIMIT)


class QueueDoorbell:
    """Rings by a job; when Redis does not answer, rests a while before it tries again."""

    def __init__(self, url: str, monotonic: Callable[[], float], rest: timedelta = timedelta(seconds=5)) -> None:
        """Take the address of Redis, and a clock in seconds that never goes back (`time.monotonic`).

        Raises:
            ValueError: the address is not one of Redis.
        """
        self._queue = deliveries_queue(connect(url))
        self._monotonic = monotonic
        self._rest = rest.total_seconds()
        self._silent_until = float("-inf")

    def ring(self, delivery_id: int) -> None:
        """See `Doorbell.ring`."""
        if self._monotonic() < self._silent_until:
            return
        try:
            self._enqueue(delivery_id)
        except (RedisError, OSError) as error:
            self._silent_until = self._monotonic() + self._rest
            _log.warning("no answer of redis", kind=type(error).__name__, instead="the worker's sweep delivers")

    def _enqueue(self, delivery_id: int) -> None:
        self._queue.enqueue_call(
            JOB,
            args=(delivery_id,),
            ttl=int(_WAITS.total_seconds()),
            result_ttl=0,
            failure_ttl=int(_FAILURE_KEPT.total_seconds()),
        )

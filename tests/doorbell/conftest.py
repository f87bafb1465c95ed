"""A Redis of the test's own, for tests that end it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.doorbell.embedded import EmbeddedRedis


@pytest.fixture
def own_redis(redis_program: Path, tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """An embedded Redis that is not started yet."""
    assert redis_program.exists()
    server = EmbeddedRedis(tmp_path)
    yield server
    server.stop()

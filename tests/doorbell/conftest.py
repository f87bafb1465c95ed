"""A Redis of the test's own, for tests that end it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.doorbell.embedded import EmbeddedRedis


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """An embedded Redis that is not started yet."""
    server = EmbeddedRedis(tmp_path)
    yield server
    server.stop()

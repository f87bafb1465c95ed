from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.atlas.service import Service, open_service


@pytest.fixture
def service() -> Iterator[Service]:
    """A service for postcodes on loopback."""
    with open_service() as service:
        yield service

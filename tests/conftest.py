"""Fixtures that every test may ask for; those of databases, servers and browser are in `tests/support/`."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from app.config import Config, load_config
from app.db import READING
from app.logs import install_logs
from app.privacy.keys import FieldKeys
from tests.support.compiled import share_compiled_statements

pytest_plugins = (
    "tests.support.databases",
    "tests.support.services",
    "tests.support.browser",
    "tests.support.site",
)

SECRET_KEY = "a key that signs the links of the tests and nothing else"
FIELD_KEYS = "test:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
INDEX_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


def pytest_configure() -> None:
    share_compiled_statements()


def pytest_collection_finish() -> None:
    """What is loaded now stays: nobody looks for rubbish in it each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, for tests in a browser wait as much as they work; `make test` caps it."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Logs as the house writes them, whichever test is the first to cause one."""
    install_logs()


@pytest.fixture(scope="session", autouse=True)
def _no_locks_where_only_reading_was_asked_for() -> Iterator[None]:
    """PostgreSQL refuses FOR UPDATE in a transaction that only reads; SQLite, which has no such thing, would not."""

    def look(connection: Connection, statement: object, *_rest: object) -> None:
        if connection.get_execution_options().items() >= READING.items():
            assert getattr(statement, "_for_update_arg", None) is None

    event.listen(Engine, "before_execute", look)
    yield
    event.remove(Engine, "before_execute", look)


@pytest.fixture
def now() -> datetime:
    """Now, in every test: a Tuesday morning in November 2026."""
    return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def keys() -> FieldKeys:
    return FieldKeys.parse(FIELD_KEYS, INDEX_KEY)


@pytest.fixture
def make_config(tmp_path: Path) -> Callable[..., Config]:
    """Make a development configuration that keeps to this test's folder; settings may be added or replaced."""

    def make(**settings: str) -> Config:
        own = {
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "SECRET_KEY": SECRET_KEY,
            "FIELD_KEYS": FIELD_KEYS,
            "INDEX_KEY": INDEX_KEY,
        }
        return load_config(own | settings)

    return make


@pytest.fixture
def config(make_config: Callable[..., Config], sqlite_url: str) -> Config:
    """A development configuration with its SQLite database at the newest schema."""
    return make_config(DATABASE_URL=sqlite_url)


@pytest.fixture
def real_data() -> Path:
    """The folder of real registries (marker `realdata`)."""
    return Path(os.environ["REAL_DATA_DIR"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("REAL_DATA_DIR"):
        return
    skip = pytest.mark.skip(reason="REAL_DATA_DIR is not set: no real registries to read")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(skip)

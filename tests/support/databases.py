"""Fixtures for the two databases. The migrations build each of them once; every test gets a fresh copy."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from app.db import Sessions, make_engine
from app.privacy.keys import FieldKeys
from app.schema import upgrade
from tests.support.postgres import shared_server

TEMPLATE = "solidarity_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest schema, to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _build(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_socket() -> Iterator[Path]:
    """The socket folder of a real server that has the template database."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(6)
    with shared_server(run, _make_postgresql_template) as socket:
        yield socket


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of this test's own SQLite database, where `config` expects it."""
    path = tmp_path / "instance" / "solidarity.sqlite3"
    path.parent.mkdir()
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(empty_postgresql: Callable[..., str]) -> str:
    """The address of this test's own PostgreSQL database."""
    return empty_postgresql(template=TEMPLATE)


@pytest.fixture
def empty_postgresql(postgresql_socket: Path) -> Iterator[Callable[..., str]]:
    """Make a PostgreSQL database, empty unless a template is named, and answer with its address."""
    made: list[str] = []

    def make(template: str = "template0") -> str:
        name = f"test_{secrets.token_hex(6)}"
        _administer(postgresql_socket, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        made.append(name)
        return _postgresql_url(postgresql_socket, name)

    yield make
    for name in made:
        _administer(postgresql_socket, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of this test's own database; the test runs once on each kind."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def engine(database_url: str, keys: FieldKeys) -> Iterator[Engine]:
    """An engine on each kind of database in turn."""
    engine = make_engine(database_url, keys)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    """Sessions on each kind of database in turn."""
    return Sessions(engine)


@pytest.fixture
def sqlite_sessions(sqlite_url: str, keys: FieldKeys) -> Iterator[Sessions]:
    """Sessions on SQLite, for what does not depend on the kind of database."""
    engine = make_engine(sqlite_url, keys)
    yield Sessions(engine)
    engine.dispose()


@pytest.fixture
def postgresql_sessions(postgresql_url: str, keys: FieldKeys) -> Iterator[Sessions]:
    """Sessions on PostgreSQL, for what only that does."""
    engine = make_engine(postgresql_url, keys)
    yield Sessions(engine)
    engine.dispose()


def _make_postgresql_template(socket: Path) -> None:
    _administer(socket, "CREATE DATABASE {}", TEMPLATE)
    _build(_postgresql_url(socket, TEMPLATE))


def _build(url: str) -> None:
    engine = make_engine(url, FieldKeys.random())
    upgrade(engine)
    engine.dispose()


def _administer(socket: Path, statement: str, *names: str) -> None:
    with psycopg.connect(host=str(socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _postgresql_url(socket: Path, name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={socket}"

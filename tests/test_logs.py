"""What the logs hold of errors: their kind and where they came from, and nothing that somebody wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.bootstrap import Platform, build_platform
from app.config import Config
from app.db import Sessions
from app.logs import LineFormatter
from app.mail.message import Message
from app.mail.outbox import OutboxTransport
from app.mail.transport import Outcome
from app.worker.attempts import attempt
from app.worker.delivering import DeliveryWorker
from tests.support.builders import ALICE, make_scene
from tests.support.fakes import FakeTransport

_QUOTED = "INSERT INTO brake (scope, subject_id, why, at) VALUES ('nowhere', 1, :why, now())"


@pytest.fixture
def platform(config: Config) -> Iterator[Platform]:
    platform = build_platform(config)
    yield platform
    platform.sessions.engine.dispose()


def as_written(caplog: pytest.LogCaptureFixture) -> str:
    """The log as the site and the worker write it."""
    return "\n".join(map(LineFormatter().format, caplog.records))


@pytest.mark.parametrize("logger", [structlog.get_logger("app.some_room"), logging.getLogger("some_library")])
def test_what_a_database_quotes_of_a_row_is_left_out(
    postgresql_sessions: Sessions, caplog: pytest.LogCaptureFixture, logger: logging.Logger
) -> None:
    def write() -> None:
        with postgresql_sessions.write() as session:
            session.execute(text(_QUOTED), {"why": f"{ALICE} asked"})

    with pytest.raises(IntegrityError, match=ALICE):
        write()
    try:
        write()
    except IntegrityError:
        logger.exception("it failed")
    written = as_written(caplog)
    assert "sqlalchemy.exc.IntegrityError" in written
    assert "psycopg.errors.CheckViolation" in written
    assert "in write" in written
    assert ALICE not in written


@pytest.mark.parametrize("work", ["sweep", "ring"])
def test_a_round_that_fails_says_where_and_ends_neither_the_worker_nor_in_redis(
    platform: Platform, caplog: pytest.LogCaptureFixture, work: str
) -> None:
    def break_down(message: Message) -> Outcome:
        worker.stopping.set()
        raise ValueError(f"this cannot be written: {message.to_address}")

    make_scene(platform.sessions, platform.clock()).pending(ALICE)
    worker = DeliveryWorker(replace(platform, transport=FakeTransport(break_down)))
    if work == "sweep":
        worker.sweep_round()
    else:
        worker.deliver_due(1)
    worker.stop()
    written = as_written(caplog)
    assert f'event="round failed" work={work}' in written
    assert written.count("ValueError") == 2, "its kind, and the line that raised it"
    assert "in break_down" in written
    assert ALICE not in written


def test_what_is_wrong_with_the_database_or_the_disk_is_said(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    with platform.sessions.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE heartbeat")
    worker = DeliveryWorker(replace(platform, transport=OutboxTransport(platform.config.outbox_dir, platform.clock)))
    worker.stopping.set()
    attempt("sweep", worker._sweep)
    (platform.config.instance_dir / "file").touch()
    attempt("look", lambda: list((platform.config.instance_dir / "file").iterdir()) and None)
    worker.stop()
    written = as_written(caplog)
    assert "no such table: heartbeat" in written
    assert "NotADirectoryError: Not a directory" in written


def test_causes_are_told_first(caplog: pytest.LogCaptureFixture) -> None:
    def look_up() -> None:
        try:
            {}[ALICE]
        except KeyError as error:
            raise RuntimeError(ALICE) from error

    try:
        look_up()
    except RuntimeError:
        logging.getLogger("some_library").exception("it failed")
    written = as_written(caplog)
    assert written.index("KeyError") < written.index("builtins.RuntimeError")
    assert ALICE not in written

"""Fixtures for tests of the `flask` commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from app import create_app
from app.bootstrap import Platform, build_platform
from app.config import ROOT, Config
from app.mail.transport import Outcome
from tests.support.builders import Scene, make_scene
from tests.support.dumps import dump
from tests.support.fakes import FakeDoorbell, FakeTransport, accept

Run = Callable[..., Result]


@pytest.fixture
def platform(make_config: Callable[..., Config], sqlite_url: str) -> Iterator[Platform]:
    """Commands go by the real clock, whatever its hour."""
    platform = build_platform(make_config(DATABASE_URL=sqlite_url, LANE_HOURS="always"))
    yield platform
    platform.sessions.engine.dispose()


@pytest.fixture
def flask(platform: Platform) -> Run:
    """Run a command on `platform`."""
    return running(platform)


@pytest.fixture
def own_content(make_config: Callable[..., Config], sqlite_url: str, tmp_path: Path) -> Iterator[Platform]:
    """A platform on copies of `letter_templates/` and `targets/`, which the test may change."""
    folders = {"CONTENT_DIR": "letter_templates", "TARGETS_DIR": "targets"}
    for name in folders.values():
        shutil.copytree(ROOT / name, tmp_path / name)
    places = {setting: str(tmp_path / name) for setting, name in folders.items()}
    platform = build_platform(make_config(DATABASE_URL=sqlite_url, **places))
    yield platform
    platform.sessions.engine.dispose()


@pytest.fixture
def flask_on_own_content(own_content: Platform) -> Run:
    """Run a command on `own_content`."""
    return running(own_content)


def running(platform: Platform) -> Run:
    """A function that runs commands on a platform in this process: `flask("campaigns", "list")`."""
    runner = create_app(platform).test_cli_runner()

    def run(*arguments: str) -> Result:
        return runner.invoke(args=arguments, catch_exceptions=False)

    return run


@contextmanager
def unchanged(platform: Platform) -> Iterator[None]:
    """Whatever happens inside leaves every row of the database as it is."""
    before = dump(platform.sessions.engine)
    yield
    assert dump(platform.sessions.engine) == before


class House:
    """A platform with a scene, a scripted transport, and the commands on them."""

    def __init__(self, platform: Platform) -> None:
        self.transport, self.doorbell = FakeTransport(), FakeDoorbell()
        self.platform = replace(platform, transport=self.transport, doorbell=self.doorbell)
        self.scene: Scene = make_scene(platform.sessions, datetime.now(UTC))
        self.run: Run = running(self.platform)

    def deliver(self, outcome: Outcome | None = None) -> int:
        self.transport.answer = accept if outcome is None else lambda _message: outcome
        return self.platform.dispatcher.deliver_due()

    def says(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def refuses(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code != 0
        return result.output


@pytest.fixture
def house(platform: Platform) -> House:
    return House(platform)

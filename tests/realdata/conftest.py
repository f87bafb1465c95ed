from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from app.config import ROOT, load_config
from tests.conftest import FIELD_KEYS, INDEX_KEY, SECRET_KEY
from tests.web.site import Site

Flask = Callable[..., str]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """A fresh instance that has nothing yet, on each kind of database. Its mail goes to files in the test's folder."""
    settings = {
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "SECRET_KEY": SECRET_KEY,
        "FIELD_KEYS": FIELD_KEYS,
        "INDEX_KEY": INDEX_KEY,
        "MAIL_TRANSPORT": "outbox",
    }
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("empty_postgresql")()
    return settings


@pytest.fixture
def flask(settings: dict[str, str]) -> Flask:
    """Run a `flask` command on the instance, as an operator does; what it prints."""

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "COLUMNS": "120", **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def site(settings: dict[str, str], now: datetime) -> Iterator[Site]:
    """The site on the same instance."""
    site = Site(load_config(settings), now)
    yield site
    site.close()

"""Starting: what is missing or wrong is said in a sentence, and what comes late is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.db import make_engine
from app.queue.states import DeliveryState, Purpose
from app.schema import upgrade
from tests.support.site import ROOT
from tests.worker.conftest import MakeInstallation

GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
FLASK = str(Path(sys.executable).with_name("flask"))
COMMANDS = {
    "the worker": [sys.executable, "worker.py"],
    "the site": [sys.executable, "-c", "import wsgi"],
    "the site under gunicorn": [GUNICORN, "--check-config", "wsgi:app"],
    "the command line": [FLASK, "campaigns", "list"],
}


def start(command: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_wrong_setting_ends_the_start_with_one_sentence(command: list[str], tmp_path: Path) -> None:
    done = start(command, {"INSTANCE_DIR": str(tmp_path), "SWEEP_SECONDS": "often"})
    assert done.returncode not in (0, -15)
    assert done.stdout + done.stderr == "Set SWEEP_SECONDS to a whole number, 1 or more.\n"


def test_production_without_settings_names_each_one_that_is_missing(tmp_path: Path) -> None:
    done = start(COMMANDS["the worker"], {"INSTANCE_DIR": str(tmp_path), "APP_ENV": "production"})
    assert done.returncode == 1
    named = [line.split()[1].rstrip(":") for line in done.stderr.splitlines()]
    assert named == [
        "SECRET_KEY",
        "FIELD_KEYS",
        "INDEX_KEY",
        "BASE_URL",
        "CONTACT_EMAIL",
        "MAIL_FROM",
        "TRUSTED_PROXIES",
        "MAIL_TRANSPORT",
    ]
    assert not list(tmp_path.iterdir()), "production makes no keys of its own"


def test_a_worker_that_starts_before_the_schema_is_there_waits_for_it(
    make_installation: MakeInstallation, tmp_path: Path
) -> None:
    installation = make_installation(f"sqlite:///{tmp_path}/late.sqlite3", SWEEP_SECONDS="1")
    with installation.worker() as worker:
        worker.wait_for_log('event="round failed" work=sweep')
        engine = make_engine(installation.settings["DATABASE_URL"], installation.platform.config.field_keys)
        upgrade(engine)
        engine.dispose()
        installation.found_campaign()
        installation.write_letters("Alice")
        installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
        assert worker.stop() == 0

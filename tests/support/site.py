"""The whole product as it really runs: the `flask` commands, and the Procfile's site and worker as processes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from app.doorbell.embedded import EmbeddedRedis, find_server
from app.mail.outbox import OutboxMail, read_mail

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 30
STOPS_WITHIN_SECONDS = 15
SWEEP_SECONDS = 5
"""Rare enough that the doorbell does the work, and soon enough where Redis was too slow for a ring."""

GENEROUS = {"LIMIT_ADDRESS_PER_DAY": "100", "LIMIT_NETWORK_PER_HOUR": "1000"}
"""All supporters of the tests write from one network."""

_LINK = re.compile(r"https?://\S+")


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for the condition; `what` was awaited, should it not come."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited for {what}"
        time.sleep(0.02)


def link_in(text: str) -> str:
    """The only link of a mail's text."""
    (link,) = _LINK.findall(text)
    return str(link)


class LiveSite:
    """One instance in a folder of its own, on a loopback port of its own.

    With the scheme `https` the site believes that a proxy before it speaks TLS, as in production; `url` stays the plain
    address that such a proxy would use.
    """

    def __init__(self, folder: Path, scheme: str = "http", **settings: str) -> None:
        self.folder = folder
        self.outbox = folder / "instance" / "outbox"
        # Bound and never listening, this socket keeps the port for the site, which may bind it as well.
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.port = self._held.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PORT": str(self.port),
            "BASE_URL": f"{scheme}://localhost:{self.port}",
            "INSTANCE_DIR": str(folder / "instance"),
            "SWEEP_SECONDS": str(SWEEP_SECONDS),
            **GENEROUS,
            **settings,
        }
        self._read: dict[str, OutboxMail] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @contextmanager
    def running(self) -> Iterator[LiveSite]:
        """Prepare the instance and run it; at the end every process must have left when it was asked to."""
        try:
            self.flask("prepare")
            self._start("web")
            self.start_worker()
            wait_until(lambda: self._answers() or self._ended("web"), "the site")
            yield self
            for name in list(self._processes):
                self._stop(name)
        finally:
            for process in self._processes.values():
                process.kill()
                process.wait()
            self._held.close()

    def flask(self, *arguments: str) -> str:
        """What a `flask` command of the instance prints; it must succeed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def local(self, link: str) -> str:
        """A link of a mail, as it leads to this site behind its imagined proxy."""
        assert link.startswith(self._environment["BASE_URL"] + "/"), link
        return self.url + link.removeprefix(self._environment["BASE_URL"])

    def start_worker(self) -> None:
        self._start("worker")
        if find_server():
            redis = EmbeddedRedis(self.folder / "instance")
            wait_until(lambda: redis.answers() or self._ended("worker"), "the worker's Redis")

    def stop_worker(self) -> None:
        """End the worker, and its Redis with it."""
        self._stop("worker")

    def notices_to(self, email: str, count: int) -> list[OutboxMail]:
        """Our own mails to a supporter, oldest first, as soon as there are at least `count` of them."""
        return self._mails(lambda mail: parseaddr(mail.to)[1] == email, count)

    def letters_of(self, email: str, count: int) -> list[OutboxMail]:
        """The letters whose answers go to a supporter, oldest first; there must come `count` of them and no more."""
        letters = self._mails(lambda mail: parseaddr(mail.reply_to)[1] == email, count)
        assert len(letters) == count, [(letter.to, letter.subject) for letter in letters]
        return letters

    def claimed_after_rings(self) -> int:
        """How many deliveries the worker took because the doorbell rang, not because it swept."""
        return sum(map(int, re.findall(r"event=ring claimed=(\d+)", self._log("worker").read_text())))

    def _mails(self, wanted: Callable[[OutboxMail], bool], count: int) -> list[OutboxMail]:
        def find() -> list[OutboxMail]:
            for name in sorted(path.name for path in self.outbox.glob("*.eml")):  # a name begins with the time
                if name not in self._read and (mail := read_mail(self.outbox, name)):
                    self._read[name] = mail
            return [mail for mail in self._read.values() if wanted(mail)]

        wait_until(lambda: len(find()) >= count, f"{count} mails")
        return find()

    def _start(self, name: str) -> None:
        with self._log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - a line of our own Procfile
                ["/bin/sh", "-c", _procfile()[name]], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    def _stop(self, name: str) -> None:
        process = self._processes.pop(name)
        process.terminate()
        assert process.wait(STOPS_WITHIN_SECONDS) == 0, self._log(name).read_text()

    def _ended(self, name: str) -> bool:
        assert self._processes[name].poll() is None, self._log(name).read_text()
        return False

    def _answers(self) -> bool:
        with suppress(URLError), urlopen(self.url, timeout=PATIENCE_SECONDS) as response:  # noqa: S310 - http, ours
            return bool(response.status)
        return False

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def _procfile() -> dict[str, str]:
    lines = (line.partition(": ") for line in (ROOT / "Procfile").read_text().splitlines() if line)
    return {name: command for name, _colon, command in lines}


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The product as `make run` starts it, with the campaigns that ship and the invented borough, on SQLite.

    Tests share it: each supporter needs an address of their own.
    """
    with LiveSite(tmp_path_factory.mktemp("live")).running() as site:
        yield site

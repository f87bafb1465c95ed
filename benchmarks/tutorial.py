"""What tutorials teach: a job of RQ for every letter, and a new SMTP connection in each."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from app.doorbell.embedded import EmbeddedRedis, find_server
from benchmarks.bench import Bench
from benchmarks.mails import Mails
from benchmarks.peer_venv import Peers
from benchmarks.post_office import PeerFailedError
from benchmarks.race import ROOT, Runner, race
from benchmarks.rounds import Contestant, Group

FOLDER = "benchmarks.peers.tutorial"
WORKERS = {
    "fork": "forks and imports the app for each job",
    "preloaded": "forks, the app imported before",
    "simple": "SimpleWorker, no fork",
}


def tutorials(bench: Bench, mails: Mails) -> Iterator[Contestant]:
    """It with each kind of RQ's workers, on SQLite; fewer letters, where 5,000 would take all day."""
    if bench.peers is None:
        return
    if find_server() is None:
        bench.say("no redis-server here, so the tutorial's app is left out")
        return
    for (kind, words), letters in zip(WORKERS.items(), bench.plan.tutorial_letters, strict=True):
        database = bench.scratch / f"tutorial-{kind}.sqlite3"
        _fill(bench, bench.peers, database, mails, letters)
        name = f"Flask + RQ, {words}"
        yield Contestant(Group.TUTORIAL, name, letters, partial(_run, bench, bench.peers, database, kind))


def _fill(bench: Bench, peers: Peers, database: Path, mails: Mails, letters: int) -> None:
    command = [str(peers.python), "-m", f"{FOLDER}.fill", str(mails.path), str(letters)]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=_environment(bench, database, ""), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PeerFailedError(done.stderr)


def _run(bench: Bench, peers: Peers, database: Path, kind: str) -> float:
    copy = bench.scratch / "tutorial-round.sqlite3"
    shutil.copyfile(database, copy)
    redis = EmbeddedRedis(bench.scratch)
    redis.ensure_running()
    try:
        environment = _environment(bench, copy, redis.url)
        runner = Runner(f"{FOLDER}.work", [kind], bench.scratch / "tutorial.log", environment, peers.python)
        return race([runner]).seconds
    finally:
        redis.stop()


def _environment(bench: Bench, database: Path, redis_url: str) -> dict[str, str]:
    return {
        "TUTORIAL_DATABASE": f"sqlite:///{database}",
        "TUTORIAL_REDIS": redis_url,
        "TUTORIAL_SMTP_PORT": str(bench.sink.port),
    }

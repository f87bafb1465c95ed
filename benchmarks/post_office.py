"""django-post_office at its best: bulk reads and writes, two processes of five threads with warm connections."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import partial

from benchmarks.bench import Bench
from benchmarks.databases import Store, driver_parts
from benchmarks.mails import Mails
from benchmarks.peer_venv import Peers
from benchmarks.race import ROOT, Runner, race
from benchmarks.rounds import Contestant, Group

RUNNER = "benchmarks.peers.post_office"


class PeerFailedError(Exception):
    """A peer could not be set up, or did not send everything."""


def post_offices(bench: Bench, mails: Mails) -> Iterator[Contestant]:
    """It on each database, with the same mails as ours, and with their text alone."""
    if bench.peers is None:
        return
    for store in bench.stores:
        for group in (Group.POST_OFFICE, Group.POST_OFFICE_TEXT):
            html = group is Group.POST_OFFICE
            template = f"post_office_{'html' if html else 'text'}"
            store.create(template)
            _set_up(bench.peers, _settings(bench, store, template), mails, html=html)
            name = f"{group}, {store.kind}, 2 × 5 threads"
            yield Contestant(group, name, bench.plan.letters, partial(_run, bench, bench.peers, store, template))


def _settings(bench: Bench, store: Store, name: str) -> str:
    engine, database, host = driver_parts(store.url(name))
    lock = str(bench.scratch / "post_office")
    return json.dumps({"engine": engine, "database": database, "host": host, "port": bench.sink.port, "lock": lock})


def _set_up(peers: Peers, settings: str, mails: Mails, *, html: bool) -> None:
    parts = ("text", "html") if html else ("text",)
    done = subprocess.run(  # noqa: S603 - our own command
        [peers.python, "-m", RUNNER, "fill", settings, mails.path, *parts],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PeerFailedError(done.stderr)


def _run(bench: Bench, peers: Peers, store: Store, template: str) -> float:
    store.copy(template, "round")
    arguments = ["send", _settings(bench, store, "round")]
    finish = race([Runner(RUNNER, arguments, bench.scratch / "post_office.log", python=peers.python)])
    store.drop("round")
    if finish.found[0]["sent"] != bench.plan.letters:
        raise PeerFailedError(f"django-post_office says it sent {finish.found[0]['sent']}")
    return finish.seconds

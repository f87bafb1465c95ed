"""Table 2: letters through the SendGrid adapter to an HTTPS server that takes 50 milliseconds for each answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.mail_settings import SendGridSettings
from benchmarks.bench import Bench
from benchmarks.certificate import HOST, Certificate, make_certificate
from benchmarks.databases import Store, fresh
from benchmarks.https_sink import LATENCY_SECONDS
from benchmarks.mails import export
from benchmarks.ours import Ours
from benchmarks.race import ROOT, Runner, race
from benchmarks.report import Goal, Series, Table, ratio
from benchmarks.rounds import Contestant, Group, interleave
from benchmarks.scene import make_scene
from benchmarks.seed import seed

OF_CLIENT, OF_LOOP = 20, 0.8
"""What we want to be: so many times the plain client, and this part of the bare loop."""

TARGETS_EACH = (1, 3)
"""Of an action: its letters share a request."""

CONNECTIONS = SendGridSettings("", "").connections


@dataclass(frozen=True, slots=True)
class HttpsSink:
    """Stands in for SendGrid; a `Sink` that counts mails."""

    port: int
    process: subprocess.Popen[str]
    name: str = "our own HTTPS server"

    @property
    def url(self) -> str:
        """Its address, by the name that its certificate is for."""
        return f"https://{HOST}:{self.port}"

    def count(self) -> int:
        """See `Sink.count`."""
        assert self.process.stdin is not None  # noqa: S101 - we asked for pipes
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def _open_https_sink(certificate: Certificate) -> Iterator[HttpsSink]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "benchmarks.https_sink", certificate.certificate, certificate.key],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # leaving closes its standard input, at which it ends
        assert process.stdout is not None  # noqa: S101 - we asked for a pipe
        yield HttpsSink(int(process.stdout.readline()), process)


def measure(bench: Bench) -> Table:
    """Run the three, round by round, and compare their medians."""
    certificate, store = make_certificate(bench.scratch), bench.stores[0]
    with _open_https_sink(certificate) as sink:
        ours = Ours(bench.scratch, {**_by_sendgrid(sink), **certificate.trust})
        for each in TARGETS_EACH:
            with fresh(store, _template(each), ours.keys) as sessions:
                seed(sessions, make_scene(sessions, bench.now), bench.plan.calls, each, bench.now)
        mails = export(ours, store, _template(1), bench.scratch / "calls.json").path
        contestants = [
            *(_ours(bench, ours, store, each) for each in TARGETS_EACH),
            _client(bench, sink, certificate, mails),
            _loop(bench, sink, certificate, mails),
        ]
        measured = [series for _, series in interleave(contestants, bench.plan.rounds, sink, bench.say)]
    for each in TARGETS_EACH:
        store.drop(_template(each))
    return _table(bench, measured)


def _template(targets_each: int) -> str:
    return f"calls_{targets_each}"


def _by_sendgrid(sink: HttpsSink) -> dict[str, str]:
    return {
        "MAIL_TRANSPORT": "sendgrid",
        "SENDGRID_API_KEY": "SG.bench",
        "SENDGRID_CONNECTIONS": str(CONNECTIONS),
        "SENDGRID_URL": sink.url,
    }


def _ours(bench: Bench, ours: Ours, store: Store, targets_each: int) -> Contestant:
    def run() -> float:
        store.copy(_template(targets_each), "round")
        finish = ours.deliver(store, "round")
        ours.check(store, "round", bench.plan.calls)
        store.drop("round")
        return finish.seconds

    letters = "1 letter" if targets_each == 1 else f"{targets_each} letters"
    name = f"ours, {letters} an action, {CONNECTIONS} connections"
    return Contestant(Group.OURS, name, bench.plan.calls, run)


def _client(bench: Bench, sink: HttpsSink, certificate: Certificate, mails: Path) -> Contestant:
    arguments = [sink.url, str(mails), str(bench.plan.plain_calls)]
    runner = Runner("benchmarks.plain_client", arguments, bench.scratch / "client.log", certificate.trust)
    name = "the sendgrid client, a connection each call"
    return Contestant(Group.PLAIN_CLIENT, name, bench.plan.plain_calls, lambda: race([runner]).seconds)


def _loop(bench: Bench, sink: HttpsSink, certificate: Certificate, mails: Path) -> Contestant:
    arguments = [str(sink.port), str(mails), str(bench.plan.calls), str(CONNECTIONS)]
    runner = Runner("benchmarks.keep_alive", arguments, bench.scratch / "loop.log", certificate.trust)
    name = f"a bare loop, {CONNECTIONS} kept connections"
    return Contestant(Group.LIMIT, name, bench.plan.calls, lambda: race([runner]).seconds)


def _table(bench: Bench, measured: Sequence[Series]) -> Table:
    ours, _, client, loop = measured
    return Table(
        title=f"2. Letters a second to a provider that takes {LATENCY_SECONDS * 1000:.0f} ms for each call",
        columns=("", "letters", "letters/s", "rounds", "to the client", "to the loop"),
        rows=[
            (
                one.name,
                f"{one.letters:,}",
                f"{one.rate:,.0f}",
                one.span,
                ratio(one.rate, client.rate),
                ratio(one.rate, loop.rate),
            )
            for one in measured
        ],
        goals=[
            Goal("times the sendgrid client used plainly", ours.rate / client.rate, OF_CLIENT),
            Goal("part of the bare loop", ours.rate / loop.rate, OF_LOOP),
        ],
        notes=[
            f"Ours is the whole worker on {bench.stores[0].kind}: claimed, rendered, settled.",
            f"The goals are for one letter an action, so for one call each. Medians of {bench.plan.rounds} rounds.",
        ],
        measured=[{"name": one.name, "letters": one.letters, "seconds": one.seconds} for one in measured],
    )

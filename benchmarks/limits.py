"""The limit: what a program reaches that only sends, the same mail over and over, without rows, keys or letters."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.mails import Mails
from benchmarks.own_source import SESSIONS
from benchmarks.race import Runner, race
from benchmarks.rounds import Contestant, Group
from benchmarks.sink import postfix_program


def limits(bench: Bench, mails: Mails) -> Iterator[Contestant]:
    """Sixteen sessions that send mails as long as ours, and as long as our text alone."""
    program = postfix_program("smtp-source")
    name = "smtp-source" if program else "a bare pipelining loop"
    sizes = ((Group.LIMIT, mails.whole_size), (Group.LIMIT_TEXT, mails.text_size))
    for group, size in sizes:
        yield Contestant(
            group,
            f"{name}, {SESSIONS} sessions, {size:,} bytes",
            bench.plan.letters,
            lambda size=size: _postfix(program, bench, size) if program else _own(bench, size),  # type: ignore[misc]
        )


def _postfix(program: str, bench: Bench, size: int) -> float:
    options = {"-s": SESSIONS, "-m": bench.plan.letters, "-l": size, "-f": "a@bench.example", "-t": "b@bench.example"}
    arguments = [str(part) for option in options.items() for part in option]
    begun = time.perf_counter()
    # -d keeps a session for the next mail: its best setting.
    subprocess.run([program, "-d", *arguments, f"127.0.0.1:{bench.sink.port}"], check=True)  # noqa: S603 - found on our own path
    return time.perf_counter() - begun


def _own(bench: Bench, size: int) -> float:
    arguments = [str(bench.sink.port), str(bench.plan.letters), str(size)]
    return race([Runner("benchmarks.own_source", arguments, bench.scratch / "own_source.log")]).seconds

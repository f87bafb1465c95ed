"""Runners in processes of their own: started, lined up, and timed from the word go until the last one is done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class RunnerFailedError(Exception):
    """A runner ended before its work was done. The text holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A command that keeps to `starting_line.py`."""

    module: str
    arguments: Sequence[str]
    log: Path
    """Where its standard error goes."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    python: Path = Path(sys.executable)

    @property
    def command(self) -> list[str]:
        """What is run, in the project's folder."""
        return [str(self.python), "-m", self.module, *self.arguments]


@dataclass(frozen=True, slots=True)
class Finish:
    """How a race ended."""

    seconds: float
    found: list[dict[str, Any]]
    """What each runner reported."""


def race(runners: Sequence[Runner]) -> Finish:
    """Start the runners, wait until all are ready, let them go, and wait for the last.

    Raises:
        RunnerFailedError: one of them did not reach its end.
    """
    with ExitStack() as stack:
        started = [stack.enter_context(_started(runner)) for runner in runners]
        for process, runner in zip(started, runners, strict=True):
            _expect(process, runner, "ready")
        begun = time.perf_counter()
        for process in started:
            assert process.stdin is not None  # noqa: S101 - we asked for a pipe
            process.stdin.write("go\n")
            process.stdin.flush()
        found = [_expect(process, runner, "done") for process, runner in zip(started, runners, strict=True)]
        return Finish(time.perf_counter() - begun, found)


@contextmanager
def _started(runner: Runner) -> Iterator[subprocess.Popen[str]]:
    with runner.log.open("a", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            runner.command,
            cwd=ROOT,
            env={**_clean_environment(), **runner.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def _clean_environment() -> dict[str, str]:
    """Only what programs need to be found and to speak UTF-8: settings of the shell must not reach a runner."""
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _expect(process: subprocess.Popen[str], runner: Runner, word: str) -> dict[str, Any]:
    """Read up to the line that begins with `word`; peers may print lines of their own before it."""
    assert process.stdout is not None  # noqa: S101 - we asked for a pipe
    for line in process.stdout:
        said, _, rest = line.strip().partition(" ")
        if said == word:
            found: dict[str, Any] = json.loads(rest or "{}")
            return found
    tail = runner.log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RunnerFailedError(f"{runner.module} ended before it was {word}:\n{tail}")

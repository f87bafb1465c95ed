"""The SMTP server at the other end, the same for all: Postfix's smtp-sink where it is installed, else our own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.race import ROOT

BACKLOG = "256"
STARTS_WITHIN_SECONDS = 10
SETTLES_WITHIN_SECONDS = 5


class Sink(Protocol):
    """Takes mail on loopback and counts it."""

    @property
    def name(self) -> str:
        """Which program it is."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""

    def count(self) -> int:
        """How many messages it has taken whole so far."""


class LostLettersError(Exception):
    """The sink did not get as many messages as were sent: what was measured would be worth nothing."""


def expect(sink: Sink, number: int) -> None:
    """See that the sink has taken `number` messages in all.

    Raises:
        LostLettersError: it has taken fewer, or more.
    """
    until = time.monotonic() + SETTLES_WITHIN_SECONDS  # smtp-sink writes its count a little later
    while sink.count() < number and time.monotonic() < until:
        time.sleep(0.01)
    if sink.count() != number:
        raise LostLettersError(f"the sink took {sink.count()} messages, not {number}")


def postfix_program(name: str) -> str | None:
    """The path of one of Postfix's programs, which lie outside of most people's PATH."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


@contextmanager
def open_sink(scratch: Path) -> Iterator[Sink]:
    """A sink that runs while the block does."""
    program = postfix_program("smtp-sink")
    opened = _own_sink() if program is None else _postfix_sink(program, scratch)
    with opened as sink:
        yield sink


@dataclass(frozen=True, slots=True)
class _PostfixSink:
    port: int
    output: Path
    name: str = "Postfix's smtp-sink"

    def count(self) -> int:
        """See `Sink.count`: the last of the counts that `-c` makes it write."""
        with self.output.open("rb") as output:
            output.seek(max(0, self.output.stat().st_size - 200))
            counts = re.findall(rb"mesg=(\d+)\r", output.read())
        return int(counts[-1]) if counts else 0


@contextmanager
def _postfix_sink(program: str, scratch: Path) -> Iterator[Sink]:
    output, port = scratch / "sink.out", _free_port()
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    with output.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - found on our own path
            [program, *user, "-c", "-h", "sink.example", f"127.0.0.1:{port}", BACKLOG], stdout=out, stderr=out
        )
    with process:
        try:
            _wait_for(port)
            yield _PostfixSink(port, output)
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class _OwnSink:
    port: int
    process: subprocess.Popen[str]
    name: str = "our own sink"

    def count(self) -> int:
        """See `Sink.count`."""
        assert self.process.stdin is not None  # noqa: S101 - we asked for pipes
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def _own_sink() -> Iterator[Sink]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.own_sink"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # leaving closes its standard input, at which it ends
        assert process.stdout is not None  # noqa: S101 - we asked for a pipe
        yield _OwnSink(int(process.stdout.readline()), process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return

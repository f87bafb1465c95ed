"""What all the benchmarks stand on: how much is measured, where, against which server."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.databases import PostgresStore, SqliteStore, Store
from benchmarks.peer_venv import Peers, find_peers
from benchmarks.postgres import NoPostgresError, open_postgres
from benchmarks.sink import Sink, open_sink


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 5
    letters: int = 5000
    tutorial_letters: tuple[int, int, int] = (40, 200, 1000)
    """For the forking, the preloaded and the simple worker: fewer, so that they end in reasonable time."""
    calls: int = 1000
    plain_calls: int = 40
    backlogs: tuple[int, int] = (10_000, 1_000_000)
    backlog_letters: int = 2000
    stored_letters: int = 5000
    report_letters: int = 1_000_000
    postgresql: bool = True
    peers: bool = True


QUICK = Plan(
    rounds=1,
    letters=300,
    calls=60,
    plain_calls=5,
    backlogs=(300, 3000),
    backlog_letters=200,
    stored_letters=90,
    report_letters=600,
    postgresql=False,
    peers=False,
)
"""A smoke run: it shows that everything works; its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a benchmark is given."""

    plan: Plan
    scratch: Path
    sink: Sink
    stores: Sequence[Store]
    peers: Peers | None
    now: datetime
    say: Callable[[str], None]
    """Tells who waits what is going on."""


@contextmanager
def open_bench(plan: Plan, kept: Path, say: Callable[[str], None]) -> Iterator[Bench]:
    """A scratch folder, a sink, databases and peers that are there while the block runs.

    Args:
        plan: how much is measured.
        kept: where the peers' environment is kept from one run to the next.
        say: tells who waits what is going on.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)))
        scratch.chmod(0o711)  # PostgreSQL may run as somebody else
        stores: list[Store] = [SqliteStore(scratch)]
        if plan.postgresql:
            try:
                stores.append(PostgresStore(stack.enter_context(open_postgres(scratch / "pg"))))
            except NoPostgresError as error:
                say(f"PostgreSQL is left out: {error}")
        peers = find_peers(kept / "peers", say) if plan.peers else None
        sink = stack.enter_context(open_sink(scratch))
        yield Bench(plan, scratch, sink, stores, peers, datetime.now(UTC), say)

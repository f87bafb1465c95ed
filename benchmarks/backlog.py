"""Table 3: what a letter costs when ten thousand wait, and when a million do."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.bench import Bench
from benchmarks.databases import Store, fresh, tidy
from benchmarks.multiply import multiply
from benchmarks.ours import Ours, by_smtp
from benchmarks.report import Goal, Series, Table, ratio
from benchmarks.rounds import Contestant, Group, interleave
from benchmarks.scene import make_scene
from benchmarks.seed import seed

MOST = 1.2
"""How many times as much a letter may cost with a million waiting."""

SEEDED = 10_000
TARGETS_EACH = 3
MICROSECONDS = 1e6


@dataclass(slots=True)
class Queue:
    """A database in which letters wait: after the last round still as many as it stands for."""

    bench: Bench
    ours: Ours
    store: Store
    waiting: int
    filled_in: float = 0.0
    database_seconds: list[float] = field(default_factory=list)
    """How long transactions were open, by round."""

    @property
    def name(self) -> str:
        """Of the database."""
        return f"backlog_{self.waiting}"

    def fill(self) -> None:
        """Let them wait."""
        plan = self.bench.plan
        wanted = self.waiting + plan.rounds * plan.backlog_letters
        times = math.ceil(wanted / SEEDED)
        self.bench.say(f"{self.store.kind}: {self.waiting:,} letters that wait")
        begun = time.perf_counter()
        with fresh(self.store, self.name, self.ours.keys) as sessions:
            scene = make_scene(sessions, self.bench.now)
            seed(sessions, scene, math.ceil(wanted / times), TARGETS_EACH, self.bench.now)
            multiply(sessions, times)
            tidy(sessions)
        self.filled_in = time.perf_counter() - begun

    def deliver(self) -> float:
        """One round."""
        finish = self.ours.deliver(self.store, self.name, most=self.bench.plan.backlog_letters)
        self.database_seconds.append(finish.found[0]["database_seconds"])
        return finish.seconds

    def empty(self) -> None:
        """See that the ledger still adds up, and remove it all."""
        self.ours.check(self.store, self.name, self.bench.plan.rounds * self.bench.plan.backlog_letters)
        self.store.drop(self.name)


def measure(bench: Bench) -> Table:
    """Deliver some letters out of small and of large backlogs."""
    ours = Ours(bench.scratch, by_smtp(bench.sink.port))
    queues = [Queue(bench, ours, store, waiting) for store in bench.stores for waiting in bench.plan.backlogs]
    for queue in queues:
        queue.fill()
    contestants = [
        Contestant(
            Group.OURS,
            f"{queue.store.kind}, {queue.waiting:,} waiting",
            bench.plan.backlog_letters,
            queue.deliver,
        )
        for queue in queues
    ]
    series = [found for _, found in interleave(contestants, bench.plan.rounds, bench.sink, bench.say)]
    for queue in queues:
        queue.empty()
    return _table(bench, queues, series)


def _table(bench: Bench, queues: Sequence[Queue], series: Sequence[Series]) -> Table:
    whole = [MICROSECONDS / one.rate for one in series]
    inside = [MICROSECONDS * median(queue.database_seconds) / bench.plan.backlog_letters for queue in queues]
    rows, goals = [], []
    for number, (queue, one) in enumerate(zip(queues, series, strict=True)):
        small = number - number % 2  # each store's queues stand side by side, the small one first
        rows.append(
            (
                one.name,
                f"{whole[number]:,.0f}",
                ratio(whole[number], whole[small]),
                f"{inside[number]:,.0f}",
                ratio(inside[number], inside[small]),
                f"{queue.filled_in:,.0f} s",
            )
        )
        if number != small:
            goals += [
                Goal(f"{queue.store.kind}, time per letter", whole[number] / whole[small], MOST, at_most=True),
                Goal(f"{queue.store.kind}, of it in transactions", inside[number] / inside[small], MOST, at_most=True),
            ]
    return Table(
        title="3. What a letter costs while others wait",
        columns=("", "µs per letter", "ratio", "in transactions, µs", "ratio", "filled in"),
        rows=rows,
        goals=goals,
        notes=[f"One worker, {bench.plan.backlog_letters:,} letters to the SMTP sink, {bench.plan.rounds} rounds."],
        measured=[
            {
                "name": one.name,
                "letters": one.letters,
                "seconds": one.seconds,
                "in_transactions": queue.database_seconds,
            }
            for one, queue in zip(series, queues, strict=True)
        ],
    )

"""`make bench`: the benchmarks, side by side with the peers that they name. docs/benchmarks.md explains the method."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import backlog, disk, postcodes, provider, reports, throughput
from benchmarks.bench import QUICK, Bench, Plan, open_bench
from benchmarks.databases import file_system
from benchmarks.race import ROOT
from benchmarks.report import Table, save, show

WIDTH = 120
"""Characters that a table may take where the terminal has fewer, or is none."""

TABLES: dict[str, Callable[[Bench], Table]] = {
    "throughput": throughput.measure,
    "sendgrid": provider.measure,
    "backlog": backlog.measure,
    "disk": disk.measure,
    "postcodes": postcodes.measure,
    "reports": reports.measure,
}


def main() -> None:
    """Measure, print, write."""
    arguments = _arguments()
    console = Console(width=max(Console().width, WIDTH))
    plan = QUICK if arguments.quick else Plan(rounds=arguments.rounds)
    tables = []
    with open_bench(plan, arguments.out, lambda words: console.print(words, style="dim", highlight=False)) as bench:
        about = _about(bench)
        console.print(", ".join(f"{key} {about[key]}" for key in ("cores", "python", "file_system")), style="dim")
        for name in arguments.tables:
            tables.append(TABLES[name](bench))
            show(tables[-1], console)
    path = arguments.out / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
    save(tables, about, path)
    console.print(f"Written to {path}", highlight=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run without peers; its figures mean nothing")
    parser.add_argument("--rounds", type=int, default=Plan().rounds, help="how often each contestant runs")
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench", help="where the JSON goes")
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], help="which tables; all, if none is named")
    found = parser.parse_args()
    found.tables = found.tables or list(TABLES)
    return found


def _about(bench: Bench) -> dict[str, Any]:
    """On what it was measured."""
    return {
        "at": bench.now.isoformat(),
        "plan": str(bench.plan),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "file_system": file_system(bench.scratch),
        "databases": [store.kind for store in bench.stores],
        "sink": bench.sink.name,
        "peers": bench.peers.versions if bench.peers else [],
    }


if __name__ == "__main__":
    main()

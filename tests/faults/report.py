"""What came of the runs, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from app.queue.states import DeliveryState
from tests.faults.run import Result

_S = DeliveryState
MOST_NAMED = 20


def show(results: Sequence[Result], console: Console) -> None:
    """Print everything: a table of all runs, then what is to be said of each."""
    for result in results:
        _show_details(result, console)
    _show_table(results, console)


def _show_table(results: Sequence[Result], console: Console) -> None:
    table = Table(title="Letters through faults", title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for result in results:
        table.add_column(result.plan.name, justify="right")
    for name, cells in zip(_NAMES, zip(*map(_figures, results), strict=True), strict=True):
        table.add_row(name, *cells)
    console.print(table)


_NAMES = (
    "letters in",
    "delivered at the receiving server",
    "lost (must be 0)",
    "delivered twice (must be 0)",
    "untrue (must be 0)",
    "uncertain",
    "… of which the server took",
    "… of which it saw a part",
    "… that never reached hand-over (must be 0)",
    "refused, failed",
    "suppressed after a bounce",
    "bounced or complained of later",
    "the ledger's differences (must be 0)",
    "strange (must be 0)",
    "notices; of them sent twice or more",
    "faults",
    "worker processes",
    "seconds",
)


def _figures(result: Result) -> list[str]:
    verdict = result.verdict
    known = [doubt.known for doubt in verdict.uncertain]
    states = verdict.states
    figures = [
        verdict.letters,
        verdict.delivered,
        len(verdict.lost),
        len(verdict.twice),
        len(verdict.untrue),
        len(known),
        known.count("taken"),
        known.count("begun"),
        known.count("never begun"),
        states[_S.FAILED],
        states[_S.SUPPRESSED],
        states[_S.BOUNCED] + states[_S.COMPLAINED],
        len(verdict.differences),
        len(verdict.strange),
    ]
    return [
        *(f"{figure:,}" for figure in figures),
        f"{verdict.notices:,}; {verdict.notices_repeated:,}",
        f"{sum(result.faults.values()):,}",
        f"{result.workers:,}",
        f"{result.seconds:.0f}",
    ]


def _show_details(result: Result, console: Console) -> None:
    def say(words: str, style: str = "") -> None:
        console.print(words, style=style, highlight=False, markup=False, soft_wrap=True)

    say(f"{result.plan.name}: seed {result.plan.seed}", "bold")
    for kind in sorted(result.faults):
        say(f"  {result.faults[kind]:5} {kind}")
    for kind in result.never:
        say(f"  never happened in this run: {kind}", "yellow")
    if result.errors:
        say(
            "  logged with a traceback: "
            + ", ".join(f"{number} {kind}" for kind, number in result.errors.most_common())
        )
    if result.leases_run_out:
        say(f"  {result.leases_run_out} times something stayed in nobody's hands until its lease ran out", "yellow")
    for doubt in result.verdict.uncertain:
        say(f"  letter {doubt.delivery_id} is uncertain; the server: {doubt.known}; {doubt.why}")
    for kind, found in result.verdict.broken.items():
        say(f"  {kind}: {len(found)}", "bold red")
        for words in found[:MOST_NAMED]:
            say(f"    {words}", "red")

"""What was measured, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Series:
    """One contestant's rounds: so many letters (or calls) each, and how long each round took."""

    name: str
    letters: int
    seconds: Sequence[float]

    @property
    def rate(self) -> float:
        """Letters a second, the median of the rounds."""
        return self.letters / median(self.seconds)

    @property
    def span(self) -> str:
        """The slowest and the fastest round."""
        return f"{self.letters / max(self.seconds):,.0f} to {self.letters / min(self.seconds):,.0f}"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: at least, or at most, a bound."""

    words: str
    figure: float
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is so."""
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound

    def __str__(self) -> str:
        sign = "at most" if self.at_most else "at least"
        return f"{self.words}: {_short(self.figure)} ({sign} {self.bound:g}) – {'met' if self.met else 'not met'}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    measured: Sequence[Any] = field(default=(), repr=False)
    """The figures that the rows were made from: dataclasses, kept whole in the JSON."""


def show(table: Table, console: Console) -> None:
    """Print a table with its goals and notes."""
    shown = RichTable(title=table.title, title_justify="left", title_style="bold")
    for number, column in enumerate(table.columns):
        shown.add_column(column, justify="left" if number == 0 else "right")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)
    for goal in table.goals:
        console.print(f"  {goal}", style="green" if goal.met else "red", highlight=False)
    for note in table.notes:
        console.print(f"  {note}", style="dim", highlight=False)
    console.print()


def save(tables: Sequence[Table], about: dict[str, Any], path: Path) -> None:
    """Write everything that was measured as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [asdict(table) | {"goals": [asdict(goal) | {"met": goal.met} for goal in table.goals]} for table in tables]
    path.write_text(json.dumps({"about": about, "tables": told}, indent=1, ensure_ascii=False), encoding="utf-8")


def ratio(figure: float, other: float | None) -> str:
    """How many times the other figure this one is; a dash where there is no other."""
    return "–" if not other else f"{_short(figure / other)} ×"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"  # noqa: PLR2004 - three figures are enough

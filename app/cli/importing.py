"""What the commands that import files share: where a file comes from, a bar while it is read, what came of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from app.cli.options import DAY
from app.targets.changes import SHOWN, Changes, by_mark, cut
from app.targets.records import Progress as ProgressCall
from app.targets.records import Provenance, Rejected

PLACES_SHOWN = 5
"""How many of the places that one thing is said of are named."""


def provenance_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask where a file comes from, and hand the command a `provenance`."""

    @click.option("--source", required=True, help="Who published the file, in words.")
    @click.option("--source-url", default="", help="Where.")
    @click.option("--as-of", type=DAY, required=True, help="The day that it describes.")
    @click.option("--licence", required=True, help="The licence that it may be used under.")
    @functools.wraps(command)
    def with_provenance(source: str, source_url: str, as_of: datetime, licence: str, **values: Any) -> None:
        command(provenance=Provenance(source, as_of.date(), licence, source_url), **values)

    return with_provenance


@contextmanager
def bar(what: str, *, of_bytes: bool = False) -> Iterator[ProgressCall]:
    """A progress bar for `what`, on a terminal; elsewhere its last line."""
    counted: tuple[ProgressColumn, ...] = (MofNCompleteColumn(),)
    if of_bytes:
        counted = DownloadColumn(), TimeRemainingColumn()
    with Progress(TextColumn("{task.description}"), BarColumn(), *counted) as shown:
        task = shown.add_task(what, total=None)
        yield lambda advance, total: shown.update(task, advance=advance, total=total)


def tell_areas(areas: Changes, *, check: bool = False) -> None:
    """Name the areas that an import has added or changed, if it has any: a mistyped name shows here."""
    would = "would be " if check else ""
    if areas or areas.unchanged:
        click.echo(f"areas: {would}{areas.added} added, {areas.changed} changed, {areas.unchanged} unchanged")
    tell_all(by_mark(areas.lines))


def tell_lines(lines: Iterable[object], of: int = 0, *, shown: int = SHOWN) -> None:
    """Print the first lines, and how many more there are; `of` is their number where not all are at hand."""
    tell_all(cut(lines, of, shown=shown))


def tell_all(lines: Iterable[str]) -> None:
    """Print lines that belong to the one before."""
    for line in lines:
        click.echo(f"  {line}")


def by_reason(told: Iterable[Rejected]) -> Iterator[str]:
    """Yield a line for each thing that is said of rows, with how often it is and the first of the places."""
    places: dict[str, list[str]] = {}
    for one in told:
        places.setdefault(one.reason, []).append(one.place)
    for reason, of in places.items():
        yield f"{of[0]}: {reason}" if len(of) == 1 else f"{len(of)} × {reason}: {_places(of)}"


def _places(places: Sequence[str]) -> str:
    """The first of the places, each file named once."""
    named, file = [], ""
    for place in places[:PLACES_SHOWN]:
        before, _, where = place.rpartition(", ")
        named.append(where if before == file else place)
        file = before
    more = f" and {len(places) - PLACES_SHOWN} more" if len(places) > PLACES_SHOWN else ""
    return "; ".join(named) + more


def summary(line: str, rejected: Sequence[Rejected], of: int = 0) -> None:
    """Print what came of an import, and the rows that it did not take; `of` as in `tell_lines`."""
    click.echo(line)
    tell_lines((f"rejected {one}" for one in rejected), of)

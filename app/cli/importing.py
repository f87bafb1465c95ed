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

from app.targets.changes import Changes
from app.targets.records import Progress as ProgressCall
from app.targets.records import Provenance, Rejected

SHOWN = 50
"""How many lines of a kind a summary has; the rest is a number."""


def provenance_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask where a file comes from, and hand the command a `provenance`."""

    @click.option("--source", required=True, help="Who published the file, in words.")
    @click.option("--source-url", default="", help="Where.")
    @click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day that it describes.")
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


def tell_areas(areas: Changes) -> None:
    """Name the wards that an import has added or changed: a mistyped name shows here."""
    click.echo(f"areas: {areas.added} added, {areas.changed} changed, {areas.unchanged} unchanged")
    tell_lines(areas.lines)


def tell_lines(lines: Iterable[object], of: int = 0) -> None:
    """Print the first lines, and how many more there are; `of` is their number where not all are at hand."""
    every = list(lines)
    for line in every[:SHOWN]:
        click.echo(f"  {line}")
    if (more := max(of, len(every)) - min(len(every), SHOWN)) > 0:
        click.echo(f"  and {more} more")


def summary(line: str, rejected: Sequence[Rejected], of: int = 0) -> None:
    """Print what came of an import, and the rows that it did not take; `of` as in `tell_lines`."""
    click.echo(line)
    tell_lines((f"rejected {one}" for one in rejected), of)

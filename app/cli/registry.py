"""Commands for the registry: importing targets and postcodes, verifying addresses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.delivery.release import release_verified
from app.targets.changes import Changes
from app.targets.importers.edinburgh import parse_councillors
from app.targets.imports import import_councillors, import_postcodes
from app.targets.records import Council, Provenance, Rejected
from app.targets.records import Progress as ProgressCall
from app.targets.verify import verify_target

SHOWN_REJECTIONS = 50


def _provenance_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask where a file comes from, and hand the command a `provenance`."""

    @click.option("--source", required=True, help="Who published the file, in words.")
    @click.option("--source-url", default="", help="Where.")
    @click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day that it describes.")
    @click.option("--licence", required=True, help="The licence that it may be used under.")
    @functools.wraps(command)
    def with_provenance(source: str, source_url: str, as_of: datetime, licence: str, **values: Any) -> None:
        command(provenance=Provenance(source, as_of.date(), licence, source_url), **values)

    return with_provenance


def targets(platform: Platform) -> AppGroup:
    """Give `flask targets`."""
    group = AppGroup("targets", help="The registry of those who are written to.")

    @group.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--format", "form", type=click.Choice(["edinburgh"]), default="edinburgh", show_default=True)
    @click.option("--council-code", required=True, help="The council's GSS code, such as S12000036.")
    @click.option("--council-name", required=True, help="Its name, such as City of Edinburgh.")
    @click.option("--list", "list_slug", help="The list's name here; by default councillors-<council code>.")
    @_provenance_options
    def import_targets(  # noqa: PLR0917 - click calls it by name
        file: Path, form: str, council_code: str, council_name: str, list_slug: str | None, provenance: Provenance
    ) -> None:
        """Make a council's list of councillors hold exactly those of FILE; who left is archived."""
        del form  # one published form is read so far
        slug = list_slug or f"councillors-{council_code.lower()}"
        with refusals(), _bar("councillors") as progress, platform.sessions.write() as session:
            done = import_councillors(
                session,
                parse_councillors(file.read_bytes()),
                council=Council(council_code, council_name),
                list_slug=slug,
                provenance=provenance,
                now=platform.clock(),
                progress=progress,
            )
        _tell_areas(done.areas)
        counts = done.targets
        _summary(
            f"councillors: {counts.added} added, {counts.changed} changed, {counts.gone} archived, "
            f"{counts.unchanged} unchanged, {len(done.rejected)} rejected",
            done.rejected,
        )

    @group.command("verify")
    @click.argument("list_slug", metavar="LIST")
    @click.argument("external_id", metavar="ID")
    @click.option("--how", required=True, help="How the address was checked, in words.")
    def verify(list_slug: str, external_id: str, how: str) -> None:
        """Keep that a target's address was checked, and let go the letters that waited for it."""
        now = platform.clock()
        with refusals(), platform.sessions.write() as session:
            target = verify_target(session, list_slug, external_id, how, now)
            released = release_verified(session, target.id, now)
        for delivery_id in released[:1]:  # one ring wakes the worker for all of them
            platform.doorbell.ring(delivery_id)
        click.echo(f"verified; letters let go: {len(released)}")

    return group


def postcodes(platform: Platform) -> AppGroup:
    """Give `flask postcodes`."""
    group = AppGroup("postcodes", help="Which areas a postcode lies in.")

    @group.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--council-code", required=True, help="The council whose ward names the file uses.")
    @click.option("--council-name", required=True)
    @click.option("--source-name", "source_slug", help="The source's name here; by default postcodes-<council code>.")
    @_provenance_options
    def import_file(
        file: Path, council_code: str, council_name: str, source_slug: str | None, provenance: Provenance
    ) -> None:
        """Load a `Postcode,…,Ward` FILE, whose wards are named inside one council."""
        with refusals(), _bar("postcodes") as progress, platform.sessions.write() as session:
            done = import_postcodes(
                session,
                file,
                council=Council(council_code, council_name),
                source_slug=source_slug or f"postcodes-{council_code.lower()}",
                provenance=provenance,
                progress=progress,
            )
        _tell_areas(done.areas)
        counts = done.postcodes
        _summary(
            f"postcodes: {counts.added} added, {counts.changed} changed, {counts.gone} removed, "
            f"{counts.unchanged} unchanged, {counts.kept_elsewhere} kept by another source, "
            f"{len(done.rejected)} rejected",
            done.rejected,
        )

    return group


@contextmanager
def _bar(what: str) -> Iterator[ProgressCall]:
    """A progress bar for `what`, on a terminal; elsewhere its last line."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns) as shown:
        task = shown.add_task(what, total=None)
        yield lambda advance, total: shown.update(task, advance=advance, total=total)


def _tell_areas(areas: Changes) -> None:
    """Name the wards that an import has added or changed: a mistyped name shows here."""
    click.echo(f"areas: {areas.added} added, {areas.changed} changed, {areas.unchanged} unchanged")
    for line in areas.lines:
        click.echo(f"  {line}")


def _summary(line: str, rejected: tuple[Rejected, ...]) -> None:
    click.echo(line)
    for one in rejected[:SHOWN_REJECTIONS]:
        click.echo(f"  rejected {one}")
    if len(rejected) > SHOWN_REJECTIONS:
        click.echo(f"  and {len(rejected) - SHOWN_REJECTIONS} more")

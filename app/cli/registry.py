"""Commands for the registry: importing targets, verifying addresses."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.importing import bar, provenance_options, summary, tell_areas
from app.cli.refusals import refusals
from app.delivery.release import release_verified
from app.targets.importers.edinburgh import parse_councillors
from app.targets.imports import import_councillors
from app.targets.records import Council, Provenance
from app.targets.verify import verify_target


def targets(platform: Platform) -> AppGroup:
    """Give `flask targets`."""
    group = AppGroup("targets", help="The registry of those who are written to.")

    @group.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--format", "form", type=click.Choice(["edinburgh"]), default="edinburgh", show_default=True)
    @click.option("--council-code", required=True, help="The council's GSS code, such as S12000036.")
    @click.option("--council-name", required=True, help="Its name, such as City of Edinburgh.")
    @click.option("--list", "list_slug", help="The list's name here; by default councillors-<council code>.")
    @provenance_options
    def import_targets(  # noqa: PLR0917 - click calls it by name
        file: Path, form: str, council_code: str, council_name: str, list_slug: str | None, provenance: Provenance
    ) -> None:
        """Make a council's list of councillors hold exactly those of FILE; who left is archived."""
        del form  # one published form is read so far
        slug = list_slug or f"councillors-{council_code.lower()}"
        with refusals(), bar("councillors") as progress, platform.sessions.write() as session:
            done = import_councillors(
                session,
                parse_councillors(file.read_bytes()),
                council=Council(council_code, council_name),
                list_slug=slug,
                provenance=provenance,
                now=platform.clock(),
                progress=progress,
            )
        tell_areas(done.areas)
        counts = done.targets
        summary(
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

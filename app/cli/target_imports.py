"""`flask targets import`: published files into the registry, telling what they change and what of them is no use."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.councils import let_go
from app.cli.importing import bar, by_reason, provenance_options, tell_all, tell_areas, tell_lines
from app.cli.refusals import refusals
from app.cli.target_files import Read, file_options
from app.registrar.desk import Registrar
from app.targets.areas import council_called
from app.targets.by_key import list_called
from app.targets.changes import SHOWN, by_mark
from app.targets.importers.parsed import Format
from app.targets.imports import TargetImport, import_targets
from app.targets.overlay import ended_lines
from app.targets.records import Provenance
from app.targets.verify import STAFF

_ALL = 1_000_000


def add_import(group: AppGroup, platform: Platform) -> None:
    """Add the command to `flask targets`."""

    @group.command("import")
    @file_options
    @click.option("--council-code", help="The council that FILE is about, if it names none: such as S12000036.")
    @click.option("--council-name", default="", help="Its name, where the registry does not have it.")
    @click.option("--list", "list_slug", help="The list's name here, where its format has none.")
    @click.option("--list-name", default="", help="What people call the list.")
    @click.option("--check", is_flag=True, help="Change nothing, and tell what would change.")
    @click.option("--allow-shrink", is_flag=True, help="Archive all who have left, however many.")
    @click.option("--all", "everything", is_flag=True, help=f"Print all lines, not {SHOWN} of a kind.")
    @provenance_options
    def import_files(  # noqa: PLR0917 - click calls it by name
        read: Read,
        council_code: str | None,
        council_name: str,
        list_slug: str | None,
        list_name: str,
        provenance: Provenance,
        *,
        check: bool,
        allow_shrink: bool,
        everything: bool,
    ) -> None:
        """Make a list hold exactly those whom FILE names; who left is archived, and whom staff removed stays away."""
        with refusals():
            form, parsed = read()
        slug = _list_of(form, council_code, list_slug)
        with refusals(), bar("targets") as progress, platform.sessions.write() as session:
            done = import_targets(
                session,
                parsed,
                form=form,
                list_slug=slug,
                list_name=list_name,
                provenance=provenance,
                now=platform.clock(),
                council=council_called(session, council_code, council_name) if council_code else None,
                allow_shrink=allow_shrink,
                progress=progress,
            )
            if check:
                session.rollback()
            else:
                Registrar(session, None, STAFF, platform.clock()).imported(list_called(session, slug), done)
        _tell(done, slug, _ALL if everything else SHOWN, check=check)
        if not check:
            let_go(platform)


def _list_of(form: Format, council_code: str | None, list_slug: str | None) -> str:
    """Return the list that the files fill."""
    if form.one_council and not council_code:
        raise click.UsageError(f"Missing option '--council-code': a file of the format {form.name} names no council.")
    own = f"councillors-{council_code.lower()}" if form.one_council and council_code else form.list_slug
    if not list_slug and not own:
        raise click.UsageError(f"Missing option '--list': the format {form.name} has no list of its own.")
    return list_slug or own


def _tell(done: TargetImport, slug: str, shown: int, *, check: bool) -> None:
    """Print what an import did, or would do."""
    tell_lines(ended_lines(done.ended), shown=shown)
    tell_areas(done.areas, check=check)
    counts, would = done.targets, "would be " if check else ""
    click.echo(
        f"{slug}: {would}{counts.added} added, {counts.changed} changed, {counts.gone} archived, "
        f"{counts.unchanged} unchanged, {len(done.rejected)} rejected"
    )
    lines = by_mark(counts.lines, shown=shown)
    tell_all(lines)
    tell_lines(counts.notes, shown=shown)
    if done.vacant:
        click.echo(f"  vacant seats: {done.vacant}")
    tell_lines(by_reason(done.remarks), shown=shown)
    tell_lines((f"rejected {line}" for line in by_reason(done.rejected)), shown=shown)
    if len(lines) < len(counts.lines):
        click.echo("Some lines are left out: --all prints them.")
    if check:
        click.echo("Nothing was changed: this was a check.")

"""Commands for where postcodes lie: importing them and the names of areas, looking one up, telling what there is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.bootstrap import Platform
from app.cli.importing import bar, provenance_options, summary, tell_areas, tell_lines
from app.cli.options import EXISTING
from app.cli.refusals import refusals
from app.targets.area_imports import import_code_lists
from app.targets.areas import council_called
from app.targets.postcode_imports import (
    Edition,
    PostcodeImport,
    names_wards,
    read_ons,
    read_wards,
    store_edition,
)
from app.targets.postcode_sets import SourceHead
from app.targets.postcode_sources import describe_sources
from app.targets.postcodes import Found, NotAPostcode, find, normalise
from app.targets.records import Council, Provenance


def postcodes(platform: Platform) -> AppGroup:
    """Give `flask postcodes`."""
    group = AppGroup("postcodes", help="Which areas a postcode lies in.")
    _add_import(group, platform)
    _add_questions(group, platform)
    return group


def _add_import(group: AppGroup, platform: Platform) -> None:
    @group.command("import")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True, type=EXISTING)
    @click.option("--format", "form", type=click.Choice(["ons", "wards"]), help="By default guessed by the header.")
    @click.option("--names", "code_lists", multiple=True, type=EXISTING, help="A list of area codes and names.")
    @click.option("--council-code", help="The council whose ward names the file uses (format wards).")
    @click.option("--council-name", default="", help="Its name, where the registry does not have it.")
    @click.option("--source-name", "slug", help="The source's name here; by default ons, or postcodes-<council code>.")
    @provenance_options
    def import_files(  # noqa: PLR0917 - click calls it by name
        files: Sequence[Path],
        form: str | None,
        code_lists: Sequence[Path],
        council_code: str | None,
        council_name: str,
        slug: str | None,
        provenance: Provenance,
    ) -> None:
        """Load FILEs, which together are one edition, in the place of the source's last one.

        They are NSPL or ONSPD files of the Office for National Statistics, zipped or not; or one `Postcode,…,Ward`
        file, whose wards are named inside one council.
        """
        form = form or ("wards" if council_code or names_wards(files[0]) else "ons")
        click.echo(f"format: {form}")
        council = None
        with refusals():
            if form == "wards":
                with platform.sessions.read() as session:
                    council = _one_council(session, files, council_code, council_name)
            edition = _read(files, code_lists, council)
            name = slug or (f"postcodes-{council.code.lower()}" if council else "ons")
            with platform.sessions.write() as session:
                done = store_edition(session, edition, SourceHead(name, provenance))
        _tell(done)


def _add_questions(group: AppGroup, platform: Platform) -> None:
    @group.command("look-up")
    @click.argument("postcode", nargs=-1, required=True)
    def look_up(postcode: Sequence[str]) -> None:
        """Print the areas that POSTCODE lies in, who says so, and whether it is in use. Exit 1 if nobody knows it."""
        try:
            normal = normalise(" ".join(postcode))
        except NotAPostcode as error:
            raise click.ClickException(str(error)) from None
        with refusals(), platform.sessions.read() as session:
            found = find(session, normal)
        if found is None:
            click.echo(f"{normal}: unknown")
            sys.exit(1)
        _tell_found(normal, found)

    @group.command("list")
    def list_sources() -> None:
        """Print the sources of postcodes, with what each holds and the room that it takes."""
        with refusals(), platform.sessions.read() as session:
            for one in describe_sources(session):
                held = f"{one.live + one.terminated} postcodes ({one.terminated} terminated), {one.size} bytes"
                about = f"as of {one.as_of}; {one.source}, {one.licence}"
                click.echo(f"{one.slug}: {held}, {about}{', invented' if one.demo else ''}")


def areas(platform: Platform) -> AppGroup:
    """Give `flask areas`."""
    group = AppGroup("areas", help="Wards, divisions, councils, counties and constituencies.")

    @group.command("import")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True, type=EXISTING)
    def import_files(files: Sequence[Path]) -> None:
        """Load names by GSS code: ONS "names and codes" files as CSV, or JSON maps from code to name."""
        with refusals(), platform.sessions.write() as session:
            done = import_code_lists(session, files)
        tell_areas(done.areas)
        if done.rejections.count:
            summary(f"names: {done.rejections.count} rejected", done.rejections.shown, done.rejections.count)

    return group


def _one_council(session: Session, files: Sequence[Path], code: str | None, name: str) -> Council:
    """The council of a file of ward names."""
    if not code:
        raise click.UsageError("Missing option '--council-code': the file names wards in a council.")
    if len(files) > 1:
        raise click.UsageError("Files of ward names are imported one by one, each with its council.")
    return council_called(session, code, name)


def _read(files: Sequence[Path], code_lists: Sequence[Path], council: Council | None) -> Edition:
    with bar("postcodes", of_bytes=True) as progress:
        if council is not None:
            return read_wards(files[0], council, progress)
        return read_ons(files, code_lists, progress)


def _tell(done: PostcodeImport) -> None:
    tell_areas(done.areas)
    for words, lines in (
        ("wards that were known by name and have their codes now", done.moves),
        ("wards that are no more", done.ended),
        ("areas whose names nobody told; give --names FILE", done.nameless),
        ("codes that cannot be understood, taken as no area", done.odd_codes),
    ):
        if lines:
            click.echo(f"{words}: {len(lines)}")
            tell_lines(lines)
    counts = done.postcodes
    summary(
        f"postcodes: {counts.added} added, {counts.changed} changed, {counts.gone} removed, "
        f"{counts.unchanged} unchanged, {done.rejections.count} rejected",
        done.rejections.shown,
        done.rejections.count,
    )


def _tell_found(postcode: str, found: Found) -> None:
    click.echo(f"{postcode}: {'terminated' if found.terminated else 'in use'}")
    for area in found.areas:
        ended = f", ended {area.ended_on}" if area.ended_on else ""
        click.echo(f"  {area.kind}: {area.name} ({area.code}){ended}")
    if not found.areas:
        click.echo("  in no area of ours")
    for origin in found.origins:
        click.echo(f"  known from: {origin.name}, as of {origin.as_of}")

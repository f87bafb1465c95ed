"""Commands for councils: the register of them, their elections, and saying that what there is is good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.importing import by_reason, provenance_options, summary, tell_lines
from app.cli.options import DAY, EXISTING
from app.cli.refusals import refusals
from app.cli.rings import ring_for
from app.delivery.release import release_fresh
from app.targets.councils import CouncilImport, store_councils
from app.targets.elections import ElectionImport, elections, store_elections
from app.targets.freshness import accept
from app.targets.importers.elections import ElectionRow, parse_elections
from app.targets.importers.local_authorities import parse_local_authorities
from app.targets.models import Election
from app.targets.records import Provenance, Rejected


def councils(platform: Platform) -> AppGroup:
    """Give `flask councils`."""
    group = AppGroup("councils", help="Councils, who took whose place, and when they are elected.")
    _add_register(group, platform)
    _add_elections(group, platform)
    _add_accept(group, platform)
    return group


def _add_register(group: AppGroup, platform: Platform) -> None:
    @group.command("import")
    @click.argument("file", type=EXISTING)
    @provenance_options
    def import_councils(file: Path, provenance: Provenance) -> None:
        """Take over mySociety's uk_local_authorities.csv: names, counties, ends, successors, other codes."""
        with refusals(), platform.sessions.write() as session:
            done = store_councils(session, parse_local_authorities(file.read_bytes()), provenance)
        _tell(done)
        let_go(platform)


def _add_elections(group: AppGroup, platform: Platform) -> None:
    @group.command("election")
    @click.argument("code")
    @click.argument("day", metavar="DATE", type=DAY)
    @click.option("--source", required=True, help="Where you know it from, in words.")
    def election(code: str, day: datetime, source: str) -> None:
        """Keep that the council CODE was or will be elected on DATE; K02000001 is the House of Commons."""
        with refusals(), platform.sessions.write() as session:
            done = store_elections(session, [ElectionRow(code, code, day.date())], source)
        if done.rejected:
            raise click.ClickException(f"The election was not kept: {done.rejected[0].reason}.")
        click.echo(f"kept; {_concerned(done)}" if done.added else "known already")

    @group.command("elections")
    @click.argument("file", type=EXISTING, required=False)
    @click.option("--source", help="Who published the file, in words; by default its name.")
    def several(file: Path | None, source: str | None) -> None:
        """Keep the elections of FILE, a table of gss_code,held_on; without one, list those that are known."""
        if file is None:
            with refusals(), platform.sessions.read() as session:
                for one, name in elections(session):
                    click.echo(_line(one, name))
            return
        with refusals(), platform.sessions.write() as session:
            rows, unreadable = parse_elections(file.read_bytes())
            done = store_elections(session, rows, source or f"the file {file.name}")
        _tell_elections(done, unreadable)


def _add_accept(group: AppGroup, platform: Platform) -> None:
    @group.command("accept")
    @click.argument("code")
    @click.option("--election", "day", type=DAY, required=True, help="The day of the election.")
    @click.option("--why", required=True, help="How you know that it is good, in words.")
    @click.option("--by", required=True, help="Who says so.")
    def accept_council(code: str, day: datetime, why: str, by: str) -> None:
        """Say that what there is of the council CODE is good although it is older than an election."""
        with refusals(), platform.sessions.write() as session:
            fresh = accept(session, code, day.date(), by=by, why=why, now=platform.clock())
        click.echo(f"accepted; targets that this concerns: {fresh}")
        let_go(platform)


def let_go(platform: Platform) -> None:
    """Let go the letters that waited for newer data and need not any more."""
    with refusals():
        released = release_fresh(platform.sessions, platform.clock())
    if released:
        ring_for(platform, released)
        click.echo(f"letters let go: {len(released)}")


def _concerned(done: ElectionImport) -> str:
    """How many targets are older than an election now, or no more."""
    return f"targets that this concerns: {done.concerned}"


def _line(election: Election, name: str) -> str:
    accepted = f", accepted by {election.accepted_by}: {election.accepted_why}" if election.accepted_at else ""
    return f"{election.held_on}  {election.body_code}  {name} ({election.source}){accepted}"


def _tell(done: CouncilImport) -> None:
    told, areas = done.told, done.areas
    click.echo(
        f"councils: {areas.added} added, {areas.changed} changed, {areas.unchanged} unchanged, "
        f"{len(told.left_out)} left out, {len(told.rejected)} rejected"
    )
    click.echo(f"ends and successors: {done.ends.changed} changed")
    click.echo(f"other names and codes: {done.aliases.added} added, {done.aliases.gone} removed")
    for word, rows in (("left out", told.left_out), ("rejected", told.rejected), ("note", told.remarks)):
        tell_lines(f"{word} {line}" for line in by_reason(rows))


def _tell_elections(done: ElectionImport, unreadable: Iterable[Rejected]) -> None:
    rejected = sorted([*unreadable, *done.rejected], key=lambda one: int(one.place.rpartition(" ")[2]))
    counts = f"elections: {done.added} added, {done.known} known already, {len(rejected)} rejected"
    summary(f"{counts}; {_concerned(done)}", rejected)

"""Commands by which staff put right what a source says of a target, or take a target off its list."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.options import DAY, with_reason
from app.cli.refusals import refusals
from app.registrar.desk import Registrar
from app.targets.by_key import target_to_change
from app.targets.overlay import standing
from app.targets.overrides import LASTS, OVERRIDABLE
from app.targets.verify import STAFF

_list = click.argument("list_slug", metavar="LIST")
_id = click.argument("external_id", metavar="ID")
_field = click.argument("field", type=click.Choice(list(OVERRIDABLE)), metavar="FIELD")
_by = click.option("--by", default=STAFF, show_default=True, help="Who says so.")


def add_decisions(group: AppGroup, platform: Platform) -> None:
    """Add the commands to `flask targets`."""
    _add_overrides(group, platform)
    _add_removal(group, platform)


def _add_overrides(group: AppGroup, platform: Platform) -> None:
    @group.command("override")
    @_list
    @_id
    @_field
    @click.argument("value")
    @with_reason
    @_by
    @click.option("--until", type=DAY, help=f"The day it ends; {LASTS.days} days without.")
    def put_over(  # noqa: PLR0917 - click calls it by name
        list_slug: str, external_id: str, field: str, value: str, why: str, by: str, until: datetime | None
    ) -> None:
        """Put VALUE over what the source says of a target's FIELD, for a time; an empty one takes it away."""
        now = platform.clock()
        ends = until.replace(tzinfo=UTC) if until else now + LASTS
        with refusals(), platform.sessions.write() as session:
            target = target_to_change(session, list_slug, external_id)
            done = Registrar(session, None, by, now).put_over(target, field, value, why=why, expires_at=ends)
            click.echo(f"{target.name}: {field} is {done.value!r} until {ends:%Y-%m-%d}; {done.published!r} before")
            if field == "email" and done.value and not target.verified:
                click.echo("The address is not verified: letters to it are held until `flask targets verify`.")

    @group.command("end-override")
    @_list
    @_id
    @_field
    def end(list_slug: str, external_id: str, field: str) -> None:
        """Let what the source says of a target's FIELD count again."""
        with refusals(), platform.sessions.write() as session:
            target = target_to_change(session, list_slug, external_id)
            ended = Registrar(session, None, STAFF, platform.clock()).end_override(target, field)
        click.echo(f"{ended.name}: {field} is {ended.published!r} again")

    @group.command("overrides")
    def overrides() -> None:
        """List the overrides in force, with what the source says."""
        with refusals(), platform.sessions.read() as session:
            for one in standing(session):
                click.echo(f"{one.list_slug} {one.external_id} {one.name}: {one.field} is {one.value!r}")
                click.echo(f"  {one}, until {one.expires_at:%Y-%m-%d}; the source says {one.published!r}")


def _add_removal(group: AppGroup, platform: Platform) -> None:
    @group.command("remove")
    @_list
    @_id
    @with_reason
    @_by
    def remove(list_slug: str, external_id: str, why: str, by: str) -> None:
        """Take a target off its list for good; no import brings it back."""
        with refusals(), platform.sessions.write() as session:
            target = target_to_change(session, list_slug, external_id)
            Registrar(session, None, by, platform.clock()).remove(target, why)
        click.echo(f"{target.name} is removed")

    @group.command("restore")
    @_list
    @_id
    def restore(list_slug: str, external_id: str) -> None:
        """Put a removed target on its list again."""
        with refusals(), platform.sessions.write() as session:
            target = target_to_change(session, list_slug, external_id)
            Registrar(session, None, STAFF, platform.clock()).restore(target)
        click.echo(f"{target.name} is on the list again")

"""Commands for what the public says is wrong with a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.options import DAY
from app.cli.refusals import refusals
from app.registrar.desk import Registrar, Remedy
from app.targets.correction_models import Correction
from app.targets.corrections import open_corrections
from app.targets.overrides import LASTS

_KINDS = {
    "left": "holds the office no more",
    "wrong_address": "the e-mail address is wrong",
    "wrong_name": "the name or title is wrong",
    "other": "something else",
}


def corrections(platform: Platform) -> AppGroup:
    """Give `flask corrections`."""
    group = AppGroup("corrections", help="What the public says is wrong with those who are written to.")

    @group.command("list")
    def show() -> None:
        """Print what nobody has decided, the oldest first."""
        with refusals(), platform.sessions.read() as session:
            for one in open_corrections(session):
                for line in _lines(one):
                    click.echo(line)

    _add_accept(group, platform)
    _add_dismiss(group, platform)
    return group


_id = click.argument("correction_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
_note = click.option("--note", required=True, help="What you found, in words.")
_by = click.option("--by", required=True, help="Who decides.")


def _add_accept(group: AppGroup, platform: Platform) -> None:
    @group.command("accept")
    @_id
    @_note
    @_by
    @click.option("--remove", is_flag=True, help="Take the target off its list for good.")
    @click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="Put VALUE over what the source says.")
    @click.option("--until", type=DAY, help=f"The day on which that ends; {LASTS.days} days without.")
    def accept(
        correction_id: int, note: str, by: str, sets: Sequence[str], until: datetime | None, *, remove: bool
    ) -> None:
        """Say that a correction is right, and with --remove or --set do what follows; else the target stays as it is.

        Both are done, or neither is.
        """
        now = platform.clock()
        remedy = Remedy(remove, dict(map(_pair, sets)), until.replace(tzinfo=UTC) if until else now + LASTS)
        if remove and sets:
            raise click.UsageError("Either --remove or --set: a target that is removed has no use for values.")
        with refusals(), platform.sessions.write() as session:
            decided = Registrar(session, None, by, now).accept(correction_id, note, remedy)
            target = f"{decided.target.list.slug} {decided.target.external_id}"
        click.echo(f"{correction_id} is {decided.state}")
        if remove:
            click.echo(f"{decided.target.name} is removed")
        elif sets:
            click.echo(f"{decided.target.name}: {', '.join(remedy.values)} put over what the source says")
        else:
            click.echo(f"The target stays as it is: `flask targets override {target}` or `remove {target}` changes it.")


def _add_dismiss(group: AppGroup, platform: Platform) -> None:
    @group.command("dismiss")
    @_id
    @_note
    @_by
    def dismiss(correction_id: int, note: str, by: str) -> None:
        """Say that a correction is wrong, or nothing to act on."""
        with refusals(), platform.sessions.write() as session:
            decided = Registrar(session, None, by, platform.clock()).dismiss(correction_id, note)
        click.echo(f"{correction_id} is {decided.state}")


def _pair(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{text!r} is not of the form FIELD=VALUE.")
    return field.strip(), value.strip()


def _lines(one: Correction) -> Iterator[str]:
    target = one.target
    yield (
        f"{one.id}  {one.made_at:%Y-%m-%d}  {target.list.slug} {target.external_id}  {target.name}, "
        f"{target.organisation or target.role}: {_KINDS[one.kind]}"
    )
    for line in one.words.splitlines():
        yield f"    {line}"

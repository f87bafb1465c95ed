"""Commands for what the public says is wrong with a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.targets.correction_models import Correction, CorrectionState
from app.targets.corrections import accept, dismiss, open_corrections

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

    _add_decision(group, platform, "accept", "Say that a correction is right. The target stays as it is.")
    _add_decision(group, platform, "dismiss", "Say that a correction is wrong, or nothing to act on.")
    return group


def _add_decision(group: AppGroup, platform: Platform, name: str, words: str) -> None:
    decide: Callable[..., Correction] = accept if name == "accept" else dismiss

    @group.command(name, help=words)
    @click.argument("correction_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
    @click.option("--note", required=True, help="What you found, in words.")
    @click.option("--by", required=True, help="Who decides.")
    def command(correction_id: int, note: str, by: str) -> None:
        with refusals(), platform.sessions.write() as session:
            decided = decide(session, correction_id, by=by, note=note, now=platform.clock())
            target = f"{decided.target.list.slug} {decided.target.external_id}"
        click.echo(f"{correction_id} is {decided.state}")
        if decided.state is CorrectionState.ACCEPTED:
            click.echo(f"The target stays as it is: `flask targets override {target}` or `remove {target}` changes it.")


def _lines(one: Correction) -> Iterator[str]:
    target = one.target
    yield (
        f"{one.id}  {one.made_at:%Y-%m-%d}  {target.list.slug} {target.external_id}  {target.name}, "
        f"{target.organisation or target.role}: {_KINDS[one.kind]}"
    )
    for line in one.words.splitlines():
        yield f"    {line}"

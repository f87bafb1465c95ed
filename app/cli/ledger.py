"""Commands for the ledger, and for addresses that must not be mailed."""

from __future__ import annotations

import sys
from collections import Counter

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.delivery import suppression_desk
from app.delivery.ledger import differences, totals
from app.delivery.suppression_desk import suppression_of
from app.delivery.suppressions import suppressed_targets
from app.queue.states import DeliveryState
from app.replies.standing import differences as reply_differences


def ledger(platform: Platform) -> AppGroup:
    """Give `flask ledger`."""
    group = AppGroup("ledger", help="Every letter is in one state, and the figures add up.")

    @group.command("show")
    def show() -> None:
        """Print, for each campaign and in all, how many letters are in each state."""
        with refusals(), platform.sessions.read() as session:
            figures = totals(session)
        for slug, states in sorted(figures.items()):
            click.echo(f"{slug}: {_equation(states)}")
        click.echo(f"in all: {_equation(sum(figures.values(), Counter()))}")

    @group.command("check")
    def check() -> None:
        """Recompute the ledger from rows and events; exit 1 if anything differs."""
        with refusals(), platform.sessions.read() as session:
            found = [*differences(session), *reply_differences(session)]
            letters = sum(states.total() for states in totals(session).values())
        for line in found:
            click.echo(line)
        if found:
            sys.exit(1)
        click.echo(f"The ledger holds: {letters} letters.")

    return group


def suppressions(platform: Platform) -> AppGroup:
    """Give `flask suppressions`."""
    group = AppGroup("suppressions", help="Addresses that must not be mailed.")

    @group.command("list")
    def show() -> None:
        """Print which targets' addresses must not be mailed, and how many other addresses."""
        with refusals(), platform.sessions.read() as session:
            found, others = suppressed_targets(session)
        for one in found:
            click.echo(f"{one.address}: {one.reason} since {one.at:%Y-%m-%d}: {one.why}")
        click.echo(f"and {others} that belong to no target")

    @group.command("add")
    @click.argument("address")
    @click.option("--why", required=True, help="In words, without the address.")
    def add(address: str, why: str) -> None:
        """Mail an address no more."""
        if "@" not in address:
            raise click.ClickException("That is not an address.")
        with refusals(), platform.sessions.write() as session:
            new = suppression_desk.add(session, None, address, why, platform.clock())
        click.echo("it is not mailed any more" if new else "it was suppressed already")

    @group.command("lift")
    @click.argument("address")
    @click.option("--why", default="", help="The reason, for those who come after.")
    def lift_it(address: str, why: str) -> None:
        """Let an address be mailed again."""
        with refusals(), platform.sessions.write() as session:
            row = suppression_of(session, address)
            was = row is not None and suppression_desk.lift(session, None, row.id, why, platform.clock())
        click.echo("it may be mailed again" if was else "it was not suppressed")

    return group


def _equation(states: Counter[DeliveryState]) -> str:
    parts = [f"{states[state]} {state}" for state in DeliveryState if states[state]]
    return f"{states.total()} letters = {' + '.join(parts)}" if parts else "0 letters"

"""The command that takes supporters away."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.actions.consent import Sought, Standing
from app.actions.contact_tables import Format, lines
from app.bootstrap import Platform
from app.campaigns.find import campaign_called
from app.cli.options import DAY
from app.cli.refusals import refusals
from app.staff.contact_export import begin_export, exported

_FORMATS = click.Choice([kind.value for kind in Format])


def supporters(platform: Platform) -> AppGroup:
    """Give `flask supporters`."""
    group = AppGroup("supporters", help="Those who said that we may write to them.")

    @group.command("export")
    @click.option("--withdrawn", is_flag=True, help="Who has taken it back instead, to delete them elsewhere.")
    @click.option("--campaign", metavar="SLUG", help="Only who took part in this campaign.")
    @click.option("--since", type=DAY, help="Only what is new since this day (UTC).")
    @click.option(
        "--format",
        "kind",
        type=_FORMATS,
        default=Format.CSV.value,
        show_default=True,
    )
    def export(campaign: str | None, since: datetime | None, kind: str, *, withdrawn: bool) -> None:
        """Print who may be written to, as CSV or JSON; the audit keeps how many they were."""
        standing = Standing.WITHDRAWN if withdrawn else Standing.OPTED_IN
        begins = None if since is None else since.replace(tzinfo=UTC)
        with refusals():
            with platform.sessions.write() as session:
                campaign_id = None if campaign is None else campaign_called(session, campaign).id
                sought = Sought(standing, campaign_id, begins)
                begin_export(session, None, sought, platform.clock())
            rows = exported(platform.sessions, None, sought, platform.clock)
            for line in lines(rows, Format(kind), withdrawn=withdrawn):
                click.echo(line, nl=False)

    return group

"""The command for the metrics."""

from __future__ import annotations

import click

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.delivery.figures import read_figures
from app.web.exposition import exposition


def metrics(platform: Platform) -> click.Command:
    """Give `flask metrics`."""

    @click.command("metrics")
    def command() -> None:
        """Print the figures that /metrics shows, as Prometheus reads them."""
        with refusals(), platform.sessions.read() as session:
            figures = read_figures(session, platform.lane_rules, platform.clock())
        click.echo(exposition(figures), nl=False)

    return command

"""Commands for mail that comes back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.incoming import incoming
from app.cli.refusals import refusals
from app.delivery.tracking import receive
from app.mail.bounces import LARGEST, read_bounce


def bounces(platform: Platform) -> AppGroup:
    """Give `flask bounces`."""
    group = AppGroup("bounces", help="Mail that comes back to BOUNCE_ADDRESS.")

    @group.command("ingest")
    @click.argument("maildir", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
    @click.option("--recipient", default="", help="The envelope's recipient of a mail on standard input.")
    def ingest(maildir: Path | None, recipient: str) -> None:
        """Read what is new in MAILDIR (which is then marked as seen), or one mail from standard input."""
        told: Counter[str] = Counter()
        for raw in incoming(maildir, LARGEST):
            told += _take_in(platform, raw, recipient)
        click.echo(
            f"{told['mails']} mails, {told['reports']} reports, {told['unattributed']} that nobody can attribute"
        )

    return group


def _take_in(platform: Platform, raw: bytes, recipient: str) -> Counter[str]:
    now = platform.clock()
    reports = read_bounce(raw, platform.links.mark, now, recipient=recipient)
    with refusals(), platform.sessions.write() as session:
        received = receive(session, reports, now, platform.random)
    return Counter(mails=1, reports=received.new, unattributed=received.unattributed)

"""Commands for the answers to letters."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.incoming import incoming
from app.cli.refusals import refusals
from app.mail.answers import LARGEST
from app.replies.inbox import Sorted
from app.replies.models import Answer
from app.replies.relay import Taken
from app.replies.report import figures


def replies(platform: Platform) -> AppGroup:
    """Give `flask replies`."""
    group = AppGroup("replies", help="Answers to letters: those that come to REPLY_ADDRESS, and what is known of them.")

    @group.command("ingest")
    @click.argument("maildir", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
    @click.option("--recipient", default="", help="The envelope's recipient of a mail on standard input.")
    def ingest(maildir: Path | None, recipient: str) -> None:
        """Pass on what is new in MAILDIR (which is then marked as seen), or one mail from standard input."""
        told: Counter[str] = Counter()
        for raw in incoming(maildir, LARGEST + 1):
            with refusals(), platform.sessions.write() as session:
                told[platform.inbox.take_in(session, raw, recipient, platform.clock())] += 1
        click.echo(_summary(told))

    @group.command("show")
    def show() -> None:
        """Print, for each campaign, to how many letters what is known to have come back."""
        with refusals(), platform.sessions.read() as session:
            found = figures(session)
        for slug, counted in sorted(found.items()):
            click.echo(
                f"{slug}: {counted[Answer.ANSWERED]} answered, {counted[Answer.AUTOMATIC]} automatic only, "
                f"{counted[Answer.NONE]} told to be without an answer"
            )

    return group


def _summary(told: Counter[str]) -> str:
    first = f"{told.total()} mails: {told[Taken.PASSED_ON]} passed on, {told[Taken.AUTOMATIC]} automatic"
    rest = [kind for kind in (*Sorted, *Taken) if kind not in (Taken.PASSED_ON, Taken.AUTOMATIC) and told[kind]]
    return ", ".join([first, *(f"{told[kind]} {kind}" for kind in rest)])

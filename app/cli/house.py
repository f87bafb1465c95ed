"""Commands for the whole house: schema, content, keys."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.content import ContentProblemsError, sync_content
from app.reporting.printer import MISSING
from app.rotation import rotate_keys
from app.schema import check as check_schema
from app.schema import upgrade as upgrade_schema


def prepare(platform: Platform) -> click.Command:
    """Give `flask prepare`."""

    @click.command("prepare")
    def command() -> None:
        """Bring the schema up to date and load letter_templates/ and targets/."""
        with refusals():
            upgrade_schema(platform.sessions.engine)
            _sync(platform, check=False)
        if not platform.printer.ready:
            click.echo(MISSING, err=True)

    return command


def db(platform: Platform) -> AppGroup:
    """Give `flask db`."""
    group = AppGroup("db", help="The database's schema.")

    @group.command("upgrade")
    def upgrade() -> None:
        """Bring the schema up to date."""
        with refusals():
            upgrade_schema(platform.sessions.engine)

    @group.command("check")
    def check() -> None:
        """Say how the schema differs from the models; exit 1 if it does."""
        with refusals():
            differences = check_schema(platform.sessions.engine)
        for difference in differences:
            click.echo(difference)
        sys.exit(1 if differences else 0)

    return group


def content(platform: Platform) -> AppGroup:
    """Give `flask content`."""
    group = AppGroup("content", help="Campaigns and target lists as files.")

    @group.command("sync")
    @click.option("--check", is_flag=True, help="Change nothing: print what would change, and every error.")
    def sync(*, check: bool) -> None:
        """Load letter_templates/ and targets/ into the database, whole or not at all."""
        with refusals():
            _sync(platform, check=check)

    return group


def keys(platform: Platform) -> AppGroup:
    """Give `flask keys`."""
    group = AppGroup("keys", help="The keys of personal fields.")

    @group.command("rotate")
    def rotate() -> None:
        """Rewrite with the newest key of FIELD_KEYS what older keys wrote."""
        with refusals():
            rewritten = rotate_keys(platform.sessions, platform.config.field_keys)
        click.echo(f"{rewritten} values rewritten")

    return group


def _sync(platform: Platform, *, check: bool) -> None:
    try:
        lines = sync_content(platform.sessions, platform.config, platform.clock(), check=check)
    except ContentProblemsError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    for line in lines:
        click.echo(line)

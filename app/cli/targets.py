"""Commands for the registry's targets: see what it knows of them, and say that an address is theirs."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.coverage import add_coverage
from app.cli.refusals import refusals
from app.cli.rings import ring_for
from app.cli.target_card import card
from app.cli.target_desk import add_decisions
from app.cli.target_imports import add_import
from app.delivery.release import release_all_verified, release_verified
from app.registrar.desk import Registrar
from app.targets.by_key import list_called, target_by_key, target_to_change
from app.targets.census import ListCount, lists_counted
from app.targets.freshness import day_of
from app.targets.verify import STAFF


def targets(platform: Platform) -> AppGroup:
    """Give `flask targets`."""
    group = AppGroup("targets", help="The registry of those who are written to.")
    add_import(group, platform)
    add_coverage(group, platform)
    _add_views(group, platform)
    _add_verify(group, platform)
    add_decisions(group, platform)
    return group


def _add_views(group: AppGroup, platform: Platform) -> None:
    @group.command("lists")
    def lists() -> None:
        """List the target lists: whom they have, where they come from, and the day that they describe."""
        with refusals(), platform.sessions.read() as session:
            for one in lists_counted(session, day_of(platform.clock())):
                click.echo(f"{one.slug}: {one.name}")
                click.echo(f"  {_counts(one)}")
                click.echo(f"  {one.source}, as of {one.as_of}, {one.licence}; kept by {one.keeper}")

    @group.command("show")
    @click.argument("list_slug", metavar="LIST")
    @click.argument("external_id", metavar="ID")
    def show(list_slug: str, external_id: str) -> None:
        """Tell all that is known of a target, and how it is known."""
        with refusals(), platform.sessions.read() as session:
            for line in card(session, target_by_key(session, list_slug, external_id)):
                click.echo(line)


def _counts(one: ListCount) -> str:
    targets = "1 target" if one.current == 1 else f"{one.current} targets"
    rare = ((one.overridden, "overridden"), (one.archived, "archived"), (one.removed, "removed by staff"))
    more = "".join(f", {number} {words}" for number, words in rare if number)
    return f"{targets}, {one.addressed} with an address, {one.verified} verified{more}"


def _add_verify(group: AppGroup, platform: Platform) -> None:
    @group.command("verify")
    @click.argument("list_slug", metavar="LIST")
    @click.argument("external_id", metavar="ID", required=False)
    @click.option("--all", "whole", is_flag=True, help="Every address of LIST that its source publishes now.")
    @click.option("--how", required=True, help="How the address, or with --all the source, was checked, in words.")
    @click.option("--by", default=STAFF, show_default=True, help="Who checked it.")
    def verify(list_slug: str, external_id: str | None, how: str, by: str, *, whole: bool) -> None:
        """Keep that a target's address was checked, and let go the letters that waited for it.

        With --all: that of everybody on LIST who is not verified. Addresses that come later, or change, are not.
        """
        if whole == (external_id is not None):
            raise click.UsageError("Name one target by its ID, or say --all.")
        if external_id is None:
            _verify_all(platform, list_slug, how, by)
        else:
            _verify_one(platform, list_slug, external_id, how, by)


def _verify_one(platform: Platform, list_slug: str, external_id: str, how: str, by: str) -> None:
    now = platform.clock()
    with refusals(), platform.sessions.write() as session:
        target = target_to_change(session, list_slug, external_id)
        Registrar(session, None, by, now).verify(target, how)
        released = release_verified(session, target.id, now)
    ring_for(platform, released)
    click.echo(f"verified; letters let go: {len(released)}")


def _verify_all(platform: Platform, list_slug: str, how: str, by: str) -> None:
    now = platform.clock()
    with refusals(), platform.sessions.write() as session:
        number = Registrar(session, None, by, now).verify_list(list_called(session, list_slug), how)
    with refusals():
        released = release_all_verified(platform.sessions, now)
    ring_for(platform, released)
    click.echo(f"addresses verified: {number}; letters let go: {len(released)}")

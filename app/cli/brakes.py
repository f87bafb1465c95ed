"""The kill switch as commands: `flask deliveries pause`, `resume` and `paused`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Platform
from app.campaigns.models import Campaign
from app.cli.refusals import refusals
from app.delivery.desk import AT_ONCE, held_for, release
from app.queue.brakes import brakes_listed, put_on, take_off
from app.queue.models import BrakeScope, Lane
from app.targets.models import Target, TargetList


@dataclass(frozen=True, slots=True)
class Subject:
    """What a brake stops, by its id, and what staff call it."""

    scope: BrakeScope
    id: int
    name: str


def _subject_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask for one subject, and hand the command a function that finds it."""

    @click.option("--everything", is_flag=True, help="All mail, notices to supporters too.")
    @click.option("--letters", is_flag=True, help="All letters.")
    @click.option("--campaign", metavar="SLUG", help="One campaign's letters.")
    @click.option("--lane", metavar="KEY", help="One receiving mail domain, or a mailbox set apart.")
    @click.option("--target", nargs=2, metavar="LIST ID", help="One target.")
    @functools.wraps(command)
    def with_subject(**values: Any) -> None:
        names = ("everything", "letters", "campaign", "lane", "target")
        given = {name: value for name in names if (value := values.pop(name))}
        if len(given) != 1:
            raise click.UsageError("Say one thing: --everything, --letters, --campaign, --lane or --target.")
        command(find=functools.partial(_find, *next(iter(given.items()))), **values)

    return with_subject


def _find(scope: str, value: Any, session: Session) -> Subject:
    match scope:
        case "campaign":
            found = session.scalar(select(Campaign.id).where(Campaign.slug == value))
        case "lane":
            found = session.scalar(select(Lane.id).where(Lane.key == value.lower()))
        case "target":
            by_list = select(Target.id).join(TargetList, TargetList.id == Target.list_id)
            found = session.scalar(by_list.where(TargetList.slug == value[0], Target.external_id == value[1]))
        case _:
            return Subject(BrakeScope(scope), 0, scope)
    name = " ".join(value) if scope == "target" else value
    if found is None:
        raise click.ClickException(f"There is no {scope} {name}.")
    return Subject(BrakeScope(scope), found, f"{scope} {name}")


def add_brakes(group: AppGroup, platform: Platform) -> None:
    """Add the commands to `flask deliveries`."""

    @group.command("pause")
    @_subject_options
    @click.option("--why", required=True, help="The reason, for those who come after.")
    def pause(find: Callable[[Session], Subject], why: str) -> None:
        """Stop mail from leaving, within two seconds; letters are still accepted, and wait."""
        with refusals(), platform.sessions.write() as session:
            subject = find(session)
            new = put_on(session, subject.scope, subject.id, why, platform.clock())
        click.echo(f"{subject.name} is paused" + ("" if new else " already"))

    @group.command("resume")
    @_subject_options
    def resume(find: Callable[[Session], Subject]) -> None:
        """Let it go on."""
        with refusals(), platform.sessions.write() as session:
            subject = find(session)
            was = take_off(session, subject.scope, subject.id)
        if subject.scope is BrakeScope.TARGET:
            _release_target(platform, subject.id)
        if was:
            platform.doorbell.ring(0)
        click.echo(f"{subject.name} goes on" if was else f"{subject.name} was not paused")

    @group.command("paused")
    def paused() -> None:
        """List what is paused, since when and why."""
        with refusals(), platform.sessions.read() as session:
            for brake in brakes_listed(session):
                click.echo(brake)


def _release_target(platform: Platform, target_id: int) -> None:
    """Queue what was held while its target was paused, some at a time."""
    while True:
        with refusals(), platform.sessions.write() as session:
            ids = held_for(session, "target_paused", target_id=target_id)
            release(session, ids, "the target goes on", platform.clock())
        if len(ids) < AT_ONCE:
            return
